"""Telling clients that a stylization has ended: webhooks, and WeChat's subscribe messages."""
