"""Holds, which keep calls back: paused and halted agents, sources, pace, blocked numbers."""
