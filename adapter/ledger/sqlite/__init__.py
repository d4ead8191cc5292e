"""The ledger's tables, connections and writer on SQLite."""
