"""Fitted style codes: a style code is improved by optimisation while the generator stays fixed."""
