"""document → calls: paths, values, guards, phone, and the compiled mapping. Pure."""
