"""The time filter of the console: a length back from now, a day, or a span of days."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapter.clock import iso
from adapter.errors import IntakeError
from adapter.values.units import read_duration

_DAY = r"\d{4}-\d{2}-\d{2}"
_DAYS = re.compile(rf"({_DAY})(?:\s*(?:\.\.|to)\s*({_DAY}))?")


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """The first moment and the one past the last, as the API takes them; "" is open."""

    since: str = ""
    until: str = ""


def read_time(text: str, now: datetime) -> TimeSpan:
    """Return the span of `2h`, `today`, `2026-03-02` or `2026-03-01..2026-03-03`, in UTC."""
    if not text:
        return TimeSpan()
    days = _DAYS.fullmatch(f"{now:%Y-%m-%d}" if text == "today" else text)
    try:
        if days is None:
            return TimeSpan(since=iso(now - read_duration(text)) or "")
        first = datetime.fromisoformat(days[1]).replace(tzinfo=UTC)
        last = datetime.fromisoformat(days[2] or days[1]).replace(tzinfo=UTC)
        return TimeSpan(since=iso(first) or "", until=iso(last + timedelta(days=1)) or "")
    except (ValueError, OverflowError):
        raise IntakeError(
            400,
            "That is no time",
            "Write `2h` or `3d` for a length back from now, `today`, a day as `2026-03-02`, or a "
            "span as `2026-03-01..2026-03-03`.",
        ) from None
