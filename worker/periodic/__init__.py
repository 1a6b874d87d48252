"""Tasks that every worker repeats: reconciliation, retention, notifications, content checks, cloud mirror."""
