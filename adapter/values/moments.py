"""Dates as senders write them: ISO 8601, or seconds or milliseconds since 1970. Pure."""

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
# Eight digits are 20240506, fourteen 20240506103000: no sender counts seconds back to 1970.
_COMPACT = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}
_DAY_ALONE = re.compile(r"[0-9]{8}|[0-9]{4}-(?:[0-9]{2}-[0-9]{2}|W[0-9]{2}(?:-[0-9])?)", re.ASCII)
# The last zone is twelve hours behind UTC.
_UNTIL_IT_ENDS_EVERYWHERE = timedelta(days=1, hours=12)
# 1e11 seconds are the year 5138, 1e11 milliseconds 1973.
_FIRST_MS = Decimal("1e11")
_MAX_TEXT = 40


def read_moment(value: Any) -> datetime | None:
    """Return an aware UTC datetime; a naive date counts as UTC; None for what is no date."""
    moment = _from_value(value)
    if moment is None:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def read_last_moment(value: Any) -> datetime | None:
    """Return what `read_moment` does, but of a day without a time the end, where it ends last.

    Midnight UTC as seconds or milliseconds is such a day too: so HubSpot writes a date.
    """
    moment = read_moment(value)
    if moment is None or not _is_day_alone(value, moment):
        return moment
    try:
        return moment + _UNTIL_IT_ENDS_EVERYWHERE
    except OverflowError:
        return None


def parse_moment(text: str) -> datetime | None:
    """Return the date that the text writes, naive where it names no zone; None if unreadable."""
    text = text.strip()
    if len(text) > _MAX_TEXT:
        return None
    is_compact = text.isdecimal() and len(text) in _COMPACT
    if _NUMBER.fullmatch(text) and not is_compact:
        return _from_epoch(Decimal(text))
    return _from_iso(text)


def _is_day_alone(value: Any, moment: datetime) -> bool:
    text = value.strip() if isinstance(value, str) else ""
    if _DAY_ALONE.fullmatch(text):
        return True
    is_number = not isinstance(value, str) or _NUMBER.fullmatch(text) is not None
    return is_number and len(text) not in _COMPACT and moment.time() == time()


def _from_value(value: Any) -> datetime | None:
    if isinstance(value, str):
        return parse_moment(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        return _from_epoch(Decimal(repr(value) if isinstance(value, float) else value))
    except ArithmeticError:  # a NaN, which has no order
        return None


def _from_epoch(number: Decimal) -> datetime | None:
    seconds = number if abs(number) < _FIRST_MS else number / 1000
    try:
        return _EPOCH + timedelta(seconds=float(seconds))
    except OverflowError:
        return None


def _from_iso(text: str) -> datetime | None:
    text = re.sub(r"\s*(?:UTC|GMT|Z)$", "+00:00", text, flags=re.IGNORECASE)
    text = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", text)
    try:
        if text.isdecimal() and len(text) in _COMPACT:
            # The sender named no zone: the caller decides.
            return datetime.strptime(text, _COMPACT[len(text)])  # noqa: DTZ007 (naive on purpose)
        return datetime.fromisoformat(text)
    except ValueError:
        return None
