"""The web service: takes pictures in, gives pictures out, never computes."""
