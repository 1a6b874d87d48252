"""Health, readiness, metrics, the configuration for clients, and maintenance of the queue."""
