"""A signing proxy between CRM webhooks and voice agents: every lead rung once."""
