"""An agent's limits at a moment: the gap between calls, and the day that is counted."""

from datetime import UTC, datetime

import pytest

from adapter.agent import Agent, CallingHours, Pace, Secret

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def agent(
    per_minute: int | None = None, per_day: int | None = None, hours: CallingHours | None = None
) -> Agent:
    """Return an agent with these limits."""
    return Agent(
        name="sales",
        endpoint="https://a.example.com",
        api_key=Secret("k"),
        secret=Secret("s"),
        hours=hours,
        max_per_minute=per_minute,
        max_per_day=per_day,
    )


def hours(timezone: str, fallback: str = "") -> CallingHours:
    """Return hours on this clock; when they begin does not matter here."""
    return CallingHours(week={}, timezone=timezone, fallback=fallback)


def test_no_limit_is_no_pace() -> None:
    """An agent without limits is claimed as fast as it answers."""
    assert agent().pace(NOON) == Pace()


@pytest.mark.parametrize(
    ("per_minute", "gap_s"), [(60, 1.0), (1, 60.0), (7, 8.572), (90_000, 0.001)]
)
def test_a_minute_is_shared_out(per_minute: int, gap_s: float) -> None:
    """Whole milliseconds, rounded so that a minute never has a call too many."""
    assert agent(per_minute).pace(NOON) == Pace(min_gap_s=gap_s)


DAYS = [
    (None, NOON, "2026-03-02", datetime(2026, 3, 3, tzinfo=UTC)),
    (hours("phone"), NOON, "2026-03-02", datetime(2026, 3, 3, tzinfo=UTC)),
    (hours("Asia/Tokyo"), NOON.replace(hour=15), "2026-03-03", NOON.replace(day=3, hour=15)),
    (hours("phone", "Asia/Tokyo"), NOON, "2026-03-02", NOON.replace(hour=15)),
    # The clocks change in this day: it has 23 hours, or 25.
    (
        hours("Europe/Madrid"),
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        "2026-03-29",
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    ),
    (
        hours("Europe/Madrid"),
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        "2026-10-25",
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    ),
    # There is no midnight on the day that summer begins in Beirut: the day begins at one.
    (
        hours("Asia/Beirut"),
        datetime(2026, 3, 28, 12, tzinfo=UTC),
        "2026-03-28",
        datetime(2026, 3, 28, 22, tzinfo=UTC),
    ),
    (hours("phone"), datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2026-12-31", None),
]


@pytest.mark.parametrize(("when", "now", "day", "next_day"), DAYS)
def test_a_day_is_one_of_the_agents_own_zone(
    when: CallingHours | None, now: datetime, day: str, next_day: datetime | None
) -> None:
    """Else of its fallback, else of UTC; the next one begins at its midnight."""
    pace = agent(per_day=9, hours=when).pace(now)
    assert (pace.max_per_day, pace.day) == (9, day)
    assert pace.next_day == (next_day or datetime(2027, 1, 1, tzinfo=UTC))
