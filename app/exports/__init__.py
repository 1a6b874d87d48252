"""Exports of a user's history as lines of JSON."""
