"""The presets: from which pictures their style codes are computed, and the command that does it."""
