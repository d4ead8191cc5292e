"""Deleting what is past its retention, beside the way of a lead."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

from adapter.config.config import Current
from adapter.errors import LedgerError
from adapter.ledger.ledger import Ledger

CLEAN_EVERY_S = 60.0
CLEAN_PAUSE_S = 0.05  # between two small steps, so that intake never waits for the broom


async def keep_clean(current: Current, ledger: Ledger, now: Callable[[], datetime]) -> None:
    """Delete what is past its retention, in small steps, for ever."""
    while True:
        with contextlib.suppress(LedgerError):  # `Health` reports it
            while await ledger.clean(now() - current.config.retention):  # noqa: ASYNC110 - a pause
                await asyncio.sleep(CLEAN_PAUSE_S)
        await asyncio.sleep(CLEAN_EVERY_S)
