"""What can be chosen: the presets that ship, and a user's own style pictures."""
