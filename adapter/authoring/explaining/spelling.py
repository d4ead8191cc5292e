"""Which of several keys was probably meant. Pure."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_LEAST_LIKENESS = 0.7
_MAX_LENGTH = 100
_MAX_KEYS = 500


def is_same_word(one: str, other: str) -> bool:
    """Whether two keys differ only in case and signs: `Phone Number`, `phone_number`."""
    return bool(_plain(one)) and _plain(one) == _plain(other)


def near_keys(wanted: str, keys: Iterable[str], limit: int = 3) -> list[str]:
    """Return the keys that are near to the wanted one, the nearest first, itself left out."""
    scored = [(_likeness(wanted, key), key) for key in list(keys)[:_MAX_KEYS] if key != wanted]
    near = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
    return [key for _, key in near[:limit]]


def _likeness(wanted: str, key: str) -> float:
    """Return 3 for the same word, 1.7 to 2 for a slip, 1 for a word more or less, 0 for others."""
    if len(key) > _MAX_LENGTH or not _plain(key):
        return 0.0
    if is_same_word(wanted, key):
        return 3.0
    ratio = max(_ratio(_plain(wanted), _plain(key)), _ratio(_sound(wanted), _sound(key)))
    if ratio >= _LEAST_LIKENESS:
        return 1.0 + ratio
    mine, theirs = _words(wanted), _words(key)
    return 1.0 if mine and (mine <= theirs or theirs <= mine) else 0.0


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _sound(key: str) -> str:
    """Return a key as it is heard: `fone` is a slip of `phone`, four letters or not."""
    return _plain(key).replace("ph", "f")


def _plain(key: str) -> str:
    return "".join(_WORD.findall(key)).casefold()


def _words(key: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(_HUMP.sub(" ", key))}
