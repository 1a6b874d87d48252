"""Users: API keys, logins and session tokens, the upload limit, erasure."""
