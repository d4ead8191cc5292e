"""The text of a drafted mapping and of its examples, with invented people."""
