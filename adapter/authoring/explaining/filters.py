"""What a filter such as `[?(@.name=='phone')]` could have chosen instead. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from adapter.authoring.explaining.render import Renderer
from adapter.authoring.explaining.spelling import is_same_word, near_keys
from adapter.authoring.key_words import is_body
from adapter.mapping.path_text import key_segment

_EQUALITY = re.compile(
    r"@\.(?P<keys>[\w-]+(?:\.[\w-]+)*)\s*==?\s*(?P<literal>'(?P<one>[^'\\]*)'|\"(?P<two>[^\"\\]*)\")"
)
_SHOWN = 8


def filter_name(segment: str) -> str | None:
    """Return the text that a filter compares with, if it is one alone."""
    equality = _the_equality(segment)
    if equality is None:
        return None
    return equality["two"] if equality["one"] is None else equality["one"]


def filter_told(segment: str, entries: Sequence[Any], renderer: Renderer) -> Iterator[str]:
    """Yield what the entries of a list have where a filter looked in vain."""
    equality = _the_equality(segment)
    if equality is None:
        return
    texts = _texts(entries, equality["keys"])
    if texts:
        yield f"@.{equality['keys']} is one of: {_listed(texts, renderer)}"
    else:
        keys = listed_keys(entries, renderer)
        yield f"no item has @.{equality['keys']}: they have the keys: {keys}"


def filter_choices(segment: str, entries: Sequence[Any]) -> Iterator[str]:
    """Yield filters that are near to this one: another spelling, or another key of the entries."""
    equality = _the_equality(segment)
    if equality is None:
        return
    wanted = filter_name(segment) or ""
    for text in near_keys(wanted, _texts(entries, equality["keys"])):
        yield segment.replace(equality["literal"], _literal(text))
    for key in _keys(entries):
        for text in _texts(entries, key):
            if text == wanted or is_same_word(text, wanted):
                yield f"[?(@{key_segment(key)}=={_literal(text)})]"


def listed_keys(entries: Sequence[Any], renderer: Renderer) -> str:
    """Return the keys that the objects among some values have, in order."""
    return _listed(_keys(entries), renderer)


def _the_equality(segment: str) -> re.Match[str] | None:
    found = list(_EQUALITY.finditer(segment))
    return found[0] if len(found) == 1 else None


def _texts(entries: Sequence[Any], keys: str) -> list[str]:
    found = (_walked(entry, keys.split(".")) for entry in entries)
    return list(dict.fromkeys(text for text in found if isinstance(text, str)))


def _walked(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _keys(entries: Sequence[Any]) -> list[str]:
    return list(
        dict.fromkeys(
            key
            for entry in entries
            if isinstance(entry, dict)
            for key in entry
            if isinstance(key, str) and not is_body(key)
        )
    )


def _literal(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _listed(words: Sequence[str], renderer: Renderer) -> str:
    shown = [renderer.text(word, 40) or '""' for word in words[:_SHOWN]]
    more = [f"… ({len(words)} in all)"] if len(words) > _SHOWN else []
    return ", ".join([*shown, *more]) or "none"
