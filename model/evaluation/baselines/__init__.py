"""Implementations of published methods, which run the weights of their authors."""
