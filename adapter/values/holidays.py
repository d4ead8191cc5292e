"""Public holidays by country and subdivision: the only importer of `holidays`. Pure."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache

import holidays


def is_holiday(country: str, subdivision: str, day: date) -> bool:
    """Whether a day is a public holiday, substitute days included; both codes must be known."""
    return day in _days_of(country, subdivision, day.year)


@cache
def subdivisions() -> Mapping[str, tuple[str, ...]]:
    """Return the ISO countries that have a calendar, each with the codes of its subdivisions."""
    return {
        country: tuple(codes)
        for country, codes in holidays.list_supported_countries(include_aliases=False).items()
    }


@lru_cache(maxsize=256)
def _days_of(country: str, subdivision: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
