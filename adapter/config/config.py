"""A compiled configuration: frozen, complete, and free of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from adapter.agent import Agent, Secret
from adapter.config.proxy import Proxy
from adapter.model import MAX_ITEMS, Freshness
from adapter.values.addresses import Address, Network

if TYPE_CHECKING:  # a command that reads settings alone has no need of all that a source is
    from adapter.config.source import Source


@dataclass(slots=True)
class Current:
    """The configuration in force: the one value that a reload replaces, whole."""

    config: Config


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """All settings, agents and sources. `database` may hold a password, so repr leaves it out.

    `off` names the mappings that the setting `sources` leaves out. `unset` names variables for
    which something else stands in what says where the adapter and its ledger are: such a
    configuration leads to neither.
    """

    listen: Address = field(default=Address(host="0.0.0.0", port=8080))  # noqa: S104 - contract §4's default: senders come from outside
    admin_listen: Address = field(default=Address(host="127.0.0.1", port=8081))
    admin_token: Secret | None = None
    public_url: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    database: str = field(default="sqlite:///adapter.db", repr=False)
    max_body_bytes: int = 1024 * 1024
    max_items: int = MAX_ITEMS
    max_connections: int = 512
    max_per_address: int | None = None
    keep_alive: timedelta = timedelta(seconds=75)
    proxy: Proxy | None = None
    max_pending: int = 100_000
    retention: timedelta = timedelta(days=30)
    cooldown: timedelta = timedelta(minutes=10)
    freshness: Freshness = field(default_factory=Freshness)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
