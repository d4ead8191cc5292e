"""Readers of values that several YAML keys share."""
