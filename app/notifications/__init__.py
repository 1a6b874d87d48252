"""Notifications about the end of a stylization: webhooks and WeChat subscribe messages."""
