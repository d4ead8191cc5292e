"""What a draft is made of, before it is written. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapter.authoring.drafting.choose.auth import AuthChoice
from adapter.authoring.drafting.choose.guards import GuardChoice
from adapter.authoring.drafting.choose.keys import DedupeChoice
from adapter.authoring.drafting.choose.phones import PhoneChoice
from adapter.authoring.drafting.choose.variables import VariableChoice
from adapter.authoring.drafting.read.leaves import HEADERS, Leaf, Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be drafted: a source's name, for which agent, of which region."""

    name: str
    agent: str
    needed: Sequence[str] = ()
    public_url: str = ""
    region: str | None = None
    schema: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """All choices that a draft makes about one sample.

    `record` is the id to look up, where there is no phone and an id of what may have one.
    """

    order: Order
    reading: Reading = field(repr=False)
    media_type: str
    method: str
    auth: AuthChoice
    phone: PhoneChoice
    variables: tuple[VariableChoice, ...]
    guards: tuple[GuardChoice, ...]
    key: DedupeChoice
    moment: Leaf | None
    zone: Leaf | None
    each: str | None
    record: Leaf | None = None

    @property
    def read(self) -> tuple[Leaf, ...]:
        """All leaves of the document that the mapping reads."""
        phone = self.phone.split.parts if self.phone.split else self.phone.leaves
        country = self.phone.country
        found = [
            *phone,
            *(variable.leaf for variable in self.variables),
            *(guard.leaf for guard in self.guards),
            *self.key.parts,
            *(self.moment, self.zone, country.leaf if country else None),
        ]
        return tuple(leaf for leaf in found if leaf is not None and leaf.origin != HEADERS)

    @property
    def texts(self) -> tuple[str, ...]:
        """The paths of the JSON texts that must be parsed, outer ones first."""
        return tuple(dict.fromkeys(text for leaf in self.read for text in leaf.texts))


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleParts:
    """One example, as the file has it."""

    name: str
    request: Mapping[str, Any]
    calls: Sequence[Mapping[str, Any]] = ()
