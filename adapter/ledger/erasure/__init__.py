"""What leaves the ledger: what is old, and who wants to be forgotten."""
