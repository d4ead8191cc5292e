"""Babel's names of countries and our aliases → the table of adapter/values/countries.py."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import phonenumbers
from babel import localedata
from babel.core import get_global

from adapter.values.countries import TWICE, name_key

ALIASES = Path(__file__).with_name("country_aliases.txt")
# Territories with a name of their own and the numbers of another.
_NUMBERED_AS: Mapping[str, str] = {"IC": "ES", "EA": "ES", "DG": "IO", "CQ": "GG"}
_MORE_CODES: Mapping[str, str] = {"UK": "GB", "XKX": "XK"}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def country_table() -> str:
    """Return the whole file: a line a country, its names in order, and one of unclear names."""
    codes = _codes()
    countries_of: dict[str, set[str]] = defaultdict(set)
    written_so: set[str] = set()
    for name, code in (*_babel_names(), *_aliases()):
        countries_of[name_key(name)].add(code)
        written_so.add(name.casefold())
    names_of: dict[str, list[str]] = defaultdict(list)
    for key, countries in sorted(countries_of.items()):
        # `nga` is Russia in Vietnamese and Nigeria's code; `ao` is Austria only with its accent.
        is_other_code = key in written_so and codes.get(key.upper()) not in {None, *countries}
        is_unclear = len(countries) > 1 or is_other_code
        names_of[TWICE if is_unclear else min(countries)].append(key)
    written: dict[str, list[str]] = defaultdict(list)
    for code, country in sorted(codes.items()):
        if code != country:
            written[country].append(code)
    lines = [_line(TWICE, [], names_of[TWICE])]
    lines += [_line(each, written[each], names_of[each]) for each in sorted(_countries())]
    return "".join(lines)


def _line(country: str, codes: list[str], names: list[str]) -> str:
    return f"{' '.join([country, *codes])}|{'|'.join(names)}|\n"


def _countries() -> frozenset[str]:
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def _codes() -> dict[str, str]:
    """Return all codes, of two and three letters, by the country that they stand for."""
    found = {code: code for code in _countries()}
    for code, meant in get_global("territory_aliases").items():
        if len(code) == 3 and code.isalpha() and len(meant) == 1 and meant[0] in found:
            found[code] = meant[0]
    return found | dict(_MORE_CODES)


def _babel_names() -> Iterator[tuple[str, str]]:
    """Yield every name of every language with its country, with what people leave out of it."""
    for locale in localedata.locale_identifiers():
        names = localedata.load(locale, merge_inherited=False).get("territories", {})
        localedata._cache.clear()  # all languages at once would be 250 MB
        for code, name in names.items():
            country = _NUMBERED_AS.get(code, code)
            if country not in _countries():
                continue
            yield name, country
            yield name.partition("(")[0], country
            if locale.startswith("de"):
                yield name.translate(_UMLAUTS), country


def _aliases() -> Iterator[tuple[str, str]]:
    for line in ALIASES.read_text(encoding="utf-8").splitlines():
        code, colon, names = line.partition(": ")
        if colon and not line.startswith("#"):
            yield from ((name, code) for name in names.split("; "))
