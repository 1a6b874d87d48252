"""The HTTP API: stores photos, queues jobs for the workers, and returns results."""
