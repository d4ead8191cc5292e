"""adapter.yaml and mappings/*.yaml become one frozen Config, or every problem at once."""
