"""Who is asking: keys, tokens, the development login, and how much one may ask for in a minute."""
