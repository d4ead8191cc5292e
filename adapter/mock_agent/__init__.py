"""A voice agent for this machine: verifies signatures, and answers as its script says."""
