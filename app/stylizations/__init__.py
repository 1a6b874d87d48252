"""Stylizations: create, read, wait, list, change, cancel and delete."""
