"""Values that describe a style transfer; importable without a web framework or torch."""
