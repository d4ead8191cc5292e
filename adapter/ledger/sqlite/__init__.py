"""SQLite's own part of the ledger: its connections, its statements, its lock and its migrations."""
