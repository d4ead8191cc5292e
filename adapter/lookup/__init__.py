"""Between the ledger and the ring: the record that a webhook only names."""
