"""Bytes to upright sRGB pictures and back, labels and text on pictures; Pillow only."""
