"""Days and times of day as people write them. All raise ValueError."""

import re
from typing import Any

from adapter.agent import Span
from adapter.compiler.yaml.findings import did_you_mean

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

DAYS_EXPECTED = "expected days such as mon, mon-fri or tue,thu"
SPANS_EXPECTED = 'hours such as "09:00-20:00", or "09:00-13:00, 15:00-20:00"'
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})", re.ASCII)
_END_OF_DAY = 24 * 60


def read_days(text: str) -> list[int]:
    """Return weekdays, Monday 0: `mon`, `mon-fri`, `sat-mon`, `tue, thu`."""
    return [day for part in text.split(",") for day in _days(part.strip())]


def read_spans(value: Any) -> tuple[Span, ...]:
    """Return the spans of a day in order; a text has commas between them, and an end may be 24:00.

    A list without any is a day that is closed.
    """
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise ValueError(f"expected {SPANS_EXPECTED}")  # noqa: TRY004 - the file's promise
    spans = tuple(sorted(map(_span, parts), key=lambda span: span.start))
    for n in range(1, len(spans)):
        if spans[n].start < spans[n - 1].end:
            raise ValueError("expected hours that do not overlap")
    return spans


def _days(text: str) -> list[int]:
    first, dash, last = text.lower().partition("-")
    ends = [_day(each.strip(), text) for each in ([first, last] if dash else [first])]
    count = (ends[-1] - ends[0]) % 7 + 1
    return [(ends[0] + n) % 7 for n in range(count)]


def _day(name: str, text: str) -> int:
    if name not in DAYS:
        hint = did_you_mean(name, DAYS) if name else ""
        raise ValueError(f"{DAYS_EXPECTED}, found {text!r}{hint}")
    return DAYS.index(name)


def _span(part: Any) -> Span:
    match = _SPAN.fullmatch(part.strip()) if isinstance(part, str) else None
    if match is None:
        raise ValueError(f"expected {SPANS_EXPECTED}")
    start, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    if end <= start:
        raise ValueError(
            "expected an end after the beginning: past midnight write two spans, until 24:00, and"
            " from 00:00 on the next day"
        )
    return Span(start=start, end=end)


def _minutes(hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > _END_OF_DAY:
        raise ValueError("expected times from 00:00 to 24:00")
    return minutes
