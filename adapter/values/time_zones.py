"""Which names of time zones there are (IANA), and which was probably meant. Pure."""

from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

# These name the machine's own zone, or none: they say nothing of the person called.
_NOT_A_PLACE = frozenset({"localtime", "posixrules", "Factory"})


def is_time_zone(name: str) -> bool:
    """Whether the text is the name of a time zone, such as Europe/Madrid, letter for letter."""
    return name in _names()


def suggest_time_zone(text: str) -> str | None:
    """Return the name that was probably meant: madrid → Europe/Madrid; None if it is like none."""
    wanted = text.strip().casefold().replace(" ", "_")
    spellings = _spellings()
    near = get_close_matches(wanted, spellings, n=1, cutoff=0.8)
    return spellings[near[0]] if near else None


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOT_A_PLACE


@cache
def _spellings() -> dict[str, str]:
    """Return names by what people write: the whole name, and the city alone, in lower case."""
    names = sorted(_names())
    cities = {name.rpartition("/")[2].casefold(): name for name in names}
    return cities | {name.casefold(): name for name in names}
