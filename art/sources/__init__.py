"""Style pictures that the project draws itself."""
