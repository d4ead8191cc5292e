"""A JSON value → text that a voice can read (contract §4 "Values"). Pure."""

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from html.entities import html5
from typing import Any

from adapter.errors import MappingError
from adapter.model import Reason

# Bounded, so that neither html.unescape nor int() meets thousands of digits.
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,40});")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Beyond a float's range: `1E+999999` would write a million digits.
_MAX_EXPONENT = 400


def fold(text: str) -> str:
    """Return the text trimmed, any run of white space and control characters as one space."""
    if text.isascii() and text.isprintable() and "  " not in text:  # most texts: nothing to fold
        return text.strip()
    if _LONE_SURROGATE.search(text):
        # Half a pair cannot be sent as UTF-8; two halves that meet become one character.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _BLANKS.sub(" ", text).strip()


def to_text(value: Any) -> str:
    """Return a scalar, null (`""`), or a list of scalars (`", "` between) as text.

    Anything else, and a number too large to write out, raises MappingError not_a_scalar.
    """
    if not isinstance(value, list):
        return scalar_text(value)
    return ", ".join(filter(None, map(scalar_text, value)))


def scalar_text(value: Any) -> str:
    """Return a string, number, boolean or null as text; raise MappingError for anything else."""
    if isinstance(value, str):
        return fold(_ENTITY.sub(_decoded, value) if "&" in value else value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number_text(value)
    kind = "a list" if isinstance(value, list) else "an object"
    raise MappingError(Reason.NOT_A_SCALAR, f"expected one value, found {kind}: name a key in it")


def texts_in(document: Any) -> Iterator[str]:
    """Yield every text of a document, its numbers and the names of its keys as text too."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.values(), *value]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
            yield value if isinstance(value, str) else str(value)


def _decoded(entity: re.Match[str]) -> str:
    name = entity[1]
    if name.startswith("#"):
        return html.unescape(entity[0])
    return html5.get(f"{name};", entity[0])


def _number_text(value: int | float | Decimal) -> str:
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
        raise MappingError(Reason.NOT_A_SCALAR, "the number is too large or too small to write")
    written = format(number, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def escaped(text: str) -> str:
    """Return the text with control characters and all else that has no shape as `\\u001b`."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _code(sign) for sign in text)


def _code(sign: str) -> str:
    number = ord(sign)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
