"""`Prefer: wait=10` (RFC 7240): how long a sender will wait for its calls to end."""

import re
from collections.abc import Sequence

MAX_WAIT_S = 60.0
_WAIT = re.compile(r'\s*wait\s*=\s*("?)([0-9]{1,9})\1\s*(?:;.*)?', re.IGNORECASE | re.DOTALL)


def wait_s(prefer_headers: Sequence[str]) -> float:
    """Return the first readable `wait` of all Prefer headers, in seconds up to 60; else 0."""
    preferences = (part for header in prefer_headers for part in header.split(","))
    matches = (match for part in preferences if (match := _WAIT.fullmatch(part)))
    return next((min(float(match[2]), MAX_WAIT_S) for match in matches), 0.0)
