"""The wait before the next attempt. Pure: the caller brings time and jitter."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FLOOR_S = 1.0
CEILING_S = 300.0
MAX_RETRY_AFTER_S = 86_400.0
_DOUBLINGS = 9  # 2**9 s is past the ceiling; stopping here keeps the power small
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


def backoff_s(attempt: int, jitter: float) -> float:
    """Return seconds to wait after the attempt of this number (1 is the first).

    Full jitter: with `jitter` uniform in [0, 1] the wait is uniform between 1 s and a bound that
    doubles from 2 s up to 5 min.
    """
    bound_s = min(CEILING_S, 2.0 ** min(attempt, _DOUBLINGS))
    return FLOOR_S + jitter * (bound_s - FLOOR_S)


def retry_after_s(text: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, between 0 and 24 h.

    Reads seconds and HTTP dates (RFC 9110 §10.2.3); None where there is nothing readable.
    """
    if text is None:
        return None
    wanted_s = _seconds(text.strip(), now)
    return None if wanted_s is None else min(max(wanted_s, 0.0), MAX_RETRY_AFTER_S)


def _seconds(text: str, now: datetime) -> float | None:
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # asctime dates carry no zone; HTTP means UTC
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return (aware - now).total_seconds()
