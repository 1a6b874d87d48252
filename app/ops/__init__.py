"""For those who run it and those who build on it: health, readiness, the limits in force."""
