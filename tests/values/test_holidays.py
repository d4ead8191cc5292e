"""Public holidays, of a country or of a part of it."""

from datetime import date

import pytest

from adapter.values.holidays import is_holiday, subdivisions


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "is_closed"),
    [
        ("ES", "", date(2026, 1, 1), True),
        ("ES", "", date(2026, 1, 2), False),
        ("ES", "", date(2026, 9, 11), False),
        ("ES", "CT", date(2026, 9, 11), True),
        ("GB", "SCT", date(2026, 11, 30), True),
        ("GB", "ENG", date(2026, 11, 30), False),
        ("US", "", date(2027, 12, 31), True),  # New Year's Day 2028 is a Saturday
    ],
)
def test_holidays_are_those_of_the_place(
    country: str, subdivision: str, day: date, is_closed: bool
) -> None:
    """Regional and substitute days count, and those of the year's other end."""
    assert is_holiday(country, subdivision, day) is is_closed


def test_countries_have_their_parts() -> None:
    """Every country is named by its ISO code, not by an alias."""
    known = subdivisions()
    assert {"ENG", "SCT"} <= set(known["GB"])
    assert "UK" not in known
