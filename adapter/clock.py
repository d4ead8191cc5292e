"""Where time, jitter and random bytes come in; everything else takes them as arguments."""

import os
import random
import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the wall clock as an aware UTC datetime."""
    return datetime.now(UTC)


def jitter() -> float:
    """Return a random number from 0 up to 1, to spread retries."""
    return random.random()  # noqa: S311 - spreads load, protects nothing


def random_bytes(length: int) -> bytes:
    """Return `length` unpredictable bytes."""
    return os.urandom(length)


def iso(moment: datetime | None) -> str | None:
    """Write a moment as RFC 3339 in UTC with milliseconds and `Z`; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def steady_s() -> float:
    """Return seconds of a clock that nobody sets and that, on Linux, counts suspended time."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
