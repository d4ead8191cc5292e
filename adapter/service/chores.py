"""Chores run beside the way of a lead, and never end the program.

An end of the program turns every ringing call `uncertain`. So a chore that meets an exception,
whatever it is, logs that and goes on a little later.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from adapter.telemetry import log_event

AGAIN_S = 5.0


async def keep_going(chore: Callable[[], Awaitable[None]]) -> None:
    """Run a chore until it returns; begin it again after each exception."""
    while True:
        try:
            await chore()
        except Exception as error:
            log_event("chore_failed", level=logging.ERROR, error=type(error).__name__)
            await asyncio.sleep(AGAIN_S)
        else:
            return
