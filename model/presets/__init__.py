"""The source pictures of the presets, and the command that computes their style codes."""
