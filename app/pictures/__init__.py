"""Signed, expiring picture addresses: the <image> of a mini program sends no headers."""
