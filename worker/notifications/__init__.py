"""Senders for each notification channel."""
