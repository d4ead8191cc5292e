"""Sizes, durations, addresses and networks as people write them; what reads raises ValueError."""

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from adapter.values.addresses import Address, Network

_SIZES = {
    "B": 1,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
}
_DURATIONS_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"(\d{1,15})\s*([A-Za-z]*)")
_DURATION_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d|w)")
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what listens anywhere listens here
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_MAPPED = IPv6Network("::ffff:0:0/96")
_PORT = re.compile(r"\d{1,5}")

SIZE_EXPECTED = "a size such as 512KiB, 1MiB or a number of bytes"
DURATION_EXPECTED = "a duration with its unit, such as 15s, 10m, 24h or 30d"
ADDRESS_EXPECTED = "host:port, such as 0.0.0.0:8080 or [::1]:8081"
ENDPOINT_EXPECTED = "https://…, or http:// to this machine only (127.0.0.1, localhost, [::1])"
NETWORK_EXPECTED = "an IP address or network, such as 203.0.113.7 or 10.0.0.0/8"


def size_text(size: int) -> str:
    """Write a number of bytes as the files do, in the largest unit that it is a multiple of."""
    for unit in ("GiB", "MiB", "KiB"):
        if size and size % _SIZES[unit] == 0:
            return f"{size // _SIZES[unit]}{unit}"
    return str(size)


def read_size(value: Any) -> int:
    """Return a number of bytes: `1MiB` is 1,048,576, and an integer is bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match[2] or "B") not in _SIZES:
        raise ValueError(SIZE_EXPECTED)
    return int(match[1]) * _SIZES[match[2] or "B"]


def read_duration(value: Any) -> timedelta:
    """Return a duration: `90s`, `1h30m`; a number alone has no unit, and only 0 needs none."""
    if value == "0" or (value == 0 and isinstance(value, int) and not isinstance(value, bool)):
        return timedelta()
    text = value.strip() if isinstance(value, str) else ""
    parts = _DURATION_PART.findall(text)
    if not parts or _DURATION_PART.sub("", text).strip():
        raise ValueError(DURATION_EXPECTED)
    try:
        return timedelta(seconds=sum(float(count) * _DURATIONS_S[unit] for count, unit in parts))
    except OverflowError:
        raise ValueError(DURATION_EXPECTED) from None


def read_address(value: Any) -> Address:
    """Return where to listen; an IPv6 host stands in brackets."""
    host, _, port = str(value).rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(ADDRESS_EXPECTED)
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", host) or not _PORT.fullmatch(port):
        raise ValueError(ADDRESS_EXPECTED)
    if int(port) > 65535:
        raise ValueError(ADDRESS_EXPECTED)
    return Address(host=host, port=int(port))


def reach_url(address: Address) -> str:
    """Return the URL under which this machine reaches a listener."""
    host = _ANYWHERE.get(address.host, address.host)
    return f"http://[{host}]:{address.port}" if ":" in host else f"http://{host}:{address.port}"


def read_network(value: Any) -> Network:
    """Return a network; one address is a network of its own. All addresses are none.

    An IPv4 network written as IPv6 (`::ffff:10.0.0.0/104`) means the IPv4 one: that is how the
    addresses of such peers are read.
    """
    try:
        network = ip_network(value.strip() if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(NETWORK_EXPECTED) from None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        inside = int(network.network_address) & 0xFFFF_FFFF
        network = IPv4Network((inside, network.prefixlen - _MAPPED.prefixlen))
    if network.prefixlen == 0:
        raise ValueError(f"{NETWORK_EXPECTED}: this one is every address there is")
    return network


def read_endpoint(value: Any) -> str:
    """Return a URL that only TLS or this machine's own loopback carries."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise ValueError(ENDPOINT_EXPECTED)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(ENDPOINT_EXPECTED) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host or ""))
    if not is_host(host or "") or not is_safe or port == 0 or " " in value:
        raise ValueError(ENDPOINT_EXPECTED)
    return value


def is_host(text: str) -> bool:
    """Say whether a text is an IP address or a name that can be looked up (RFC 1123 §2.1)."""
    if ":" in text:  # in brackets it may only have been an IPv6 address
        return True
    try:
        text.encode("ascii").decode("idna")
    except UnicodeError:
        return False
    return bool(_HOST.fullmatch(text))


def is_bare(url: str) -> bool:
    """Say whether a URL has neither credentials in front of its host nor a fragment."""
    parts = urlsplit(url)
    return parts.username is None and not parts.fragment


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a host (given without brackets)."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
