"""What goes on beside a lead: reloading, health, retention, signals."""
