"""Numbers whose country, area and rest stand apart, or that lack their plus. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.drafting.read.vocabulary import AREA_CODE, CALLING_CODE, LOCAL_NUMBER, PHONE
from adapter.errors import MappingError
from adapter.model import Reason
from adapter.values.numbering_plans import is_calling_code
from adapter.values.phone_numbers import read_phone


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """A number in parts, as the template joins them."""

    number: Leaf
    parts: tuple[Leaf, ...]
    template: str


def without_plus(number: Leaf) -> Split:
    """Return an international number that a sender writes in digits alone."""
    return Split(number=number, parts=(number,), template=f"+{{{number.path}}}")


def split_phones(leaves: Sequence[Leaf]) -> list[Split]:
    """Return the numbers in parts that evidently belong together, in order of the document."""
    return [split for number in leaves if _is_rest(number) for split in _around(number, leaves)]


def is_part(leaf: Leaf, leaves: Sequence[Leaf]) -> bool:
    """Whether a value is no number without the parts that stand beside it."""
    if not _is_rest(leaf):
        return False
    area = _beside(leaf, leaves, AREA_CODE)
    return (area is not None and bool(area.text)) or any(True for _ in _around(leaf, leaves))


def _around(number: Leaf, leaves: Sequence[Leaf]) -> Iterator[Split]:
    code = _beside(number, leaves, CALLING_CODE)
    if code is None or not is_calling_code(code.text.lstrip("+")):
        return
    area = _beside(number, leaves, AREA_CODE)
    parts = tuple(part for part in (code, area, number) if part is not None)
    sign = "" if code.text.startswith("+") else "+"
    try:
        read_phone(sign + "".join(part.text for part in parts), None)
    except MappingError as error:
        # Invented numbers are given out nowhere; what does not even read is no such number.
        digits = sum(sign.isdecimal() for part in parts for sign in part.text)
        if error.reason != Reason.PHONE_INVALID or not 9 <= digits <= 15:
            return
    inserted = "".join(f"{{{part.path}}}" for part in parts)
    yield Split(number=number, parts=parts, template=sign + inserted)


def _is_rest(leaf: Leaf) -> bool:
    is_number = bool(leaf.text) and all(s.isdecimal() or s in " -." for s in leaf.text)
    is_phone = PHONE.search(f"{leaf.above}_{leaf.name}") is not None
    return is_number and is_phone and LOCAL_NUMBER.fullmatch(leaf.key) is not None


def _beside(number: Leaf, leaves: Sequence[Leaf], key: re.Pattern[str]) -> Leaf | None:
    for leaf in leaves:
        if leaf.place[:-1] != number.place[:-1] or leaf is number:
            continue
        is_code = leaf.text.lstrip("+").isdecimal() and len(leaf.text) <= 5
        if is_code and key.fullmatch(leaf.key):
            return leaf
    return None
