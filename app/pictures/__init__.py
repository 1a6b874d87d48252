"""Signed, expiring picture URLs: the <image> of a mini program sends no headers."""
