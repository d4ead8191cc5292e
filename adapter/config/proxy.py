"""The proxy that calls and look-ups go out through, and whom they reach without it. Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

from adapter.agent import Secret
from adapter.values.addresses import Network
from adapter.values.units import is_host, is_loopback

PROXY_EXPECTED = "http:// or https:// and a proxy's address, such as http://proxy.example.com:3128"
# A colon within an IPv6 address is no port's, unless the address is in brackets.
_HOST_AND_PORT = re.compile(r"([^:]+|\[.+\]):([0-9]{1,5})")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """Hosts that are reached without the proxy: a name and what is below it, or a network.

    The name "*" is every host; `port` None is every port.
    """

    name: str = ""
    network: Network | None = None
    port: int | None = None

    @classmethod
    def from_text(cls, text: str) -> Exemption:
        """Read one entry of NO_PROXY: example.com, .example.com, *.example.com, 10.0.0.0/8, *."""
        found = _HOST_AND_PORT.fullmatch(text)
        host, port = (found[1], int(found[2])) if found else (text, None)
        network = _network(host)
        if network is not None:
            return cls(network=network, port=port)
        return cls(name=host.lower().strip(".").removeprefix("*."), port=port)

    def holds(self, host: str, port: int) -> bool:
        """Say whether a host at a port is one of them."""
        if self.port not in (None, port):
            return False
        if self.network is not None:
            return _is_in(host, self.network)
        return self.name == "*" or f".{host}".endswith(f".{self.name}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """A proxy at `url`, which holds no credentials; `authorization` is the header that shows them.

    `password` is the same secret as people write it, for whatever has to hide it.
    """

    url: str
    authorization: Secret | None = None
    password: Secret | None = None
    exemptions: tuple[Exemption, ...] = ()

    @classmethod
    def from_url(cls, text: str, no_proxy: str = "") -> Proxy:
        """Read a proxy's URL, which may hold a user and a password, and a NO_PROXY list.

        ValueError says what is expected, without the text, since that may hold the password.
        """
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:  # whose words may hold the text
            raise ValueError(PROXY_EXPECTED) from None
        host = parts.hostname or ""
        is_plain = parts.path in ("", "/") and not parts.query and not parts.fragment
        if parts.scheme not in _PORTS or not is_host(host) or port == 0 or not is_plain:
            raise ValueError(PROXY_EXPECTED)
        shown_host = f"[{host}]" if ":" in host else host
        return cls(
            url=f"{parts.scheme}://{shown_host}:{port or _PORTS[parts.scheme]}",
            authorization=_authorization(parts.username, parts.password),
            password=Secret(unquote(parts.password)) if parts.password else None,
            exemptions=tuple(map(Exemption.from_text, _entries(no_proxy))),
        )

    @property
    def headers(self) -> Mapping[str, str]:
        """What the proxy alone is told, beside whom to reach."""
        if self.authorization is None:
            return {}
        return {"proxy-authorization": self.authorization.reveal()}

    def carries(self, url: str) -> bool:
        """Say whether a request to a URL goes through it: to other machines, over TLS."""
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS["https"]
        if parts.scheme != "https" or is_loopback(host):
            return False
        return not any(each.holds(host, port) for each in self.exemptions)


def _entries(no_proxy: str) -> Iterable[str]:
    entries = (entry.strip() for part in no_proxy.split(",") for entry in part.split())
    return (entry for entry in entries if entry.strip("."))


def _network(text: str) -> Network | None:
    try:
        return ip_network(text.removeprefix("[").removesuffix("]"), strict=False)
    except ValueError:
        return None


def _is_in(host: str, network: Network) -> bool:
    try:
        return ip_address(host) in network
    except ValueError:
        return False


def _authorization(user: str | None, password: str | None) -> Secret | None:
    if user is None:
        return None
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return Secret(f"Basic {b64encode(pair).decode()}")
