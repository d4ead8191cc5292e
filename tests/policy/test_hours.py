"""Promises about calling hours: what is inside them, and when they open next."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.agent import CallingHours, Holidays, Span
from adapter.policy.hours import SEARCH_DAYS, open_s, opening, spread_s, zone_choices
from adapter.values.holidays import is_holiday
from tests.harness.effort import examples

MADRID, NEW_YORK, CANARY = "Europe/Madrid", "America/New_York", "Atlantic/Canary"
WEEKDAYS, EVERY_DAY = range(5), range(7)


def spans(*written: str) -> tuple[Span, ...]:
    """Return spans from texts such as 09:00-20:00."""
    return tuple(Span(start=_minutes(each[:5]), end=_minutes(each[6:])) for each in written)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def hours(
    days: Sequence[int], *written: str, holidays: Holidays | None = None, fallback: str = ""
) -> CallingHours:
    """Return the same spans on some days."""
    week = dict.fromkeys(days, spans(*written))
    return CallingHours(week=week, holidays=holidays, fallback=fallback)


def local(text: str, zone: str = MADRID, *, fold: int = 0) -> datetime:
    """Return a local wall-clock time as the ledger keeps moments: in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


OFFICE = hours(WEEKDAYS, "09:00-20:00")
SIESTA = hours(WEEKDAYS, "09:00-13:30", "15:00-20:00")
ALWAYS = hours(EVERY_DAY, "00:00-24:00")
NIGHT = hours(EVERY_DAY, "02:15-02:45")
ES_OFFICE = hours(EVERY_DAY, "09:00-20:00", holidays=Holidays(country="ES"))
MADRID_OFFICE = hours(EVERY_DAY, "09:00-20:00", holidays=Holidays(country="ES", subdivision="MD"))


@pytest.mark.parametrize(
    ("calling", "now", "opens"),
    [
        # 2026-03-02 is a Monday.
        (OFFICE, "2026-03-02T09:00", "2026-03-02T09:00"),
        (OFFICE, "2026-03-02T12:34:56.789", "2026-03-02T12:34:56.789"),
        (OFFICE, "2026-03-02T19:59:59.999", "2026-03-02T19:59:59.999"),
        (OFFICE, "2026-03-02T08:59:59.999", "2026-03-02T09:00"),
        (OFFICE, "2026-03-02T20:00", "2026-03-03T09:00"),
        (OFFICE, "2026-03-06T20:00", "2026-03-09T09:00"),
        (OFFICE, "2026-03-08T12:00", "2026-03-09T09:00"),
        (SIESTA, "2026-03-02T13:29", "2026-03-02T13:29"),
        (SIESTA, "2026-03-02T13:30", "2026-03-02T15:00"),
        (SIESTA, "2026-03-02T14:10", "2026-03-02T15:00"),
        (SIESTA, "2026-03-02T08:10", "2026-03-02T09:00"),
        (ALWAYS, "2026-03-02T23:59:59", "2026-03-02T23:59:59"),
        (hours([0], "22:00-24:00"), "2026-03-02T23:59", "2026-03-02T23:59"),
        (hours([0], "22:00-24:00"), "2026-03-03T00:00", "2026-03-09T22:00"),
        (hours([0, 1], "00:00-00:01"), "2026-03-02T23:00", "2026-03-03T00:00"),
        # The turn of the year, with a holiday that only one part of the country has.
        (OFFICE, "2025-12-31T20:00", "2026-01-01T09:00"),
        (ES_OFFICE, "2025-12-31T20:00", "2026-01-02T09:00"),
        (ES_OFFICE, "2026-05-02T10:00", "2026-05-02T10:00"),
        (MADRID_OFFICE, "2026-05-02T10:00", "2026-05-03T09:00"),
        # Clocks go forward on 2026-03-29: 02:00 is 03:00. The span of that night does not exist.
        (NIGHT, "2026-03-29T01:50", "2026-03-30T02:15"),
        (hours(EVERY_DAY, "02:30-04:00"), "2026-03-29T01:50", "2026-03-29T03:00"),
        (hours(EVERY_DAY, "09:00-10:00"), "2026-03-28T23:00", "2026-03-29T09:00"),
        (hours([0], "00:00-24:00"), "2026-03-29T00:10", "2026-03-30T00:00"),
        # Clocks go back on 2026-10-25: 03:00 is 02:00, and the span comes twice.
        (NIGHT, "2026-10-25T01:50", "2026-10-25T02:15"),
        (hours(EVERY_DAY, "09:00-10:00"), "2026-10-24T23:00", "2026-10-25T09:00"),
        (hours([0], "00:00-24:00"), "2026-10-25T00:10", "2026-10-26T00:00"),
    ],
)
def test_hours_open_on_the_walls_clock(calling: CallingHours, now: str, opens: str) -> None:
    """Inside is now, to the microsecond; outside, the next opening on the callee's clock."""
    assert opening(calling, [MADRID], local(now)) == local(opens)


def test_an_hour_that_comes_twice_opens_twice() -> None:
    """When clocks go back, the wall shows the span again, and it is open again."""
    first_end, second = local("2026-10-25T02:45"), local("2026-10-25T02:15", fold=1)
    assert second - first_end == timedelta(minutes=30)
    assert opening(NIGHT, [MADRID], first_end) == second


def test_a_span_that_the_clocks_fall_back_into_opens_at_that_moment() -> None:
    """At 03:00 it is 02:00 again, in the middle of a span that had ended."""
    calling = hours(EVERY_DAY, "01:30-02:30")
    falls_back = local("2026-10-25T02:00", fold=1)
    early = hours([6], "01:30-02:00", "02:00-02:10")
    assert opening(calling, [MADRID], local("2026-10-25T02:40")) == falls_back
    assert opening(early, [MADRID], local("2026-10-25T02:10")) == falls_back


@pytest.mark.parametrize(
    ("zones", "now", "opens"),
    [
        ([MADRID, CANARY], "2026-03-02T09:30", "2026-03-02T10:00"),
        ([MADRID, CANARY], "2026-03-02T10:00", "2026-03-02T10:00"),
        ([MADRID, CANARY], "2026-03-02T20:30", "2026-03-03T10:00"),
        ([MADRID, NEW_YORK], "2026-03-02T10:00", "2026-03-02T15:00"),
        # New York changes its clocks three weeks before Madrid does.
        ([MADRID, NEW_YORK], "2026-03-09T10:00", "2026-03-09T14:00"),
        ([NEW_YORK, MADRID], "2026-03-06T20:00", "2026-03-09T14:00"),
    ],
)
def test_every_zone_must_be_inside(zones: list[str], now: str, opens: str) -> None:
    """A number that may be in several zones is rung only at an hour that is good in all."""
    assert opening(OFFICE, zones, local(now)) == local(opens)


@pytest.mark.parametrize(
    ("calling", "zones"),
    [
        (OFFICE, []),
        (CallingHours(week={}), [MADRID]),
        (hours(EVERY_DAY, "09:00-17:00"), ["Asia/Kamchatka", "Europe/Kaliningrad"]),
    ],
)
def test_hours_that_never_open(calling: CallingHours, zones: list[str]) -> None:
    """No zone, no day, and zones without a common hour have no opening: nothing is guessed."""
    assert opening(calling, zones, local("2026-03-02T12:00")) is None


@pytest.mark.parametrize(
    ("calling", "at", "seconds"),
    [
        (OFFICE, "2026-03-02T09:00", 1200.0),
        (OFFICE, "2026-03-02T19:50", 600.0),
        (hours([0], "09:00-09:04"), "2026-03-02T09:00", 240.0),
        (OFFICE, "2026-03-02T08:00", 0.0),
    ],
)
def test_how_long_an_opening_lasts(calling: CallingHours, at: str, seconds: float) -> None:
    """Twenty minutes are as long as for ever: the spread asks for no more."""
    assert open_s(calling, [MADRID], local(at)) == seconds


@given(st.text(min_size=1), st.floats(min_value=0, max_value=1200))
def test_a_spread_ends_before_its_opening(key: str, seconds: float) -> None:
    """A call waits for at most five minutes, and a quarter of a short opening, always the same."""
    waited = spread_s(key, seconds)
    assert 0 <= waited <= min(300, seconds / 4)
    assert waited == spread_s(key, seconds)


def test_a_spread_is_even() -> None:
    """Of 10,000 calls no second of the five minutes gets more than twice its share."""
    rung = [0] * 300
    for n in range(10_000):
        rung[int(spread_s(f"call-{n}", 1200))] += 1
    assert min(rung) > 0
    assert max(rung) < 2 * 10_000 / 300


def test_a_spread_is_of_the_key() -> None:
    """The same phone book does not always ring in the same order: keys are calls, not people."""
    assert spread_s("a", 1200) != spread_s("b", 1200)


def _zones_of(phone: str) -> tuple[str, ...]:
    return {"+34612345678": (CANARY, MADRID), "+9990": ("Nowhere/Town", MADRID)}.get(phone, ())


@pytest.mark.parametrize(
    ("calling", "phone", "timezone", "choices"),
    [
        (OFFICE, "+34612345678", "", ((CANARY, MADRID),)),
        (OFFICE, "+34612345678", NEW_YORK, ((NEW_YORK,),)),
        (OFFICE, "+34612345678", "Nowhere/Town", ((CANARY, MADRID),)),
        (OFFICE, "+88216123456", "", ()),
        (OFFICE, "+9990", "", ()),
        (hours(EVERY_DAY, "09:00-10:00", fallback=MADRID), "+88216123456", "", ((MADRID,),)),
        (
            hours(EVERY_DAY, "09:00-10:00", fallback=MADRID),
            "+34612345678",
            "",
            ((CANARY, MADRID), (MADRID,)),
        ),
        (CallingHours(week={}, timezone=NEW_YORK), "+34612345678", "", ((NEW_YORK,),)),
        (CallingHours(week={}, timezone=NEW_YORK), "+34612345678", MADRID, ((MADRID,),)),
    ],
)
def test_whose_clock_counts(
    calling: CallingHours, phone: str, timezone: str, choices: tuple[tuple[str, ...], ...]
) -> None:
    """The mapping's zone, else the agent's, else all of the number's, else the fallback."""
    found = zone_choices(calling, phone=phone, timezone=timezone, zones_of=_zones_of)
    assert found == choices


ZONES = [
    MADRID,
    NEW_YORK,
    CANARY,
    "UTC",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Asia/Kathmandu",
    "America/St_Johns",
    "Africa/Casablanca",  # changes its clocks around Ramadan
    "America/Santiago",  # changes them at midnight
    "Pacific/Apia",
]
TIMES = st.integers(0, 96).map(lambda quarter: quarter * 15)


@st.composite
def days(draw: st.DrawFn) -> tuple[Span, ...]:
    """Draw up to two spans of a day that do not overlap."""
    times = sorted(draw(st.lists(TIMES, unique=True, max_size=4)))
    return tuple(Span(start=a, end=b) for a, b in zip(times[::2], times[1::2], strict=False))


WEEKS: st.SearchStrategy[Mapping[int, tuple[Span, ...]]] = st.dictionaries(
    st.integers(0, 6), days(), min_size=1
)
# Some begin just before the clocks change somewhere.
CHANGES = [
    datetime.fromisoformat(text)
    for text in (
        "2026-03-29T01:00",
        "2026-10-25T01:00",
        "2026-04-04T15:00",
        "2026-03-08T07:00",
        "2026-09-06T04:00",
        "2025-12-31T23:00",
    )
]
MOMENTS = st.datetimes(CHANGES[0] - timedelta(days=800), CHANGES[0] + timedelta(days=800))
MOMENTS |= st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-180, 180),
)


@given(
    WEEKS,
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True),
    MOMENTS,
    st.sampled_from([None, Holidays(country="ES"), Holidays(country="US", subdivision="CA")]),
)
@settings(deadline=None, max_examples=examples(60))
def test_an_opening_is_the_first_minute_inside(
    week: Mapping[int, tuple[Span, ...]],
    zones: list[str],
    moment: datetime,
    holidays: Holidays | None,
) -> None:
    """A clock that is read minute by minute, for three days, finds the same opening."""
    now = moment.replace(tzinfo=UTC)
    calling = CallingHours(week=week, holidays=holidays)
    found = opening(calling, zones, now)
    minute = now.replace(second=0, microsecond=0)
    scanned = [minute + timedelta(minutes=n) for n in range(3 * 24 * 60)]
    seen = next((at for at in scanned if _is_inside(calling, zones, at)), None)
    if seen is not None:
        assert found == max(seen, now)
    else:
        assert found is None or scanned[-1] < found < now + timedelta(days=SEARCH_DAYS)


def _is_inside(calling: CallingHours, zones: list[str], at: datetime) -> bool:
    return all(_is_inside_one(calling, at.astimezone(ZoneInfo(zone))) for zone in zones)


def _is_inside_one(calling: CallingHours, wall: datetime) -> bool:
    place, today = calling.holidays, date(wall.year, wall.month, wall.day)
    if place is not None and is_holiday(place.country, place.subdivision, today):
        return False
    minutes = wall.hour * 60 + wall.minute
    return any(span.start <= minutes < span.end for span in calling.week.get(wall.weekday(), ()))
