"""The console: pages of the admin listener for people, over the admin API alone."""
