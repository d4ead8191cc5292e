"""Numbers of no country: satellites and networks in the sky and at sea. Pure."""

# A call to one costs a multiple: an agent rings it only where its `countries` has the code.
SATELLITE_CODES = ("+870", "+881", "+882", "+883")


def satellite_code(e164: str) -> str:
    """Return the code of a satellite's number, such as +881; "" for all others."""
    return next((code for code in SATELLITE_CODES if e164.startswith(code)), "")
