"""The revisions that bring a database to the current schema."""
