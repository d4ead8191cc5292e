"""`Prefer: wait=10` (RFC 7240): the answer waits until the calls have ended."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapter.errors import LedgerError
from adapter.ledger.ledger import Ledger
from adapter.model import PENDING, State
from adapter.webhook.answers import CallView
from adapter.webhook.request import Request
from adapter.workers.engine import CallNotices

MAX_WAIT_S = 60.0
_WAIT = re.compile(r'\s*wait\s*=\s*("?)([0-9]{1,9})\1\s*(?:;.*)?', re.IGNORECASE | re.DOTALL)
_UNDER_WAY = PENDING - {State.UNCERTAIN}


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Shows calls to their sender as late as it asks for."""

    ledger: Ledger
    notices: CallNotices

    async def views(
        self, stored: list[CallView], request: Request
    ) -> tuple[list[CallView], tuple[tuple[str, str], ...]]:
        """Return the calls as they are when the wait is over, and the header that tells of it."""
        timeout_s = wait_s([value for name, value in request.headers if name == "prefer"])
        if not timeout_s:
            return stored, ()
        views = await self._ended([view.id for view in stored], timeout_s)
        return views, (("preference-applied", f"wait={timeout_s:g}"),)

    async def _ended(self, call_ids: list[str], timeout_s: float) -> list[CallView]:
        """Wait until every call has ended or only a person can end it, or the time is over."""
        with self.notices.watch(call_ids) as watch:
            try:
                async with asyncio.timeout(timeout_s):
                    while True:
                        views = [await self._seen(call_id) for call_id in call_ids]
                        is_over = not any(view.state in _UNDER_WAY for view in views)
                        if is_over or self.notices.is_closed:
                            return views
                        await watch.changed()
            except TimeoutError:
                return [await self._seen(call_id) for call_id in call_ids]

    async def _seen(self, call_id: str) -> CallView:
        found = await self.ledger.reads.call(call_id)
        if found is None:
            raise LedgerError(f"call {call_id} is gone from the ledger")
        call, attempts = found
        # an attempt that reached nobody has no word of the agent's
        last = attempts[-1] if attempts and attempts[-1].http_status else None
        return replace(
            CallView.from_call(call),
            http_status=last.http_status if last else None,
            code=last.code if last else None,
        )


def wait_s(prefer_headers: Sequence[str]) -> float:
    """Return the first readable `wait=10` of all Prefer headers, up to 60 s; else 0."""
    preferences = (part for header in prefer_headers for part in header.split(","))
    matches = (match for part in preferences if (match := _WAIT.fullmatch(part)))
    return next((min(float(match[2]), MAX_WAIT_S) for match in matches), 0.0)
