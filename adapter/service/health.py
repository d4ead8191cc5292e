"""Whether this process can accept and deliver."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from adapter.clock import steady_s, utc_now
from adapter.ledger.ledger import Ledger
from adapter.service.clock_watch import ClockWatch
from adapter.telemetry import log_event

LOOK_EVERY_S = 5.0


class Health:
    """Whether this process can accept and deliver: what `/readyz` says.

    `phase` is "" while it serves, else why it does not yet or no longer. `wall` is held against
    `steady`, in seconds, which nobody can set.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        wall: Callable[[], datetime] = utc_now,
        steady: Callable[[], float] = steady_s,
    ) -> None:
        self.phase = "starting"
        self._ledger = ledger
        self._wall, self._steady = wall, steady
        self._clock = ClockWatch(wall(), steady())
        self._is_writable = True

    def is_clock_sure(self) -> bool:
        """Look at the clocks; tell whether the wall clock may decide about a lead."""
        was_sure = self._clock.is_sure
        is_sure = self._clock.observe(self._wall(), self._steady())
        if was_sure and not is_sure:
            log_event("clock_doubted", level=logging.WARNING)
        if is_sure and not was_sure:
            log_event("clock_trusted", level=logging.WARNING)
        return is_sure

    async def unreadiness(self) -> str | None:
        """Return why this process cannot accept and deliver, or None if it can."""
        if self.phase:
            return self.phase
        if not self._is_writable:
            return "the ledger does not take writes"
        if not self.is_clock_sure():
            return (
                "the wall clock jumped: no lead expires and no agent with calling hours rings "
                "until it is back or has been steady for ten minutes"
            )
        return None

    async def watch(self) -> None:
        """Keep looking at the ledger and the clocks."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.is_clock_sure()
            self._is_writable = await self._ledger.is_writable()
            if not self._is_writable:
                log_event("ledger_unavailable", level=logging.ERROR)
