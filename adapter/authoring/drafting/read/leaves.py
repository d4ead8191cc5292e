"""Every value of a document, its path, and what its keys say of it. Pure."""

from dataclasses import dataclass, field, replace
from typing import Any

from adapter.authoring.drafting.read.lists import (
    Labelled,
    is_collection,
    label_of,
    labelled,
    preferred,
)
from adapter.authoring.drafting.read.vocabulary import PAST, name_of, numbered_names
from adapter.authoring.key_words import is_body, words
from adapter.errors import IntakeError
from adapter.mapping.path_text import child_path
from adapter.webhook.formats.json import json_from_text

Place = tuple[str | int, ...]
HEADERS = "headers"
DOCUMENT = "document"
MAX_LEAVES = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """One value, or a list of scalars.

    `path` begins at the document, or at the item of the list that `each` names; `place` are the
    keys from the document, `root` those of the list's entry. `label` is where the name of a
    name-and-value pair stands. `texts` are the paths of the JSON texts around the value.
    """

    path: str
    place: Place
    name: str
    above: str
    value: Any = field(repr=False)
    each: str | None = None
    root: Place = ()
    label: Place | None = None
    texts: tuple[str, ...] = ()
    rank: int = 0
    origin: str = ""

    @property
    def text(self) -> str:
        """The value as plain text; of a list the first that is not empty; "" for none."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return next((str(value).strip() for value in values if value not in (None, "")), "")

    @property
    def key(self) -> str:
        """The words of its own key, whatever stands above; "" for the document or item itself."""
        return words(str(self.place[-1])) if len(self.place) > len(self.root) else ""

    @property
    def whole_path(self) -> str:
        """Its path from the document, also inside the items of a list."""
        return f"{self.each}{self.path[1:]}" if self.each else self.path

    @property
    def own(self) -> str:
        """The words of its own key, or of its label in a list of pairs."""
        return self.name if self.is_pair else self.key

    @property
    def depth(self) -> int:
        """How many keys lead to it from the document, or from the item of `each`."""
        return len(self.place) - len(self.root)

    @property
    def is_pair(self) -> bool:
        """Whether the name of a name-and-value pair, and not its own key, says what it is."""
        return self.label is not None and self.label[-1] not in self.place

    @property
    def spec(self) -> dict[str, str]:
        """The keys by which a mapping reads it."""
        return {"path": self.path} | ({"from": self.origin} if self.origin else {})

    def joins(self, other: "Leaf") -> bool:
        """Whether one call can read both."""
        if self.origin or other.origin:
            return True
        return (self.each, self.root) == (other.each, other.root)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The document with the JSON texts in it parsed, and what was found there.

    `texts` has the place of each parsed text; `labels` those of the names in pairs.
    """

    document: Any = field(repr=False)
    leaves: tuple[Leaf, ...]
    texts: frozenset[Place]
    labels: frozenset[Place]


def read_leaves(document: Any, *, is_xml: bool = False) -> Reading:
    """Return all values of a document in its order."""
    texts: set[Place] = set()
    parsed = _parsed(document, (), texts)
    walk = _Walk(document=parsed, texts=texts, is_xml=is_xml)
    walk.visit(parsed, _Spot())
    return Reading(
        document=parsed,
        leaves=tuple(walk.leaves),
        texts=frozenset(texts),
        labels=frozenset(walk.labels),
    )


def _parsed(value: Any, place: Place, texts: set[Place]) -> Any:
    """Return a copy in which each text that holds a JSON object or list is that."""
    if isinstance(value, dict):
        return {key: _parsed(part, (*place, key), texts) for key, part in value.items()}
    if isinstance(value, list):
        # Of several, another may hold no such text, and then none of the webhook could be read.
        return [_parsed(entry, (*place, 0), texts) for entry in value] if len(value) == 1 else value
    is_named = bool(place) and isinstance(place[-1], str)
    if isinstance(value, str) and is_named and value.lstrip()[:1] in ("{", "["):
        try:
            inside = json_from_text(value)
        except IntakeError:
            return value
        if inside and isinstance(inside, dict | list):
            texts.add(place)
            return _parsed(inside, place, texts)
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spot:
    """Where a walk stands."""

    path: str = "$"
    place: Place = ()
    name: str = ""
    above: str = ""
    each: str | None = None
    root: Place = ()
    label: Place | None = None
    texts: tuple[str, ...] = ()
    rank: int = 0

    def child(self, key: str) -> "_Spot":
        name = name_of(key, self.name)
        return replace(
            self,
            path=child_path(self.path, key),
            place=(*self.place, key),
            name=name,
            above=self.above if name == self.name else f"{self.above}_{self.name}".strip("_"),
        )

    @property
    def whole_path(self) -> str:
        """The path from the document, also inside the items of a list."""
        return f"{self.each}{self.path[1:]}" if self.each else self.path

    def at(self, step: str, index: int, **more: Any) -> "_Spot":
        return replace(self, path=f"{self.path}[{step}]", place=(*self.place, index), **more)

    def entry_of(self, index: int) -> "_Spot":
        place = (*self.place, index)
        return replace(self, path="$", place=place, each=f"{self.whole_path}[*]", root=place)


class _Walk:
    """One walk over a document."""

    def __init__(self, *, document: Any, texts: set[Place], is_xml: bool) -> None:
        self.document = document
        self.texts = texts
        self.is_xml = is_xml
        self.leaves: list[Leaf] = []
        self.labels: set[Place] = set()

    def visit(self, value: Any, spot: _Spot) -> None:
        if len(self.leaves) >= MAX_LEAVES:
            return
        if spot.place in self.texts:
            spot = replace(spot, texts=(*spot.texts, spot.whole_path))
        if isinstance(value, dict):
            self._object(value, spot)
        elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
            self._list(value, spot)
        else:
            self._leaf(value, spot)

    def _object(self, value: dict[str, Any], spot: _Spot) -> None:
        numbered = numbered_names(value)
        told = label_of(spot.place[-1], value) if spot.place else None
        if told is not None:
            numbered[told[0]] = words(told[1])
        for key, part in value.items():
            if words(key) in PAST or _is_personal(key) or is_body(key):
                continue
            below = spot.child(key)
            below = replace(below, name=numbered.get(key, below.name))
            if self.is_xml and isinstance(part, dict) and words(key) == "notification":
                # One repeated element looks like none that repeats (contract §4 `each`).
                lone = replace(below.entry_of(0), place=below.place, root=below.place)
                self.visit(part, lone)
            else:
                self.visit(part, below)

    def _list(self, value: list[Any], spot: _Spot) -> None:
        pairs = labelled(value, spot.name, self.document)
        if pairs:
            for pair in pairs:
                self._pair(value[pair.index], pair, spot)
        elif is_collection(spot.name):
            for step, index, key in preferred(value):
                self._entry(value[index], spot, step, index, key)
        else:
            for index, entry in enumerate(value):
                # `each` would take a list in the list for its items.
                is_entry = isinstance(entry, dict)
                self.visit(entry, spot.entry_of(index) if is_entry else spot.at(str(index), index))

    def _entry(self, entry: Any, spot: _Spot, step: str, index: int, key: str) -> None:
        if not key:
            self.visit(entry, spot.at(step, index))
            return
        label = (*spot.place, index, key)
        self.labels.add(label)
        # The second of a flag's two entries is the one that it does not favour.
        rank = 0 if entry[key] is False else 6
        self.visit(entry, spot.at(step, index, label=label, rank=rank))

    def _pair(self, pair: dict[str, Any], found: Labelled, spot: _Spot) -> None:
        at = (*spot.place, found.index)
        self.labels.add((*at, *found.label))
        value: Any = pair
        below = spot.at(found.filter, found.index, label=(*at, *found.label))
        for key in found.value:
            value = value[key]
            below = below.child(key)
        above = f"{spot.above}_{spot.name}".strip("_")
        self.visit(value, replace(below, name=words(found.name), above=above))

    def _leaf(self, value: Any, spot: _Spot) -> None:
        self.leaves.append(
            Leaf(
                path=spot.path,
                place=spot.place,
                name=spot.name,
                above=spot.above,
                value=value,
                each=spot.each,
                root=spot.root,
                label=spot.label,
                texts=spot.texts,
                rank=spot.rank,
            )
        )


def _is_personal(key: str) -> bool:
    """Whether a key is itself somebody's: a map by e-mail or phone. Nothing inside is drafted."""
    digits = sum(sign.isdecimal() for sign in key)
    return "@" in key[1:] or (digits >= 8 and all(s.isdecimal() or s in "+ ().-/" for s in key))
