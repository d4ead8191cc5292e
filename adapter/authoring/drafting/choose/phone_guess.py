"""A sample without a phone of the lead: where one would stand, and whose was passed over. Pure."""

from collections.abc import Sequence

from adapter.authoring.drafting.choose.phones import NumberForm, form_of, is_phone_name
from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.drafting.read.vocabulary import KINDS, LEAD, NAME_GROUPS, NAME_PARTS
from adapter.authoring.key_words import COMPANY, STRANGER_OWN, words
from adapter.mapping.path_text import child_path

_MOST = 3


def passed_over(leaves: Sequence[Leaf], region: str | None) -> tuple[Leaf, ...]:
    """Return up to three numbers that are a company's, or an owner's and the like, by their keys.

    Of the leads of a list the first tells for all.
    """
    found = {
        leaf.whole_path: leaf
        for leaf in reversed(leaves)
        if is_phone_name(leaf.name) and not isinstance(leaf.value, bool)
        if is_company(leaf) or STRANGER_OWN.search(_around(leaf))
        if form_of(leaf.text, region) >= NumberForm.LETTERS
    }
    return tuple(reversed(found.values()))[:_MOST]


def is_company(leaf: Leaf) -> bool:
    """Whether a number is that of the lead's company, which may be the one to ring."""
    around = _around(leaf)
    return COMPANY.search(around) is not None and STRANGER_OWN.search(around) is None


def guessed_place(leaves: Sequence[Leaf]) -> tuple[Leaf, ...]:
    """Return a leaf that is not there, or none: `$.properties.phone.value` beside `firstname`."""
    for leaf in leaves:
        keys = [str(key) for key in leaf.place[len(leaf.root) :]]
        wrap = ["value"] if keys[-1:] == ["value"] else []
        keys = keys[: len(keys) - len(wrap)]
        if not keys or leaf.is_pair or not _is_the_leads_name(leaf, words(keys[-1])):
            continue
        above = keys[:-1]
        # `name: {first, last}` is a name as a whole: a phone stands beside it, not in it.
        above = above[:-1] if above and words(above[-1]) in NAME_GROUPS else above
        return (_beside(leaf, [*above, "phone", *wrap]),)
    return ()


def _is_the_leads_name(leaf: Leaf, own: str) -> bool:
    around = _around(leaf)
    if COMPANY.search(around) or STRANGER_OWN.search(around):
        return False
    if any(KINDS[kind].fullmatch(said) for kind in NAME_PARTS for said in (own, leaf.name)):
        return True
    return KINDS["name"].fullmatch(own) is not None and LEAD.search(leaf.above) is not None


def _around(leaf: Leaf) -> str:
    return f"{leaf.above}_{leaf.name}"


def _beside(leaf: Leaf, keys: list[str]) -> Leaf:
    path = "$"
    for key in keys:
        path = child_path(path, key)
    return Leaf(
        path=path,
        place=(*leaf.root, *keys),
        name="phone",
        above=leaf.above,
        value=None,
        each=leaf.each,
        root=leaf.root,
        texts=leaf.texts,
    )
