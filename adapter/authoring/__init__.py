"""Tools for who writes mappings: drafts, explanations, trials; a lead never meets them."""
