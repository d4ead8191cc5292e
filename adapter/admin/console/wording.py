"""Values in the words of the pages: masked people, moments, states and what they mean."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapter.admin.meanings import (
    meaning_of_detail,
    meaning_of_outcome,
    meaning_of_reason,
    meaning_of_state,
)

_HIDDEN = "•"
_SHOWN_OF_VALUE = 1


def phone(e164: str | None, is_shown: bool) -> str:
    """Return a phone in groups, without its last two digits unless it is shown."""
    if not e164:
        return "no phone"
    spaced = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", " ", e164)
    if e164.startswith("+1") and len(e164) == 12:
        spaced = f"+1 {e164[2:5]} {e164[5:8]} {e164[8:]}"
    return spaced if is_shown else spaced[:-2] + _HIDDEN * 2


def value(text: str, is_shown: bool) -> str:
    """Return a value, or its first character alone: enough to tell an empty one from a full one."""
    return text if is_shown or not text else text[:_SHOWN_OF_VALUE] + _HIDDEN * 3


def moment(written: str | None) -> str:
    """Return an RFC 3339 time of the API as a person reads it, in UTC."""
    return f"{_read(written):%-d %b %Y, %H:%M:%S}" if written else "never"


def ago(written: str | None, now: datetime) -> str:
    """Return how long ago, or in how long, a time of the API is."""
    if not written:
        return ""
    seconds = (now - _read(written)).total_seconds()
    length = span(max(abs(seconds), 1))
    return f"{length} ago" if seconds >= 0 else f"in {length}"


def span(seconds: float) -> str:
    """Return a length of time in its largest unit."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def lasted(attempt: Mapping[str, Any]) -> float:
    """Return the seconds that an attempt of the API took."""
    return (_read(attempt["ended_at"]) - _read(attempt["started_at"])).total_seconds()


def _read(written: str) -> datetime:
    return datetime.fromisoformat(written)


FILTERS: Mapping[str, Any] = {
    "phone": phone,
    "value": value,
    "moment": moment,
    "ago": ago,
    "span": span,
    "lasted": lasted,
}
GLOBALS: Mapping[str, Any] = {
    "meaning_of_detail": meaning_of_detail,
    "meaning_of_outcome": meaning_of_outcome,
    "meaning_of_state": meaning_of_state,
    "meaning_of_reason": meaning_of_reason,
}
