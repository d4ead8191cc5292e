"""Commands for who writes mappings: check, new, try, send, schema."""
