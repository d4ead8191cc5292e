"""What is SQLite's alone: its connections, its statements, its lock and its migrations."""
