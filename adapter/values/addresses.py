"""Addresses of listeners, and networks that requests come from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """The address of a listener; `host` carries no brackets, `port` 0 asks for any free port."""

    host: str
    port: int
