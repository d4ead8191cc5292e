"""Dates as senders write them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from adapter.values.moments import read_last_moment, read_moment
from tests.harness.documents import DOCUMENTS

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-06T12:00:00Z",
        "2024-05-06t12:00:00z",
        " 2024-05-06T14:00:00+02:00 ",
        "2024-05-06T14:00:00+0200",
        "2024-05-06 14:00:00 +0200",
        "2024-05-06 12:00:00 UTC",
        "2024-05-06T12:00:00.000",
        "2024-05-06 12:00",
        "20240506120000",
        "1714996800",
        "1714996800.000",
        "1714996800000",
        1714996800,
        1714996800000,
        1714996800.0,
        Decimal("1714996800"),
    ],
)
def test_readable(value: Any) -> None:
    """ISO 8601 and epoch seconds or milliseconds are read; naive ones count as UTC."""
    assert read_moment(value) == NOON


def test_a_day_alone_is_its_first_moment() -> None:
    """Eight digits are a day, not seconds."""
    assert read_moment("20240506") == read_moment("2024-05-06") == datetime(2024, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "05/06/2024",
        "2024-13-01",
        "99999999",
        "0001-01-01T00:00:00+23:00",
        "9" * 18,
        "x" * 100,
        True,
        {},
        [],
        10**30,
        float("nan"),
        float("inf"),
        Decimal("1E+999999"),
    ],
)
def test_unreadable(value: Any) -> None:
    """What is no date is None."""
    assert read_moment(value) is None


@given(value=DOCUMENTS)
def test_any_value_is_utc_or_none(value: Any) -> None:
    """Nothing raises; what is read is aware, in UTC."""
    moment = read_moment(value)
    assert moment is None or moment.tzinfo is UTC


DAY = datetime(2024, 5, 6, tzinfo=UTC)
DAYS_MS = int(DAY.timestamp() * 1000)


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-06",
        " 2024-05-06 ",
        "20240506",
        "2024-W19-1",
        DAYS_MS,
        str(DAYS_MS),
        Decimal(DAYS_MS),
        float(DAYS_MS),
        DAYS_MS // 1000,
    ],
)
def test_a_day_without_a_time_ends_when_it_ends_everywhere(value: Any) -> None:
    """The last clocks that show it are twelve hours behind UTC."""
    assert read_moment(value) == DAY
    assert read_last_moment(value) == datetime(2024, 5, 7, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-06T00:00:00Z",
        "2024-05-06 00:00",
        "2024-05-06T00:00:00+02:00",
        "20240506000000",
        DAYS_MS + 1,
        DAYS_MS // 1000 + 60,
        str(DAYS_MS + 60_000),
        "soon",
        None,
    ],
)
def test_a_moment_with_a_time_is_that_moment(value: Any) -> None:
    """Midnight too, where the sender wrote it out."""
    assert read_last_moment(value) == read_moment(value)


def test_a_day_beyond_the_calendar_is_none() -> None:
    """It has no end."""
    assert read_last_moment(date.max.isoformat()) is None
    assert read_moment(date.max.isoformat()) == datetime.combine(date.max, time(), UTC)
