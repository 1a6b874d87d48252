"""The steps that bring a database to today's tables, and the room of Alembic."""
