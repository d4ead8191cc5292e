"""What a draft takes of a request: phone, variables, guards, key, auth."""
