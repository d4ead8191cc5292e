"""The way of a webhook, top to bottom: route → proof → decode → map → gates → accept → answer.

Guarantee G1 lives here: an answer that says "stored" is made after `Ledger.accept` returned,
which is after COMMIT and fsync. Everything before that line may fail and lose nothing, since the
sender has no answer yet and sends again; everything after it may fail and lose nothing, since
the lead is in the ledger.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from adapter.config.config import Config, Current
from adapter.config.source import Source
from adapter.errors import IntakeError, LedgerError
from adapter.intake.arrival import BODY_TIMEOUT_S, Arrival, BodyBudget, Received, is_prefetch
from adapter.intake.captures import Captures
from adapter.intake.strangers import Strangers
from adapter.intake.waiting import Waiting
from adapter.ledger.dedupe import IDEMPOTENCY_WINDOW
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import Accepted
from adapter.mapping.reading import Mapped, RequestReading
from adapter.model import Call, Webhook, WebhookState
from adapter.policy.gates import Gates
from adapter.server.responses import fault_answer, respond
from adapter.telemetry import Metrics, log_event
from adapter.webhook.answers import Answer, CallView, problem_answer, webhook_answer
from adapter.webhook.auth.proof import Proof
from adapter.webhook.request import Request

MAX_CHALLENGE_BYTES = 16 * 1024
# What is read and mapped on the loop itself; a list may have an item in three bytes.
_MOST_BYTES, _MOST_BYTES_OF_ITEMS = 4 * 1024, 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """Takes in the webhooks of all sources."""

    current: Current
    ledger: Ledger
    captures: Captures
    gates: Gates
    waiting: Waiting
    wake: Callable[[Iterable[Call]], None]
    now: Callable[[], datetime]
    metrics: Metrics
    strangers: Strangers = field(default_factory=Strangers)
    budget: BodyBudget = field(default_factory=BodyBudget)
    body_timeout_s: float = BODY_TIMEOUT_S

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.current.config

    async def hook(self, http: HttpRequest) -> Response:
        """Answer one webhook: the endpoint of the route."""
        started = time.perf_counter()
        source = http.path_params["source"]
        answer = await self._answer(source, http)
        known = self._label(source, answer)
        self.metrics.webhooks.labels(known, str(answer.status)).inc()
        self.metrics.intake_s.observe(time.perf_counter() - started)
        log_event("webhook_answered", source=known, status=answer.status)
        return respond(answer, user_agent=http.headers.get("user-agent", ""))

    async def _answer(self, source_name: str, http: HttpRequest) -> Answer:
        """Answer what is not stored, too: each fault says so."""
        try:
            arrival = Arrival.from_http(
                http,
                trusted_proxies=self.config.trusted_proxies,
                timeout_s=self.body_timeout_s,
                budget=self.budget,
            )
            source = self.config.sources.get(source_name)
            if source is None:
                return await self.captures.receive(source_name, arrival)
            return await self._receive(source, arrival)
        except IntakeError as error:
            return fault_answer(error)
        except LedgerError as error:
            log_event("ledger_unavailable", error=str(error))
            fault = IntakeError(503, "Ledger unavailable", "Nothing was stored; send it again.")
            return fault_answer(fault)
        except OSError as error:
            # Time zones and numbering plans are read when first needed: a process that has no
            # descriptor left cannot map, but will again.
            log_event("machine_unavailable", level=logging.ERROR, error=str(error.strerror))
            fault = IntakeError(503, "Machine overloaded", "Nothing was stored; send it again.")
            return fault_answer(fault)

    async def _receive(self, source: Source, arrival: Arrival) -> Answer:
        """Return the answer of a source; raises IntakeError for what is not stored."""
        refusal = _answer_to_head(source, arrival.head)
        if refusal is not None:
            return refusal
        received = await self._received(source, arrival)
        reading = RequestReading(source.mapping, received.request, received.fault)
        is_large = len(reading.request.body) > _MOST_BYTES  # others are answered meanwhile
        greet = partial(_greeting, source, reading)
        greeting = await asyncio.to_thread(greet) if is_large else greet()
        if greeting is not None:
            return greeting
        if reading.request.method not in source.methods:
            return _wrong_method(source, arrival.head)

        proof = await self._proof(source, reading)
        arrival.mark_proven()
        if self.ledger.tally.pending >= self.config.max_pending:
            raise IntakeError(429, "Too many calls pending", "Send it again later.")
        if _is_large(source, reading.request):  # others are answered meanwhile
            webhook, mapped = await asyncio.to_thread(self._mapped, source, reading, proof)
        else:
            webhook, mapped = self._mapped(source, reading, proof)
        accepted = await self.ledger.accept(
            webhook,
            mapped.calls,
            proof=proof.digest,
            idempotency=(received.request.header("idempotency-key") or "").strip() or None,
            proof_window=self.config.retention,
            idempotency_window=IDEMPOTENCY_WINDOW,
            burst=source.burst,
            found_by=mapped.numbers,
        )
        self._tell(accepted)
        return await self._stored_answer(source, accepted, received)

    async def _received(self, source: Source, arrival: Arrival) -> Received:
        """Read the body, unless its head shows already that the proof is not there.

        A challenge is answered before auth, and is short.
        """
        if not source.auth.refuses_head(arrival.head, now=self.now()):
            return await arrival.receive(self.config.max_body_bytes)
        if source.handshake is None:
            raise await self._stranger(source, arrival.head)
        try:
            return await arrival.receive(min(MAX_CHALLENGE_BYTES, self.config.max_body_bytes))
        except IntakeError as error:
            if error.status != 413:
                raise
            raise await self._stranger(source, arrival.head) from None

    async def _proof(self, source: Source, reading: RequestReading) -> Proof:
        """Check who sends."""
        prove = partial(
            source.auth.prove, reading.request, now=self.now(), document=reading.unproven_document
        )
        is_large = len(reading.request.body) > _MOST_BYTES
        proof = await asyncio.to_thread(prove) if is_large else prove()
        if proof is None and reading.excess is not None:
            raise reading.excess
        if proof is None:
            raise await self._stranger(source, reading.request)
        return proof

    async def _stranger(self, source: Source, head: Request) -> IntakeError:
        """Return the answer to a failed proof; who fails often waits for it."""
        self.metrics.failed_proofs.labels(source.name).inc()
        if await self.strangers.hold(head.client):
            log_event("stranger_held", level=logging.WARNING, source=source.name)
        return IntakeError(
            401,
            "Not authenticated",
            "The request lacks the proof that this source's `auth` asks for.",
        )

    def _mapped(
        self, source: Source, received: RequestReading, proof: Proof
    ) -> tuple[Webhook, Mapped]:
        """Decode and map what is no proof, and ask the gates whose answer is known at once."""
        reading, now = received.without(proof), self.now()
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
        calls = tuple(
            self.gates.gated(call, f"{webhook.id}:{position}", now)
            for position, call in enumerate(mapped.calls)
        )
        return webhook, replace(mapped, calls=calls)

    def _tell(self, accepted: Accepted) -> None:
        """Wake whoever works the calls off, and count them."""
        self.wake(accepted.calls)
        for call in accepted.calls:
            self.metrics.calls.labels(call.source, call.state.value, str(call.reason)).inc()

    async def _stored_answer(
        self, source: Source, accepted: Accepted, received: Received
    ) -> Answer:
        webhook = accepted.webhook
        applied = received.remedy
        views = [CallView.from_call(call) for call in accepted.calls]
        if received.request.header("prefer") is not None:
            views, preferred = await self.waiting.views(views, received.request)
            applied += preferred
        answer = webhook_answer(webhook.id, views, webhook.state, webhook.reason, source.respond)
        return replace(answer, headers=answer.headers + applied)

    def _label(self, source: str, answer: Answer) -> str:
        """Return what metrics and logs call a source: never what a stranger made up."""
        if source in self.config.sources:
            return source
        return "captured" if answer.status < 400 else "unknown"


def _answer_to_head(source: Source, head: Request) -> Answer | None:
    """Return the answer to a request whose body nobody needs to read."""
    if not source.is_enabled:
        raise IntakeError(503, "Source parked", "Its mapping says `enabled: false`.")
    if head.method in ("HEAD", "OPTIONS") or is_prefetch(head):
        return Answer(status=204, headers=(("allow", _allow(source, head)),))
    may_greet = head.method == "GET" and source.handshake is not None
    return None if head.method in source.methods or may_greet else _wrong_method(source, head)


def _is_large(source: Source, request: Request) -> bool:
    """Whether decoding and mapping may take longer than others should wait."""
    most = _MOST_BYTES_OF_ITEMS if source.mapping.each is not None else _MOST_BYTES
    return len(request.body) > most


def _greeting(source: Source, reading: RequestReading) -> Answer | None:
    """Return the answer to a set-up challenge, if that is what came."""
    if source.handshake is None or len(reading.request.body) > MAX_CHALLENGE_BYTES:
        return None
    return source.handshake.answer(reading.request, document=reading.document, view=reading.view)


def _allow(source: Source, head: Request) -> str:
    """Return the methods that are worth a try; a GET that was refused as no challenge is not."""
    greeting = {"GET"} if source.handshake is not None and head.method != "GET" else set[str]()
    return ", ".join(sorted(source.methods | greeting | {"HEAD", "OPTIONS"}))


def _wrong_method(source: Source, head: Request) -> Answer:
    detail = f"This source takes {', '.join(sorted(source.methods))}."
    answer = problem_answer(405, "Method not allowed", detail)
    return replace(answer, headers=(("allow", _allow(source, head)),))
