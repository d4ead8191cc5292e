"""What a configuration is once it has been compiled: frozen, complete, and free of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any

from adapter.agent import Agent, Secret
from adapter.model import Freshness, State

if TYPE_CHECKING:  # this file holds compiled parts, and builds none of them
    from adapter.mapping.mapping import SourceMapping
    from adapter.mapping.paths import Path
    from adapter.webhook.answers import Respond
    from adapter.webhook.auth.checks import Check
    from adapter.webhook.handshakes import Handshake
    from adapter.webhook.request import Request

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where a listener binds; `host` carries no brackets, `port` 0 asks for any free port."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedCall:
    """What an example says of one call; None stands for "not said, not compared".

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
    """

    name: str
    description: str = ""
    is_enabled: bool = True
    methods: frozenset[str] = frozenset({"POST"})
    auth: Check
    handshake: Handshake | None = None
    respond: Respond | None = None
    decode_json: tuple[Path, ...] = ()
    decode_xml: tuple[Path, ...] = ()
    mapping: SourceMapping
    burst: int | None = None
    examples: tuple[Example, ...] = ()
    file: str = ""


@dataclass(slots=True)
class Current:
    """The configuration in force: the one value that a reload replaces, whole."""

    config: Config


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """All settings, agents and sources. `database` may hold a password, so repr leaves it out.

    `off` names the mappings that the setting `sources` leaves out.
    """

    listen: Address = Address(host="0.0.0.0", port=8080)  # noqa: S104 - SPEC §4's default: senders come from outside
    admin_listen: Address = Address(host="127.0.0.1", port=8081)
    admin_token: Secret | None = None
    public_url: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    database: str = field(default="sqlite:///adapter.db", repr=False)
    max_body_bytes: int = 1024 * 1024
    max_pending: int = 100_000
    retention: timedelta = timedelta(days=30)
    cooldown: timedelta = timedelta(minutes=10)
    freshness: Freshness = field(default_factory=Freshness)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
