"""What decides when a call is claimed: one engine a tier."""
