"""A rendered landscape: a lake, snow mountains and a farmhouse."""
