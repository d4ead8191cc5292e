"""YAML text → values with their places, variables replaced, problems collected."""
