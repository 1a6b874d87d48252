"""Notifications about finished stylizations: the outbox and the addresses that they may go to."""
