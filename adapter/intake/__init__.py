"""Request to proven, decoded document: who sends it, and what it says."""
