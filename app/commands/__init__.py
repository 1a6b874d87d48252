"""The sub-commands of `dualtrans` that belong to the service; one file each."""
