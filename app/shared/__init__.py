"""The ground that app and worker both stand on; no FastAPI and no torch in here."""
