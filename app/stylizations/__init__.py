"""The heart: one upload, one picture back; create, follow, list, cancel, delete."""
