"""Turns queued rows into pictures; stands on `app.shared`, enters the model by `inference`."""
