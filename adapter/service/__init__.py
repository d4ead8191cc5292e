"""Work beside the way of a lead: reloading, health, retention, signals."""
