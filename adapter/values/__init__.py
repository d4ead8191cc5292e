"""Values of the field: text, moments, phone numbers, time zones, units. Pure."""
