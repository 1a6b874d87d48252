"""The database: engine, tables, scheduling and migrations."""
