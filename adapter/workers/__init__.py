"""Workers of the ledger: lanes that ring agents, and lanes that look records up."""
