"""Decisions: may a call ring, when, and what does an answer prove? Pure."""
