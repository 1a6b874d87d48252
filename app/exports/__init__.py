"""One's own history to take away, as lines of JSON."""
