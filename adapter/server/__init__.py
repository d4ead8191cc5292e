"""Sockets and HTTP: listeners, the protocol's bounds, answers."""
