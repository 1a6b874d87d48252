"""For those who run it and those who build on it: health, numbers, the queue, limits in force."""
