"""The pictures of the mini program's page on Nixi black pottery."""
