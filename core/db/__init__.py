"""The database: engine, tables by concern, scheduling, migrations."""
