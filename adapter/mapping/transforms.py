"""The `transform` steps of a variable: text → text, never an error. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapter.errors import CompileError
from adapter.mapping.patterns import compile_pattern, compile_replacement
from adapter.values.moments import parse_moment
from adapter.values.text import fold
from adapter.values.time_zones import suggest_time_zone

Change = Callable[[str], str]

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_NAME_PREFIX = re.compile(r"^([^\W_]['\u2019])([^\W_]{2,})$")
_UNSPOKEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", re.I | re.S)
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|em|font|i|mark|s|small|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>", re.I
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<![^<>]*>")
_DIRECTIVE = re.compile(r"%(-?.|$)", re.S)
_DIRECTIVES = frozenset("aAbBcdDeFfGHIjmMpRSTuUVwWxXyYzZ%")


@dataclass(frozen=True, kw_only=True, slots=True)
class Transform:
    """What it does to a text, and how the mapping writes it: `first_word`, `truncate: 200`."""

    name: str
    change: Change


def named_transform(name: str) -> Transform:
    """Return the transform of this name, or raise CompileError with the nearest one."""
    if name in NAMED_TRANSFORMS:
        return Transform(name=name, change=NAMED_TRANSFORMS[name])
    if name in TRANSFORMS_WITH_SETTING:
        raise CompileError(
            f"transform {name!r} needs a setting: write {TRANSFORMS_WITH_SETTING[name]}"
        )
    near = get_close_matches(name, NAMED_TRANSFORMS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(NAMED_TRANSFORMS)}"
    raise CompileError(f"unknown transform {name!r} ({hint})")


def date_transform(format: str, timezone: str | None) -> Transform:  # noqa: A002 (the mapping's word)
    """Write a date in a strftime format, in `timezone` if it has a zone; unreadable → `""`."""
    for directive in _DIRECTIVE.findall(format):
        if directive.removeprefix("-") not in _DIRECTIVES:
            raise CompileError(f"{format!r}: strftime has no %{directive}; for example %d/%m/%Y")
    zone = _zone(timezone) if timezone else None

    def write(text: str) -> str:
        moment = parse_moment(text)
        if moment is None:
            return ""
        try:
            shown = moment.astimezone(zone) if zone and moment.tzinfo else moment
            return shown.strftime(format)
        except (ValueError, OverflowError):
            return ""

    return Transform(name=f"date: {format}", change=write)


def replace_transform(pattern: str, replacement: str) -> Transform:
    r"""Replace each match of a regular expression; groups are `\1` or `\g<name>`.

    Only the first 1,000 characters are read and kept.
    """
    compiled = compile_replacement(compile_pattern(pattern), replacement)

    return Transform(name=f"replace: [{pattern}, {replacement}]", change=compiled.put)


def truncate_transform(length: int) -> Transform:
    """Keep the first `length` characters."""
    if length < 1:
        raise CompileError(f"truncate expects a length of 1 or more, found {length}")
    return Transform(name=f"truncate: {length}", change=lambda text: text[:length].rstrip())


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = suggest_time_zone(name)
        hint = f"did you mean {near}?" if near else "for example Europe/Madrid"
        raise CompileError(f"unknown timezone {name!r} ({hint})") from error


def _title(text: str) -> str:
    return _WORD.sub(lambda word: _capitalised(word[0]), text)


def _capitalised(word: str) -> str:
    # O'Brien and D'Angelo, but It's and I'm.
    prefix = _NAME_PREFIX.match(word)
    if prefix:
        return prefix[1].capitalize() + prefix[2].capitalize()
    return word.capitalize()


def _first_word(text: str) -> str:
    return next(iter(text.split()), "")


def _last_word(text: str) -> str:
    return next(reversed(text.split()), "")


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())


def _strip_html(text: str) -> str:
    text = _INLINE_TAG.sub("", _UNSPOKEN.sub(" ", text))
    return fold(_TAG.sub(" ", text))


# Every transform that takes no setting; readers, editors and docs take their names from here.
NAMED_TRANSFORMS: Mapping[str, Change] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": _title,
    "first_word": _first_word,
    "last_word": _last_word,
    "digits": _digits,
    "strip_html": _strip_html,
}
# Those with a setting, and how they are written.
TRANSFORMS_WITH_SETTING: Mapping[str, str] = {
    "date": '{date: "%d/%m/%Y"}',
    "replace": "{replace: [regex, text]}",
    "truncate": "{truncate: 200}",
}
