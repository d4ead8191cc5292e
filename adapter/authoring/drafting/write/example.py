"""A sample → the example of its mapping: what the mapping reads, of invented people. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapter.authoring.drafting.read.leaves import Leaf, Place, Reading
from adapter.authoring.drafting.read.vocabulary import PAST, SECRET
from adapter.authoring.drafting.write.invented_people import Cast
from adapter.authoring.drafting.write.stand_ins import stand_in
from adapter.authoring.key_words import words
from adapter.authoring.yaml_text import key as yaml_key

# A larger document is shown with what the mapping reads alone.
MAX_WHOLE = 16
MAX_ENTRIES = 2
# Of the keys that lead to a value together, brackets and escapes and all.
MAX_KEY = 1_000
_DROPPED = object()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What an example keeps: `fixed` values by place, and the places that the mapping reads.

    `secrets` are left out, as the adapter takes them out before it maps.
    """

    fixed: Mapping[Place, Any]
    wanted: frozenset[Place]
    secrets: frozenset[Place] = frozenset()
    region: str | None = None

    def holds(self, place: Place) -> bool:
        """Whether something at or below a place is read, or it is part of what is read."""
        size = len(place)
        return any(
            wanted[:size] == place or place[: len(wanted)] == wanted for wanted in self.wanted
        )


def example_document(reading: Reading, plan: Plan, cast: Cast, *, is_whole: bool) -> Any:
    """Return the document of the example; JSON texts are texts again."""
    leaves = {leaf.place: leaf for leaf in reading.leaves}
    writer = _Writer(reading=reading, plan=plan, cast=cast, leaves=leaves, is_whole=is_whole)
    made = writer.visit(reading.document, ())
    return {} if made is _DROPPED else made


@dataclass(frozen=True, kw_only=True, slots=True)
class _Writer:
    reading: Reading
    plan: Plan
    cast: Cast
    leaves: Mapping[Place, Leaf]
    is_whole: bool

    def visit(self, value: Any, place: Place) -> Any:
        is_whole = self.is_whole and not self._is_in_text(place)
        if place in self.plan.secrets or not (is_whole or self.plan.holds(place)):
            return _DROPPED
        if place in self.plan.fixed:
            made = self.plan.fixed[place]
        elif isinstance(value, dict):
            made = self._object(value, place)
        elif isinstance(value, list):
            made = self._list(value, place)
        else:
            made = self._scalar(value, place)
        if place in self.reading.texts and made is not _DROPPED:
            return json.dumps(made, ensure_ascii=False, default=float)
        return made

    def _is_in_text(self, place: Place) -> bool:
        """Whether a value stands in a JSON text, of which only what is read is of use here."""
        return any(place[: len(text)] == text for text in self.reading.texts)

    def _object(self, value: dict[str, Any], place: Place) -> Any:
        made = {
            key: below
            for key, part in value.items()
            if words(key) not in PAST and is_short((*place, key))
            if (below := self.visit(part, (*place, key))) is not _DROPPED
        }
        return made if made or not value else _DROPPED

    def _list(self, value: list[Any], place: Place) -> Any:
        entries = [self.visit(entry, (*place, n)) for n, entry in enumerate(value)]
        is_long = not any(label[: len(place)] == place for label in self.reading.labels)
        kept = [
            entry
            for n, entry in enumerate(entries)
            if entry is not _DROPPED
            and (n < MAX_ENTRIES or not is_long or self._is_read((*place, n)))
        ]
        kinds = {isinstance(entry, dict | list) for entry in value}
        if len(kinds) == 2 or any(isinstance(entry, list) for entry in value):
            # A list of lists, or of all sorts, is read by places, which must not move.
            kept = [None if entry is _DROPPED else entry for entry in entries]
        return kept if kept or not value else _DROPPED

    def _is_read(self, place: Place) -> bool:
        return any(wanted[: len(place)] == place for wanted in self.plan.wanted)

    def _scalar(self, value: Any, place: Place) -> Any:
        if place in self.reading.labels:
            return value
        leaf = self.leaves.get(place) or self.leaves.get(place[:-1])
        if leaf is None or (place and _is_secret(place)):
            # What the walk passed over: a second phone of a list, somebody's map.
            return _DROPPED
        return stand_in(leaf, value, self.cast, self.plan.region)


def is_short(place: Place) -> bool:
    """Whether YAML can have it for a key, and a form for a field: `a[b][c]`, 1,024 characters."""
    return sum(len(yaml_key(str(key))) + 2 for key in place) <= MAX_KEY


def _is_secret(place: Place) -> bool:
    return SECRET.search(words(str(place[-1]))) is not None
