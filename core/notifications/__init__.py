"""Notifications about finished stylizations: the outbox, and the URLs that webhooks may have."""
