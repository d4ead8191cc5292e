"""Where else in a document a number of the lead stands; nobody else's is ever advised. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from adapter.authoring.explaining.filters import filter_name
from adapter.authoring.explaining.places import places
from adapter.authoring.explaining.suggestions import Allowed, is_text
from adapter.authoring.key_words import COMPANY, strangers, words
from adapter.errors import MappingError
from adapter.mapping.path_text import is_filter, last_key, segments
from adapter.values.phone_numbers import read_phone
from adapter.values.text import to_text

_PHONE_KEY = re.compile(r"(?i)phone|mobil|m[oó]vil|^tel|cell|handy|gsm|whatsapp|number|num[eé]ro")
_MOST = 3


def is_for(written: Sequence[str]) -> Allowed:
    """Return whether a path names nobody whom the mapping's own paths do not name.

    Advice must never lead to the phone of an owner, an agent, a company.
    """
    named = frozenset().union(*(strangers(_keys(path)) for path in written))
    return lambda path: strangers(_keys(path)) <= named


def is_companys(path: str) -> bool:
    """Whether a path names a company: where one is sought, a person's name is no answer."""
    return any(COMPANY.search(words(key)) for key in _keys(path))


def may_be_number(value: Any) -> bool:
    """Whether somebody may have written a phone so, or a part of one: never a name."""
    return is_text(value) and any(sign.isdecimal() for sign in str(value))


def number_places(document: Any, written: Sequence[str], region: str) -> list[str]:
    """Return where numbers stand that could be rung, under keys that say so and are the lead's."""
    return list(islice(filter(is_for(written), _numbers(document, region)), _MOST))


def _numbers(document: Any, region: str) -> Iterator[str]:
    for place in places(document):
        if not _PHONE_KEY.search(place.key) or isinstance(place.value, bool | list | dict):
            continue
        try:
            read_phone(to_text(place.value), region or None)
        except MappingError:
            continue
        yield place.path


def _keys(path: str) -> Iterator[str]:
    """Yield the keys that a path names, and what its filters ask for."""
    for step in segments(path):
        key = filter_name(step) if is_filter(step) else last_key(step)
        if key:
            yield key
