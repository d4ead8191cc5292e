"""Who sends: checks of proofs. Pure."""
