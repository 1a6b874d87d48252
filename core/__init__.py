"""What the API, the workers and the command line share: settings, database, storage, queue, errors, logs, metrics."""
