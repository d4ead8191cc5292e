"""An agent's limits as what a claim must keep at a moment. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from math import ceil
from zoneinfo import ZoneInfo

from adapter.agent import Agent, CallingHours, Pace
from adapter.policy.hours import PHONE

_MINUTE_MS = 60_000


def pace_of(agent: Agent, now: datetime) -> Pace:
    """Return the least gap between two claims, and how many the agent's present day allows.

    A minute's calls are spread over it, so that no pause is made up for by a burst. A day is one
    of the agent's own zone, or of its fallback zone, or of UTC.
    """
    per_minute = agent.max_per_minute
    # Whole milliseconds, as the ledger keeps time, and never a call too many.
    min_gap_s = ceil(_MINUTE_MS / per_minute) / 1000 if per_minute else 0.0
    if agent.max_per_day is None:
        return Pace(min_gap_s=min_gap_s)
    zone = _zone(agent.hours)
    day = now.astimezone(zone).date()
    next_day = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return Pace(
        min_gap_s=min_gap_s,
        max_per_day=agent.max_per_day,
        day=day.isoformat(),
        next_day=next_day,
    )


def _zone(hours: CallingHours | None) -> tzinfo:
    if hours is None:
        return UTC
    name = hours.fallback if hours.timezone == PHONE else hours.timezone
    return ZoneInfo(name) if name else UTC
