"""What headers say of a request: whose it is, that nobody asked for it yet, how long to wait."""

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache

from adapter.webhook.request import Request

UNKNOWN = "unknown"
MAX_WAIT_S = 60.0
_WAIT = re.compile(r'\s*wait\s*=\s*("?)([0-9]{1,9})\1\s*(?:;.*)?', re.IGNORECASE | re.DOTALL)
_PURPOSES = frozenset({"sec-purpose", "purpose", "x-purpose", "x-moz"})
_GUESSES = ("prefetch", "prerender", "preview")
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


def is_prefetch(request: Request) -> bool:
    """Whether a browser makes it ahead, on a guess (Sec-Purpose and its forerunners)."""
    purposes = [value.lower() for name, value in request.headers if name in _PURPOSES]
    return any(guess in purpose for purpose in purposes for guess in _GUESSES)


def wait_s(prefer_headers: Sequence[str]) -> float:
    """Return the first readable `wait=10` of all Prefer headers (RFC 7240), up to 60 s; else 0."""
    preferences = (part for header in prefer_headers for part in header.split(","))
    matches = (match for part in preferences if (match := _WAIT.fullmatch(part)))
    return next((min(float(match[2]), MAX_WAIT_S) for match in matches), 0.0)


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
