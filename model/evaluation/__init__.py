"""The command `dualtrans evaluate`: stylize held-out pictures with several methods and compare."""
