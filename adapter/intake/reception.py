"""One webhook, from its first byte to the answer: who is it, what call, durable, answered.

Guarantee G1 lives here: an answer that says "stored" is made after `Ledger.accept` returned,
which is after COMMIT and fsync. Everything before that line may fail and lose nothing, since the
sender has no answer yet and sends again; everything after it may fail and lose nothing, since
the lead is in the ledger.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapter.config.config import Config, Current
from adapter.config.source import Source
from adapter.errors import IntakeError, LedgerError
from adapter.intake.captures import Captures
from adapter.intake.headers import is_prefetch, wait_s
from adapter.intake.reading import ReadBody, Reading
from adapter.ledger.dedupe import IDEMPOTENCY_WINDOW
from adapter.ledger.ledger import Ledger
from adapter.model import PENDING, Call, MappedCall, State, Webhook, WebhookState
from adapter.policy.first_gates import FirstGates
from adapter.telemetry import Metrics
from adapter.webhook.answers import Answer, CallView, problem_answer, webhook_answer
from adapter.webhook.request import Request
from adapter.workers.notices import CallNotices

_UNDER_WAY = PENDING - {State.UNCERTAIN}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reception:
    """Takes in the webhooks of all sources."""

    current: Current
    ledger: Ledger
    captures: Captures
    notices: CallNotices
    wake: Callable[[Iterable[Call]], None]
    now: Callable[[], datetime]
    metrics: Metrics
    gates: FirstGates

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.current.config

    async def receive(self, source_name: str, request: Request, read_body: ReadBody) -> Answer:
        """Return the answer to one request; raises IntakeError for what is not stored."""
        source = self.config.sources.get(source_name)
        if source is None:
            return await self.captures.receive(source_name, request, read_body)
        if not source.is_enabled:
            raise IntakeError(503, "Source parked", "Its mapping says `enabled: false`.")
        if request.method in ("HEAD", "OPTIONS") or is_prefetch(request):
            return Answer(status=204, headers=(("allow", _allow(source)),))
        if not _may_read(source, request):
            return _wrong_method(source)
        received = await read_body()
        reading = Reading(source, replace(request, body=received.body), received.fault)
        if source.handshake is not None:
            greeting = source.handshake.answer(
                reading.request, document=reading.document, view=reading.view
            )
            if greeting is not None:
                return greeting
        if request.method not in source.methods:
            return _wrong_method(source)
        return await self._proven(source, reading)

    async def _proven(self, source: Source, reading: Reading) -> Answer:
        """Check who sends, then map and store."""
        request = reading.request
        proof = source.auth.prove(request, now=self.now(), document=reading.document)
        if proof is None:
            raise IntakeError(
                401,
                "Not authenticated",
                "The request lacks the proof that this source's `auth` asks for.",
            )
        if self.ledger.tally.pending >= self.config.max_pending:
            raise IntakeError(429, "Too many calls pending", "Send it again later.")
        webhook, calls = self._mapped(source, reading.without(proof))
        accepted = await self.ledger.accept(
            webhook,
            calls,
            proof=proof.digest,
            idempotency=request.header("idempotency-key"),
            proof_window=self.config.retention,
            idempotency_window=IDEMPOTENCY_WINDOW,
            burst=source.burst,
        )
        self.wake(accepted.calls)
        for call in accepted.calls:
            self.metrics.calls.labels(call.source, call.state.value, str(call.reason)).inc()
        return await self._answer(source, accepted.webhook, accepted.calls, request)

    def _mapped(self, source: Source, reading: Reading) -> tuple[Webhook, tuple[MappedCall, ...]]:
        now = self.now()
        mapped = reading.mapped()
        webhook = Webhook(
            id=self.ledger.new_id(),
            source=source.name,
            received_at=now,
            method=reading.request.method,
            query=reading.request.query,
            headers=reading.stored_headers(),
            body=reading.request.body,
            state=WebhookState.REFUSED,
            reason=mapped.reason,
        )
        return webhook, tuple(
            self.gates.gated(call, f"{webhook.id}:{position}", now)
            for position, call in enumerate(mapped.calls)
        )

    async def _answer(
        self, source: Source, webhook: Webhook, calls: Sequence[Call], request: Request
    ) -> Answer:
        views = [call_view(call) for call in calls]
        headers: tuple[tuple[str, str], ...] = ()
        wait = wait_s([value for name, value in request.headers if name == "prefer"])
        if wait:
            views = await self._ended([call.id for call in calls], wait)
            headers = (("preference-applied", f"wait={wait:g}"),)
        answer = webhook_answer(webhook.id, views, webhook.state, webhook.reason, source.respond)
        return replace(answer, headers=answer.headers + headers)

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
        last = attempts[-1] if attempts else None
        return replace(
            call_view(call),
            http_status=last.http_status if last else None,
            code=last.code if last else None,
        )


def call_view(call: Call) -> CallView:
    """Return a call as an answer to its sender shows it."""
    return CallView(
        id=call.id,
        agent=call.agent,
        state=call.state,
        reason=call.reason,
        duplicate_of=call.duplicate_of,
    )


def _may_read(source: Source, request: Request) -> bool:
    """Let a GET pass where the mapping takes it, or where a handshake may want it."""
    may_greet = request.method == "GET" and source.handshake is not None
    return request.method in source.methods or may_greet


def _allow(source: Source) -> str:
    return ", ".join(sorted(source.methods | {"HEAD", "OPTIONS"}))


def _wrong_method(source: Source) -> Answer:
    detail = f"This source takes {', '.join(sorted(source.methods))}."
    answer = problem_answer(405, "Method not allowed", detail)
    return replace(answer, headers=(("allow", _allow(source)),))
