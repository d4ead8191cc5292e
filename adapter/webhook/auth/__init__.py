"""Checks of the sender's proof. Pure."""
