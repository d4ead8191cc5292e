"""The open connections of one listener: how many there may be, and which one gives way.

A process that runs out of descriptors can neither ring nor store. So the number of connections
is bounded below what the process may open, and a stranger who holds many gives them up first.
"""

import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

KEEP_ALIVE_S = 75.0
MAX_CONNECTIONS = 512
# Descriptors beside the public connections': the ledger, agents, look-ups, the admin listener.
_RESERVED_DESCRIPTORS = 200
_REFUSED_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """The most connections, in all and by address, and the longest time of each stage.

    `max_per_address` is None where all senders may come from one address, a load balancer's.
    `answer_timeout_s` is None where an answer may go on for ever, as a live tail does.
    """

    max_connections: int = MAX_CONNECTIONS
    max_per_address: int | None = None
    keep_alive_s: float = KEEP_ALIVE_S
    head_timeout_s: float = 30.0
    body_timeout_s: float = 35.0  # the intake answers a slow body with 408 before this
    answer_timeout_s: float | None = 120.0
    drain_timeout_s: float = 5.0
    write_timeout_s: float = 30.0

    @classmethod
    def of_people(cls) -> Self:
        """Return those of the admin listener, where an answer may take long."""
        return cls(answer_timeout_s=None)


class Connection(Protocol):
    """The facts that decide which connection gives way."""

    @property
    def address(self) -> str:
        """The peer's IP address."""

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way; one whose head is not whole counts for none."""

    @property
    def has_proven(self) -> bool:
        """Whether a request on it has proven its sender."""

    @property
    def idle_since_s(self) -> float:
        """The moment when it became idle, on the loop's clock."""

    def give_way(self) -> None:
        """Close at once."""


class Connections:
    """All connections that are open on one listener; `bounds` may change while they are."""

    def __init__(self, bounds: Callable[[], Bounds]) -> None:
        self._bounds = bounds
        self._open: set[Connection] = set()
        self._refused: set[Connection] = set()

    @property
    def bounds(self) -> Bounds:
        """The bounds in force."""
        return self._bounds()

    def admit(self, connection: Connection) -> bool:
        """Let a new connection in, closing an idle one where that is needed; False if none is idle.

        The longest idle one that has proven nothing goes first, then the longest idle of any.
        """
        bounds = self._bounds()
        most = bounds.max_per_address
        if most is not None:
            peers = {other for other in self._open if other.address == connection.address}
            if len(peers) >= most and not self._free(peers):
                return False
        if len(self._open) >= within_descriptors(bounds.max_connections) and not self._free(
            self._open
        ):
            return False
        self._open.add(connection)
        return True

    def may_explain(self, connection: Connection) -> bool:
        """Say whether one that was not admitted may stay a moment, to be told why."""
        if len(self._refused) >= _REFUSED_AT_ONCE:
            return False
        self._refused.add(connection)
        return True

    def remove(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        self._open.discard(connection)
        self._refused.discard(connection)

    def __len__(self) -> int:
        return len(self._open)

    def _free(self, among: set[Connection]) -> bool:
        idle = [connection for connection in among if connection.is_idle]
        if not idle:
            return False
        first = min(idle, key=lambda one: (one.has_proven, one.idle_since_s))
        self._open.discard(first)
        first.give_way()
        return True


def within_descriptors(wanted: int) -> int:
    """Return how many connections may be open, so that the process keeps descriptors to work with.

    Half of what the process may open is left alone, up to 200.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, soft - min(_RESERVED_DESCRIPTORS, soft // 2)))
