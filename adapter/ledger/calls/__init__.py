"""The life of a call in the ledger: accepted, claimed, settled, looked up, replayed."""
