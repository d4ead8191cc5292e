"""Replays of stored webhooks and calls, joined from ledger and mapping."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from adapter.config.config import Current
from adapter.config.source import Source
from adapter.errors import ConflictError, UnknownError
from adapter.ledger.calls.captures import check_may_ring
from adapter.ledger.dedupe import IDEMPOTENCY_WINDOW, Repeats
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import Replayed
from adapter.mapping.reading import Mapped, RequestReading
from adapter.model import MAY_HAVE_RUNG, REPLAYABLE, Call, MappedCall, Webhook
from adapter.webhook.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Replays:
    """Maps stored webhooks anew and sends their calls through every gate again."""

    current: Current
    ledger: Ledger
    wake: Callable[[Iterable[Call]], None]
    now: Callable[[], datetime]

    async def replay_call(self, call_id: str) -> Replayed:
        """Replay one call; raises ConflictError where its state or its mapping forbids it."""
        found = await self.ledger.reads.call(call_id)
        if found is None:
            raise UnknownError("no such call")
        call = found[0]
        webhook = await self._webhook(call.webhook)
        mapped = _call_at(self._mapped(webhook), call.position)
        replayed = await self.ledger.admin.replay(
            call_id, mapped, now=self.now(), repeats=_repeats(webhook)
        )
        self.wake([replayed.call])
        return replayed

    async def replay_webhook(self, webhook_id: str) -> tuple[Replayed, ...]:
        """Replay a webhook's calls that have not rung, and store those that its mapping adds.

        One that has rung or may have is left as it is: to ring it again, replay the call itself.
        """
        webhook = await self._webhook(webhook_id)
        mapped = self._mapped(webhook)
        replayed = await self.ledger.admin.replay_webhook(
            webhook_id,
            mapped.calls,
            reason=mapped.reason,
            now=self.now(),
            states=REPLAYABLE - MAY_HAVE_RUNG,
            repeats=_repeats(webhook),
        )
        self.wake(answer.call for answer in replayed)
        return replayed

    async def resolve(self, call_id: str, *, rung: bool, note: str = "") -> Call:
        """Record what a person found out about an uncertain call."""
        if await self.ledger.reads.call(call_id) is None:
            raise UnknownError("no such call")
        return await self.ledger.admin.resolve(call_id, rung=rung, now=self.now(), note=note)

    async def _webhook(self, webhook_id: str) -> Webhook:
        found = await self.ledger.reads.webhook(webhook_id)
        if found is None:
            raise UnknownError("no such webhook")
        webhook = found[0]
        check_may_ring(*found)
        if not (webhook.headers or webhook.query or webhook.body):
            raise ConflictError("its webhook was erased, because somebody in it was forgotten")
        return webhook

    def _mapped(self, webhook: Webhook) -> Mapped:
        mapping = self._source(webhook.source).mapping
        return RequestReading(mapping, Request.from_webhook(webhook)).mapped()

    def _source(self, name: str) -> Source:
        source = self.current.config.sources.get(name)
        if source is None:
            raise ConflictError(f"source {name!r} has no mapping any more; restore its file first")
        if source.unset:  # what stands for it would be spoken to somebody
            wanted = ", ".join(source.unset)
            raise ConflictError(f"the mapping of {name!r} needs {wanted}: set it here, then replay")
        return source


def _repeats(webhook: Webhook) -> Repeats:
    """Return the sender's Idempotency-Key, which a replayed call holds again."""
    key = dict(webhook.headers).get("idempotency-key", "").strip() or None
    return Repeats(idempotency=key, idempotency_window=IDEMPOTENCY_WINDOW)


def _call_at(mapped: Mapped, position: int) -> MappedCall:
    if position >= len(mapped.calls):
        why = mapped.reason or "its mapping makes fewer calls of it now"
        raise ConflictError(f"the webhook no longer gives this call: {why}")
    return mapped.calls[position]
