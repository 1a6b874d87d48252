"""Programs that draw the demonstration pictures of the project; not part of the installed package."""
