"""How good the painted pictures are: measures, and the command that takes them."""
