"""What works the ledger off: lanes that ring agents, and lanes that look records up."""
