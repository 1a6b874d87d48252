"""Programs that draw the demonstration pictures of the project. Not installed."""
