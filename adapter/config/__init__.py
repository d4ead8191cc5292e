"""adapter.yaml and its mappings as they run: one frozen Config with its sources. Pure."""
