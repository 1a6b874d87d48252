"""Processes queued rows: claims them, runs the model and stores the results."""
