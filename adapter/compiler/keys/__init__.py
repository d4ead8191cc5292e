"""One YAML key, one file: its shape, its text, and its compiling."""
