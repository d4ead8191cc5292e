"""Which country a document states. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapter.authoring.drafting.read.leaves import Leaf, Place
from adapter.authoring.drafting.read.vocabulary import COUNTRY, ELSEWHERE
from adapter.authoring.key_words import COMPANY, STRANGER_OWN
from adapter.values.countries import country_code


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """Where the country stands; `code` is what it says, None where it is empty or unknown."""

    leaf: Leaf
    code: str | None = None


def stated_region(leaves: Sequence[Leaf], phone: Leaf) -> Stated | None:
    """Return the lead's country where the document has a place for it, the nearest to the phone."""
    found = [leaf for leaf in leaves if leaf.joins(phone) and _is_country(leaf)]
    if not found:
        return None
    nearest = max(found, key=lambda leaf: (bool(leaf.text), _shared(leaf.place, phone.place)))
    return Stated(leaf=nearest, code=country_code(nearest.text))


def _is_country(leaf: Leaf) -> bool:
    around = f"{leaf.above}_{leaf.name}"
    if not COUNTRY.search(leaf.name) or ELSEWHERE.search(around):
        return False
    if STRANGER_OWN.search(around) or COMPANY.search(around):
        return False
    # A calling code is no country: `{country: "34", phone: …}`.
    is_text = isinstance(leaf.value, str) or leaf.value is None
    return is_text and not any(sign.isdecimal() for sign in leaf.text)


def _shared(one: Place, other: Place) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
