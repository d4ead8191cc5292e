"""YAML files → one frozen Config, or every problem at once."""
