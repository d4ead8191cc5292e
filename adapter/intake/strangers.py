"""Failed proofs by address: one that fails often waits for its answer. The table is bounded."""

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from adapter.clock import steady_s

FAILURES_A_MINUTE = 20
WAIT_S = 1.0
_MINUTE_S = 60.0
_MOST_WAITING = 50
_MOST_ADDRESSES = 10_000


@dataclass(slots=True)
class Strangers:
    """Failed proofs of the last minute, by address (IPv6 by /64: one customer has that many)."""

    now_s: Callable[[], float] = steady_s
    _failures: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)
    _waiting: int = 0

    async def hold(self, address: str) -> bool:
        """Count a failed proof; past 20 a minute wait a second, at most 50 at once. Tell if so."""
        if self._count(_network_of(address)) <= FAILURES_A_MINUTE or self._waiting >= _MOST_WAITING:
            return False
        self._waiting += 1
        try:
            await asyncio.sleep(WAIT_S)
        finally:
            self._waiting -= 1
        return True

    def _count(self, network: str) -> int:
        began_s, count = self._failures.pop(network, (self.now_s(), 0))
        if self.now_s() - began_s > _MINUTE_S:
            began_s, count = self.now_s(), 0
        self._failures[network] = (began_s, count + 1)
        if len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)
        return count + 1


def _network_of(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address
