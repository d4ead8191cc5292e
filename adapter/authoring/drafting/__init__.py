"""A captured request → the draft of a mapping for it."""
