"""An agent's calling hours on the callee's clock, and their next opening. Pure.

Inside this file time is a count of whole minutes since 1970 in UTC: hours begin, and zones change
their offset, on whole minutes.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from adapter.agent import PHONE, CallingHours, Holidays, Span
from adapter.values.holidays import is_holiday
from adapter.values.time_zones import is_time_zone

SEARCH_DAYS = 40
SPREAD_S = 300.0
SPREAD_SHARE = 0.25  # of the opening: a short one must not end before its last call

_DAY = 24 * 60
_MINUTE = timedelta(minutes=1)
_EPOCH = date(1970, 1, 1)
# An opening that lasts longer than this spreads its calls no further.
_LONG_MINUTES = round(SPREAD_S / SPREAD_SHARE / 60)


def opening(hours: CallingHours, zones: Sequence[str], now: datetime) -> datetime | None:
    """Return `now` if it is inside the hours in every zone, else the first minute that is.

    None if there is none within 40 days, or if there is no zone.
    """
    days, minute = _days(hours), _minute(now)
    if not zones:
        return None
    if _is_open(days, zones, minute):
        return now
    # Asked from the hour's beginning, one search serves a whole hour of calls.
    found = _first_open(days, tuple(zones), minute - minute % 60)
    if found is not None and found < minute:
        found = _first_open(days, tuple(zones), minute + 1)
    return None if found is None else datetime.fromtimestamp(found * 60, UTC)


def open_s(hours: CallingHours, zones: Sequence[str], at: datetime) -> float:
    """Return for how many seconds from `at` on every zone stays inside, up to 20 minutes."""
    days, minute = _days(hours), _minute(at)
    open_minutes = (n for n in range(_LONG_MINUTES) if not _is_open(days, zones, minute + n))
    return 60.0 * next(open_minutes, _LONG_MINUTES)


def spread_s(key: str, open_for_s: float) -> float:
    """Return how long after an opening a call rings: its key decides, evenly over all keys.

    An opening of `open_for_s` spreads its calls over a quarter of that, 5 minutes at most.
    """
    share = int.from_bytes(sha256(key.encode()).digest()[:6]) / 2**48
    return share * min(SPREAD_S, SPREAD_SHARE * open_for_s)


def zone_choices(
    hours: CallingHours, *, phone: str, timezone: str, zones_of: Callable[[str], tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    """Return the zones that must all be inside; of several choices the first that ever opens.

    `timezone` is what the mapping found, and an invalid one counts as none; `zones_of` names the
    zones that a number may be in. No choice: nobody knows what time it is there.
    """
    if is_time_zone(timezone):
        return ((timezone,),)
    if hours.timezone != PHONE:
        return ((hours.timezone,),)
    zones = zones_of(phone)
    candidates = zones if all(map(is_time_zone, zones)) else ()
    fallback = (hours.fallback,) if hours.fallback else ()
    return tuple(choice for choice in (candidates, fallback) if choice)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Days:
    """Calling hours less their zones: hashable, so that many calls can share one search."""

    week: tuple[tuple[Span, ...], ...]
    holidays: Holidays | None

    def spans(self, day: int) -> tuple[Span, ...]:
        """Return the spans of a local day, counted from 1970."""
        spans = self.week[(day + _EPOCH.weekday()) % 7]
        if not spans or self.holidays is None:
            return spans
        local = date.fromordinal(day + _EPOCH.toordinal())
        closed = is_holiday(self.holidays.country, self.holidays.subdivision, local)
        return () if closed else spans


def _days(hours: CallingHours) -> _Days:
    return _Days(week=tuple(hours.week.get(n, ()) for n in range(7)), holidays=hours.holidays)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


@lru_cache(maxsize=4096)
def _first_open(days: _Days, zones: tuple[str, ...], minute: int) -> int | None:
    """Return the first minute from `minute` on that is inside in every zone.

    Each zone's next minute inside is a lower bound of it: go to the latest of them, until all
    agree.
    """
    end = minute + SEARCH_DAYS * _DAY
    while minute < end:
        latest = max(_next_inside(days, ZoneInfo(zone), minute, end) for zone in zones)
        if latest == minute:
            return minute
        minute = latest
    return None


def _is_open(days: _Days, zones: Sequence[str], minute: int) -> bool:
    return all(_is_inside(days, ZoneInfo(zone), minute) for zone in zones)


def _is_inside(days: _Days, zone: ZoneInfo, minute: int) -> bool:
    day, at = divmod(minute + _offset(zone, minute), _DAY)
    return any(span.start <= at < span.end for span in days.spans(day))


def _next_inside(days: _Days, zone: ZoneInfo, minute: int, end: int) -> int:
    while minute < end and not _is_inside(days, zone, minute):
        minute = _next_change(days, zone, minute)
    return min(minute, end)


def _next_change(days: _Days, zone: ZoneInfo, minute: int) -> int:
    """Return when the zone may next come inside: a span's start, midnight, or a clock change."""
    offset = _offset(zone, minute)
    day, at = divmod(minute + offset, _DAY)
    starts = (span.start for span in days.spans(day) if span.start > at)
    change = minute - at + min(starts, default=_DAY)
    if _offset(zone, change) == offset:
        return change
    # The clocks change before that: spans begin on the wall's clock, so look again from there.
    between = range(minute + 1, change)
    return between.start + bisect_left(between, True, key=lambda m: _offset(zone, m) != offset)


def _offset(zone: ZoneInfo, minute: int) -> int:
    """Return how many minutes a zone's clocks are ahead of UTC."""
    local = datetime.fromtimestamp(minute * 60, zone)
    return (local.replace(tzinfo=UTC) - local) // _MINUTE
