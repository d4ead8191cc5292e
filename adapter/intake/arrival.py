"""One HTTP request as it arrives: its head and its sender at once, its body when asked for."""

import asyncio
import ipaddress
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Self

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from adapter.errors import IntakeError
from adapter.values.addresses import Network
from adapter.webhook.formats.decode import READ_CODINGS, BodyReader, decoded_request
from adapter.webhook.request import Request

MAX_BYTES = 64 * 1024 * 1024


@dataclass(eq=False, slots=True)
class BodyTicket:
    """The bytes of one body so far, and the clock that ends its reading."""

    budget: "BodyBudget"
    timeout: asyncio.Timeout
    held_bytes: int = 0
    is_cut: bool = False

    def add(self, count: int) -> None:
        """Take so many bytes more out of the budget."""
        self.held_bytes += count
        self.budget.spend(count)


@dataclass(slots=True)
class BodyBudget:
    """The bytes that all bodies under way may have together."""

    max_bytes: int = MAX_BYTES
    _spent: int = 0
    _open: dict[BodyTicket, None] = field(default_factory=dict)

    @asynccontextmanager
    async def reading(self, timeout_s: float) -> AsyncIterator[BodyTicket]:
        """Read one body inside the block; IntakeError where it takes too long, or gives way."""
        timeout = asyncio.timeout(timeout_s)
        ticket = BodyTicket(self, timeout)
        self._open[ticket] = None
        try:
            async with timeout:
                yield ticket
        except TimeoutError:
            status, title = (503, "Too many bodies") if ticket.is_cut else (408, "Body too slow")
            raise IntakeError(status, title, "Nothing was stored; send it again.") from None
        finally:
            self._open.pop(ticket, None)
            self._spent -= ticket.held_bytes

    def spend(self, count: int) -> None:
        """Count bytes; where that is too many, cut the bodies that have been read longest."""
        self._spent += count
        over = self._spent - self.max_bytes
        for ticket in list(self._open):
            if over <= 0:
                return
            over -= ticket.held_bytes
            del self._open[ticket]
            ticket.is_cut = True
            ticket.timeout.reschedule(asyncio.get_running_loop().time())


BODY_TIMEOUT_S = 30.0


UNKNOWN = "unknown"


_PURPOSES = frozenset({"sec-purpose", "purpose", "x-purpose", "x-moz"})


_GUESSES = ("prefetch", "prerender", "preview")


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A request with its body: decoded, or raw with the fault that kept it from being decoded."""

    request: Request
    fault: IntakeError | None = None

    @property
    def remedy(self) -> tuple[tuple[str, str], ...]:
        """Return the header that names the codings to use (RFC 9110 §15.5.16), if one was wrong."""
        is_wrong = self.fault is not None and self.fault.status == 415
        return (("accept-encoding", READ_CODINGS),) if is_wrong else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A request whose `head` has no body yet.

    `timeout_s`: a sender that dribbles its body must not hold a connection for ever. `budget` is
    what all bodies under way share. `connection` is the server's own, None where there is none.
    """

    head: Request
    budget: BodyBudget = field(default_factory=BodyBudget)
    connection: Any = None
    chunks: AsyncIterable[bytes] = field(repr=False)
    timeout_s: float = BODY_TIMEOUT_S

    @classmethod
    def from_http(
        cls,
        http: HttpRequest,
        *,
        trusted_proxies: Sequence[Network] = (),
        timeout_s: float = BODY_TIMEOUT_S,
        budget: BodyBudget | None = None,
    ) -> Self:
        """Read the head; `trusted_proxies` are those whose X-Forwarded-For counts."""
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in http.scope["headers"]
        )
        peer = http.client.host if http.client else ""
        forwarded = ", ".join(v for n, v in headers if n == "x-forwarded-for") or None
        head = Request(
            method=http.method,
            path=http.scope.get("raw_path", b"").decode("latin-1").split("?")[0] or http.url.path,
            query=http.scope["query_string"].decode("latin-1"),
            headers=headers,
            client=client_ip(peer, forwarded, trusted_proxies),
            token_segment=http.path_params.get("token"),
        )
        return cls(
            head=head,
            chunks=http.stream(),
            timeout_s=timeout_s,
            budget=budget or BodyBudget(),
            connection=http.scope.get("state", {}).get("connection"),
        )

    def mark_proven(self) -> None:
        """Tell the connection that it is no stranger's: others give way before it."""
        if self.connection is not None:
            self.connection.has_proven = True

    async def receive(self, max_bytes: int) -> Received:
        """Read the body, once; raises IntakeError (400, 408, 413) where nothing can be stored."""
        raw = BodyReader(max_bytes=max_bytes, content_encoding=None)
        raw.check_declared(self.head.header("content-length"))
        try:
            async with self.budget.reading(self.timeout_s) as ticket:
                async for chunk in self.chunks:
                    ticket.add(len(chunk))
                    raw.feed(chunk)
        except ClientDisconnect:
            raise IntakeError(400, "Body cut off", "Nothing was stored; send it again.") from None
        body = raw.finish()
        if self.head.header("content-encoding") is None:
            return self._decoded(body, max_bytes)
        # Others are answered meanwhile: a kilobyte may inflate to `max_body`.
        return await asyncio.to_thread(self._decoded, body, max_bytes)

    def _decoded(self, body: bytes, max_bytes: int) -> Received:
        """Undo the content encoding; a body that cannot be decoded is kept raw, with its fault."""
        raw = replace(self.head, body=body)
        try:
            return Received(request=decoded_request(raw, max_bytes))
        except IntakeError as fault:
            if not fault.reason:  # too large: nothing is stored
                raise
            return Received(request=raw, fault=fault)


def is_prefetch(request: Request) -> bool:
    """Whether a browser makes it ahead, on a guess (Sec-Purpose and its forerunners)."""
    purposes = [value.lower() for name, value in request.headers if name in _PURPOSES]
    return any(guess in purpose for purpose in purposes for guess in _GUESSES)


def client_ip(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """Return the sender's IP: X-Forwarded-For from the right, while the hop is trusted.

    What stands left of an untrusted hop anyone may have written. A hop that is no address gives
    "unknown", which is in no network.
    """
    hops = forwarded_for.split(",") if forwarded_for else []
    current = _address(peer)
    while hops and current is not None and _is_within(current, trusted):
        current = _address(hops.pop())
    return UNKNOWN if current is None else str(current)


def _is_within(address: _Address, networks: Sequence[Network]) -> bool:
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
