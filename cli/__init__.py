"""The `dualtrans` command: one module for each sub-command."""
