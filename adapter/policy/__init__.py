"""What may ring, when, and what an answer proves. Pure."""
