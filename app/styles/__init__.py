"""Styles: the presets and the users' own styles."""
