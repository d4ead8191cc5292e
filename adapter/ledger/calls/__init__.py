"""What happens to a call in the ledger: accepted, claimed, settled, looked up, replayed."""
