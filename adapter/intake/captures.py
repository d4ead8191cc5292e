"""Requests to sources that have no mapping: unknown to all but who shows a capture's token.

Wrong token, none, one whose time is over, or a name that nobody ever heard of: all get one answer,
so nobody finds out that a capture is open. What shows the right token is stored, and never rings.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from adapter.config.config import Current
from adapter.errors import IntakeError
from adapter.intake.arrival import Arrival, Received, is_prefetch
from adapter.ledger.calls.captures import MOST_WEBHOOKS
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import Taking
from adapter.mapping.reading import numbers_of
from adapter.model import Reason, Webhook, WebhookState
from adapter.telemetry import log_event
from adapter.values.source_names import SOURCE_NAME
from adapter.webhook.answers import Answer, problem_answer, webhook_answer
from adapter.webhook.capture_token import challenge_answer, digest_of, is_proof, storable, token_of

_ALLOW = (("allow", "GET, HEAD, OPTIONS, POST"),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Captures:
    """Takes in what comes for open captures."""

    current: Current
    ledger: Ledger
    now: Callable[[], datetime]

    async def receive(self, name: str, arrival: Arrival) -> Answer:
        """Return the answer to who may send; raises IntakeError for what is not stored."""
        request = arrival.head
        token = token_of(request)
        # A mapping that is off keeps its name: it may be turned on with an `auth` of its own.
        if token is None or name in self.current.config.off or not SOURCE_NAME.fullmatch(name):
            raise _no_such_source()
        capture = await self.ledger.reads.capture(name, self.now())
        if not is_proof(token, capture.digest if capture else None):
            raise _no_such_source()
        if request.method in ("HEAD", "OPTIONS") or is_prefetch(request):
            return Answer(status=204, headers=_ALLOW)
        if request.method not in ("GET", "POST"):
            return _wrong_method()
        received = await arrival.receive(self.current.config.max_body_bytes)
        return await self._take(name, token, received)

    async def _take(self, name: str, token: str, received: Received) -> Answer:
        """Store what was proven, if there is room and the capture is open still."""
        stored = storable(received.request, token, is_decoded=received.fault is None)
        webhook = Webhook(
            id=self.ledger.new_id(),
            source=name,
            received_at=self.now(),
            method=stored.method,
            query=stored.query,
            headers=stored.headers,
            body=stored.body,
            state=WebhookState.IGNORED,
            reason=Reason.CAPTURED,
        )
        found_by = await asyncio.to_thread(numbers_of, stored)  # others are answered meanwhile
        taking = await self.ledger.take(webhook, digest_of(token), self.now(), found_by=found_by)
        if taking is Taking.CLOSED:
            raise _no_such_source()
        if taking is Taking.FULL:
            detail = f"A capture takes {MOST_WEBHOOKS} webhooks; open a new one for more."
            raise IntakeError(429, "Capture full", detail)
        log_event("webhook_captured", webhook=webhook.id, source=name)
        answer = webhook_answer(webhook.id, (), webhook.state, webhook.reason, None)
        return challenge_answer(received.request, token) or answer


def _no_such_source() -> IntakeError:
    return IntakeError(404, "No such source", "No source of this name is on.")


def _wrong_method() -> Answer:
    answer = problem_answer(405, "Method not allowed", "A capture takes GET, POST.")
    return replace(answer, headers=(*answer.headers, *_ALLOW))
