"""Whose request it is, behind proxies that we trust."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

UNKNOWN = "unknown"
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_ip(peer: str, forwarded_for: str | None, trusted: Sequence[_Network]) -> str:
    """Return the sender's IP: X-Forwarded-For from the right, while the hop is trusted.

    What stands left of an untrusted hop anyone may have written. A hop that is no address gives
    "unknown", which is in no network.
    """
    hops = forwarded_for.split(",") if forwarded_for else []
    current = _address(peer)
    while hops and current is not None and _is_within(current, trusted):
        current = _address(hops.pop())
    return UNKNOWN if current is None else str(current)


def _is_within(address: _Address, networks: Sequence[_Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=1024)  # senders come from few addresses, again and again
def _address(text: str) -> _Address | None:
    """Read `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
