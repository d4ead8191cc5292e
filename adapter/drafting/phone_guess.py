"""Where a phone would stand in a sample that has none: beside the person's name. Pure."""

from collections.abc import Sequence

from adapter.drafting.leaves import Leaf
from adapter.drafting.variables import KINDS
from adapter.mapping.key_words import COMPANY, words
from adapter.mapping.path_hints import child_path

_NAMES = ("first_name", "last_name")


def guessed_place(leaves: Sequence[Leaf]) -> tuple[Leaf, ...]:
    """Return a leaf that is not there, or none: `$.properties.phone.value` beside `firstname`."""
    for leaf in leaves:
        keys = [str(key) for key in leaf.place[len(leaf.root) :]]
        wrap = ["value"] if keys[-1:] == ["value"] else []
        own = words(keys[-1 - len(wrap)]) if len(keys) > len(wrap) else ""
        if leaf.is_pair or COMPANY.search(leaf.above):
            continue
        if any(KINDS[kind].fullmatch(own) for kind in _NAMES):
            return (_beside(leaf, [*keys[: len(keys) - len(wrap) - 1], "phone", *wrap]),)
    return ()


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
