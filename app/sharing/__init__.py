"""Share links and posters of stylizations."""
