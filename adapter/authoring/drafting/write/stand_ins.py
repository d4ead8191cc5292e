"""What stands in an example for each value of the sample. Pure.

Whatever is not provably harmless is replaced, by something of the same kind.
"""

import re
from decimal import Decimal
from typing import Any

from adapter.authoring.drafting.choose.phones import NumberForm, form_of, is_phone_name
from adapter.authoring.drafting.choose.variables import kind_within
from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.drafting.read.vocabulary import (
    BOOLEANS,
    COUNTRY,
    CURRENCY,
    ENUMERATION,
    HARMLESS,
)
from adapter.authoring.drafting.write.invented_people import Cast
from adapter.values.countries import country_code

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://.*|www\..*", re.DOTALL)
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*")
MOMENT = "2026-03-02T08:59:00Z"
EPOCH_S = 1_772_441_940
_DATE_TEXT = "1990-01-31"
_LETTERS = "xyzuvwabcdefghijklmnopqrst"
# From the mark of an item to that of its substitute, which no item near it has.
_AWAY = 5


def stand_in(leaf: Leaf, value: Any, cast: Cast, region: str | None) -> Any:
    """Return what the example has in place of one scalar of the sample.

    Two items of a list are two people, whose ids differ too.
    """
    if value is None or isinstance(value, bool) or value in ("", 0, 1):
        return value
    if isinstance(value, str):
        return _text(leaf, value, cast, region)
    if is_phone_name(leaf.name) and form_of(f"{value}", region) >= NumberForm.LETTERS:
        return cast.phone(f"{value}", region)
    return _number(value, cast.number_of(leaf.each, leaf.root))


def _number(value: Any, number: int) -> Any:
    if re.fullmatch(r"1\d{9}(\d{3})?", str(value)):
        return EPOCH_S if value < 10**10 else EPOCH_S * 1000
    if isinstance(value, Decimal | float):
        return 1.5 if value != Decimal("1.5") else 2.5
    return int(_masked(str(abs(value)), number))


def _text(leaf: Leaf, text: str, cast: Cast, region: str | None) -> str:
    plain = text.strip()
    if not plain or is_harmless(leaf, plain) or _is_place(leaf, plain):
        return text
    number = cast.number_of(leaf.each, leaf.root)
    if _EMAIL.fullmatch(plain):
        return cast.email(number)
    if _is_phone(leaf, plain, region):
        return cast.phone(plain, region)
    for pattern, instead in (
        (_URL, "https://example.com/"),
        (_IP, "192.0.2.1"),
        (_MOMENT, moment_like(plain)),
        (_DATE, _DATE_TEXT if plain != _DATE_TEXT else "1991-01-31"),
    ):
        if pattern.fullmatch(plain):
            return instead
    if _is_code(plain):
        return _masked(plain, number)
    kind = kind_within(leaf)
    return cast.text(kind, number) if kind else f"{cast.mark} {_said(leaf, plain, number)}"


def is_harmless(leaf: Leaf, text: str) -> bool:
    """Whether a text says yes or no, or is one of few words that name no person: `type: lead`."""
    if text.casefold() in BOOLEANS:
        return True
    parts = re.split(r"[\W_]+", text.casefold())
    return ENUMERATION.search(leaf.name) is not None and all(part in HARMLESS for part in parts)


def _is_place(leaf: Leaf, text: str) -> bool:
    is_country = COUNTRY.search(leaf.name) is not None and country_code(text) is not None
    return is_country or (CURRENCY.search(leaf.name) is not None and len(text) == 3)


def _is_phone(leaf: Leaf, text: str, region: str | None) -> bool:
    form = form_of(text, region)
    if is_phone_name(leaf.name):
        return form >= NumberForm.LETTERS
    has_signs = not text.isdecimal() and form >= NumberForm.SHAPED
    return has_signs and text.startswith(("+", "(", "tel:", "00"))


def _is_code(text: str) -> bool:
    """Whether a text is an id, a key, a number: one word, with digits in it."""
    return not re.search(r"\s", text) and any(sign.isdecimal() for sign in text) and len(text) < 200


def _masked(text: str, number: int = 0) -> str:
    """Return a text of the same form: digits for digits, letters for letters, others per number."""
    first, second = (
        re.sub(r"[^\W\d_]", _LETTERS[n % len(_LETTERS)], re.sub(r"\d", f"{n % 9 + 1}", text))
        for n in (number, number + _AWAY)
    )
    return first if first != text else second


def _said(leaf: Leaf, text: str, number: int) -> str:
    """Return the words of a value's key, where they are not the value itself."""
    said = leaf.name.replace("_", " ")[:40].strip()
    is_new = said and said not in text.casefold() and not re.search(r"\d{5}", said)
    return f"{said if is_new else 'text'}{f' {number + 1}' if number else ''}"


def moment_like(text: str) -> str:
    """Return an invented time, with a zone where the sample's has one."""
    return MOMENT if re.search(r"(Z|[+-]\d\d:?\d\d)$", text) else MOMENT[:-1].replace("T", " ")
