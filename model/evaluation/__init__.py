"""The command `dualtrans evaluate`: stylise held-out pictures with several methods and compare."""
