"""What a captured document holds: its leaves, lists, words and countries."""
