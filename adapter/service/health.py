"""The health of this process, and its readiness to accept and deliver."""

import asyncio
import logging

from adapter.clock import WatchedClock
from adapter.ledger.ledger import Ledger
from adapter.telemetry import log_event

LOOK_EVERY_S = 5.0


def log_clock(is_sure: bool) -> None:
    """Log that the wall clock is doubted from now on, or trusted again."""
    if is_sure:
        log_event("clock_trusted", level=logging.WARNING)
    else:
        log_event("clock_doubted", level=logging.WARNING)


class Health:
    """The readiness of this process to accept and deliver, as `/readyz` says it.

    `phase` is "" while it serves, else why it does not yet or no longer.
    """

    def __init__(self, ledger: Ledger, clock: WatchedClock) -> None:
        self.phase = "starting"
        self._ledger = ledger
        self._clock = clock
        self._is_writable = True

    async def unreadiness(self) -> str | None:
        """Return why this process cannot accept and deliver, or None if it can."""
        if self.phase:
            return self.phase
        if not self._is_writable:
            return "the ledger does not take writes"
        if not self._clock.is_sure():
            return (
                "the wall clock jumped: no lead expires and no agent with calling hours rings "
                "until it is back or has been steady for ten minutes"
            )
        return None

    async def watch(self) -> None:
        """Keep looking at the ledger and the clocks."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._clock.is_sure()
            self._is_writable = await self._ledger.is_writable()
            if not self._is_writable:
                log_event("ledger_unavailable", level=logging.ERROR)
