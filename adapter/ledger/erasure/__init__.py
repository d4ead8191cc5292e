"""Erasure: old webhooks and their calls go, and people who want to be forgotten."""
