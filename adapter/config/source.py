"""One source as it runs: its proof, its mapping, its answers, its examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapter.mapping.mapping import SourceMapping
from adapter.model import State
from adapter.webhook.answers import Respond
from adapter.webhook.auth.proof import Check
from adapter.webhook.handshakes import Handshake
from adapter.webhook.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedCall:
    """The expectation of an example for one call; None is "not said, not compared".

    `state` is waiting, refused or ignored; `reason` is None where it is waiting.
    """

    state: State
    reason: str | None = None
    agent: str | None = None
    phone: str | None = None
    variables: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A request and the calls that its mapping must make of it; `line` is where it stands.

    `lookup` is what its look-ups are answered; None where the calls are those before them.
    """

    name: str
    line: int
    request: Request
    lookup: Any = None
    calls: tuple[ExpectedCall, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A system that posts webhooks. `methods` always has POST; a parked source is not enabled.

    More webhooks than `burst` in a minute hold its calls for a person; None is no such brake.
    `unset` names variables for which something else stands in what its calls are made of: such a
    source may be tried, and neither stores nor replays.
    """

    name: str
    description: str = ""
    is_enabled: bool = True
    methods: frozenset[str] = frozenset({"POST"})
    auth: Check
    handshake: Handshake | None = None
    respond: Respond | None = None
    mapping: SourceMapping
    burst: int | None = None
    unset: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    file: str = ""
