"""One budget for all bodies that are being read: many slow senders fill no memory.

Where it is spent, the body that has been read longest gives way: a lead's own is read in a moment.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapter.errors import IntakeError

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
