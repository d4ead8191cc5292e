"""Which values of a document a script may want, and what to call them. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from adapter.authoring.drafting.choose.phones import NumberForm, form_of, is_phone_name
from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.drafting.read.vocabulary import (
    BOOKED,
    FORM,
    GENERIC,
    KINDS,
    MACHINES_TEXT,
    MACHINES_WORD,
    NAMED_THING,
    NUMBERED_KINDS,
    OFFERED,
    PRODUCTS,
    SECRET,
    SKIPPED,
    SKIPPED_ALONE,
    SKIPPED_PARTS,
    TITLES,
)
from adapter.authoring.key_words import COMPANY, FAX, STRANGER_OWN, words
from adapter.mapping.variable_names import variable_name_fault
from adapter.values.countries import country_code
from adapter.values.moments import read_moment

MAX_VARIABLES = 8
_MAX_TEXT = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class VariableChoice:
    """A variable: the leaf that it reads, or none where nobody knows; `joins` reads all matches."""

    name: str
    leaf: Leaf | None = None
    joins: str = ""
    kind: str = ""


def kind_of(leaf: Leaf) -> str:
    """Return what a value is of a person, by its key; "" where that says nothing."""
    name = leaf.name
    if is_phone_name(name) or (SECRET.search(name) and "company" not in name):
        return ""
    # Ninja Forms numbers its keys: `name_1`.
    plain = re.sub(r"_\d+$", "", name)
    return next(
        (
            kind
            for kind, pattern in KINDS.items()
            if pattern.fullmatch(plain if kind in NUMBERED_KINDS else name)
        ),
        "",
    )


def choose_variables(
    leaves: Sequence[Leaf], context: Leaf | None, needed: Sequence[str], used: Iterable[str]
) -> tuple[VariableChoice, ...]:
    """Return the variables: first all that the agent's script needs, then a handful more.

    `context` is a leaf of the call; `used` are the paths that the phone, the keys and guards read.
    """
    taken = set(used)
    within = [leaf for leaf in leaves if context is None or leaf.joins(context)]
    usable = [leaf for leaf in within if leaf.path not in taken and _is_usable(leaf)]
    found = _of_kinds(usable, context) | _products(leaves, context)
    more = {} if len(within) > 60 else _others(usable, found, context)
    offers = _ordered(found) | more
    chosen = [_supply(name, offers, usable) for name in needed]
    read = {choice.leaf.path for choice in chosen if choice.leaf is not None}
    names = {words(choice.name) for choice in chosen}
    for name, offer in offers.items():
        if len(chosen) >= max(MAX_VARIABLES, len(needed)):
            break
        if offer.leaf is not None and offer.leaf.path not in read and name not in names:
            chosen.append(offer)
    return tuple(chosen)


def _is_usable(leaf: Leaf) -> bool:
    around = f"{leaf.above}_{leaf.name}"
    if isinstance(leaf.value, bool) or leaf.value == [] or SECRET.search(leaf.name):
        return False
    if is_phone_name(leaf.name):
        return False
    if STRANGER_OWN.search(around) or FAX.search(leaf.name) or len(leaf.text) > _MAX_TEXT:
        return False
    return not COMPANY.search(leaf.above) or leaf.name in {"name", "company"}


def _of_kinds(usable: Sequence[Leaf], context: Leaf | None) -> dict[str, VariableChoice]:
    """Return the best leaf of each kind: one that is filled in, beside the phone, near the top."""
    near = _near_above(usable, context)
    best: dict[str, tuple[Any, Leaf]] = {}
    for leaf in usable:
        kind = kind_within(leaf)
        if not kind:
            continue
        rank = (
            *(not leaf.text, leaf.above not in near, len(leaf.texts)),
            *(_exactness(kind, leaf), len(leaf.place)),
        )
        if kind not in best or rank < best[kind][0]:
            best[kind] = (rank, leaf)
    leaves = {kind: leaf for kind, (_, leaf) in best.items()}
    beside = near | {leaf.above for leaf in leaves.values() if leaf.text}
    return {
        kind: VariableChoice(name=kind, leaf=leaf, kind=kind)
        for kind, leaf in leaves.items()
        if (leaf.text or leaf.above in beside) and _is_the_leads(kind, leaf, near, leaves)
    }


def _near_above(usable: Sequence[Leaf], context: Leaf | None) -> set[str]:
    """Return what stands above the phone, and above the list that it is an entry of."""
    if context is None:
        return set()
    below = context.place[len(context.root) :]
    at = next((n for n, key in enumerate(below) if not isinstance(key, str)), None)
    if at is None:
        return {context.above}
    holder = context.place[: len(context.root) + at - 1]
    return {context.above} | {leaf.above for leaf in usable if leaf.place[:-1] == holder}


def _is_the_leads(kind: str, leaf: Leaf, near: set[str], leaves: Mapping[str, Leaf]) -> bool:
    """Whether a `name` stands with the phone or the first name: anywhere else it is a thing's."""
    first = leaves.get("first_name")
    with_it = near | ({first.above} if first is not None else set())
    if kind != "name" or not with_it or leaf.above in with_it:
        return True
    return first is None and leaf.name != "name"


def kind_within(leaf: Leaf) -> str:
    """Return what a value is, by what it stands in too: a company's name is no person's."""
    if _is_offer(leaf):
        return "product"
    if leaf.name in {"start_time", "start"} and BOOKED.search(leaf.above):
        return "appointment"
    if COMPANY.search(leaf.above):
        return "company" if leaf.name == "name" else ""
    kind = kind_of(leaf)
    if kind == "name" and FORM.search(leaf.above):
        return "form"
    if kind == "name" and not _is_person(leaf):
        return ""
    return "" if kind and not _reads_as_words(leaf) else kind


def _is_offer(leaf: Leaf) -> bool:
    """Whether a name or title is that of what somebody ordered or booked."""
    is_ordered = leaf.each is not None and PRODUCTS.search(words(leaf.each)) is not None
    return leaf.name in TITLES and (is_ordered or OFFERED.search(leaf.above) is not None)


def _is_person(leaf: Leaf) -> bool:
    """Whether a `name` is a person's, not that of an order, an event or a form."""
    return not NAMED_THING.search(leaf.above) and not leaf.text.startswith("#")


def _exactness(kind: str, leaf: Leaf) -> int:
    return 0 if leaf.name.replace("_", "") == kind.replace("_", "") else 1


def _reads_as_words(leaf: Leaf) -> bool:
    """Whether somebody could say it: no number, link or date; nothing says nothing against it."""
    text = leaf.text
    if not text:
        return not isinstance(leaf.value, int | float)
    if not isinstance(leaf.value, str | list) or text[0] == "<":
        return False
    texts = leaf.value if isinstance(leaf.value, list) else [text]
    return all(
        "://" not in str(part) and "@" not in str(part) and any(s.isalpha() for s in str(part))
        for part in texts
    )


def _products(leaves: Sequence[Leaf], context: Leaf | None) -> dict[str, VariableChoice]:
    """Return the titles of what was ordered, where the call is not made of one of these."""
    each = context.each if context is not None else None
    for leaf in leaves:
        is_title = leaf.name in TITLES
        if each is None and leaf.each and PRODUCTS.search(words(leaf.each)) and is_title:
            return {
                "product": VariableChoice(name="product", leaf=leaf, joins=", ", kind="product")
            }
    return {}


def _ordered(found: Mapping[str, VariableChoice]) -> dict[str, VariableChoice]:
    return {kind: found[kind] for kind in KINDS if kind in found}


def _others(
    usable: Sequence[Leaf], found: Mapping[str, VariableChoice], context: Leaf | None
) -> dict[str, VariableChoice]:
    """Return the other texts that a person filled in, by their own keys."""
    read = {variable.leaf.path for variable in found.values() if variable.leaf is not None}
    others: dict[str, VariableChoice] = {}
    for leaf in usable:
        name = legal_name(leaf.name)
        if leaf.path in read or name in found or not name or not _is_answer(leaf, context):
            continue
        others.setdefault(name, VariableChoice(name=name, leaf=leaf))
    return others


def _is_answer(leaf: Leaf, context: Leaf | None) -> bool:
    if not leaf.text or (leaf.place[:-1] and not leaf.is_pair and _is_far(leaf, context)):
        return False
    if _is_skipped(leaf) or not _reads_as_words(leaf) or kind_of(leaf):
        return False
    if form_of(leaf.text, None) is NumberForm.VALID:
        return False
    is_code = re.fullmatch(r"[0-9A-Za-z_-]*\d[0-9A-Za-z_-]{5,}", leaf.text) is not None
    return not is_code and read_moment(leaf.text) is None and country_code(leaf.text) is None


def _is_skipped(leaf: Leaf) -> bool:
    """Whether it is nothing that a person wrote, or nothing that a voice should say."""
    if leaf.name in SKIPPED_ALONE or SKIPPED & set(leaf.name.split("_")):
        return True
    if SKIPPED_PARTS.search(leaf.name) or MACHINES_WORD.fullmatch(leaf.name):
        return True
    # In a pair the answer is a person's, chosen of a form's words.
    return not leaf.is_pair and MACHINES_TEXT.fullmatch(leaf.text) is not None


def _is_far(leaf: Leaf, context: Leaf | None) -> bool:
    """Whether a value stands in another object than the phone."""
    if context is None or leaf.key in GENERIC or context.key in GENERIC:
        # `phone: {title, value}`: what stands beside the number is about the number.
        return context is None or (leaf.place[:-2], leaf.key) != (context.place[:-2], context.key)
    return leaf.place[:-1] != context.place[:-1]


def legal_name(name: str) -> str:
    """Return a variable's name that is allowed (contract §3), or "" where nothing is left of it."""
    plain = re.sub(r"[^a-z0-9_]+", "_", name).strip("_")[:40].strip("_")
    if not any(sign.isalpha() for sign in plain):
        return ""
    plain = plain if not plain[0].isdecimal() else f"field_{plain}"
    return plain if variable_name_fault(plain) is None else f"lead_{plain}"


def _supply(
    name: str, offers: Mapping[str, VariableChoice], usable: Sequence[Leaf]
) -> VariableChoice:
    """Return what the script's variable most likely is; a variable without a leaf if unknown."""
    wanted = words(name)
    exact = [
        leaf
        for leaf in usable
        if _squeezed(leaf.name) == _squeezed(wanted) and not COMPANY.search(leaf.above)
    ]
    if exact and wanted not in KINDS:
        return VariableChoice(name=name, leaf=max(exact, key=lambda leaf: bool(leaf.text)))
    near = _near(wanted, offers)
    if near:
        return VariableChoice(
            name=name, leaf=offers[near].leaf, joins=offers[near].joins, kind=offers[near].kind
        )
    leaves = {leaf.name: leaf for leaf in usable if not COMPANY.search(leaf.above)}
    close = get_close_matches(wanted, leaves, n=1, cutoff=0.85)
    return VariableChoice(name=name, leaf=leaves[close[0]] if close else None)


def _near(wanted: str, offers: Mapping[str, VariableChoice]) -> str:
    if wanted in offers:
        return wanted
    kind = next((kind for kind, pattern in KINDS.items() if pattern.fullmatch(wanted)), "")
    kind = "name" if kind == "first_name" and kind not in offers else kind
    # Who asks for a name is content with the first one.
    kind = "first_name" if kind == "name" and kind not in offers else kind
    if kind in offers:
        return kind
    return next((name for name in offers if _squeezed(name) == _squeezed(wanted)), "")


def _squeezed(name: str) -> str:
    return name.replace("_", "")
