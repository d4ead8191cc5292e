"""One claimed look-up: fetch, map, store. Decisions are pure; this file carries them out.

The answer is not stored: it is mapped at once, by the mapping in force, and only the call that it
makes is. A process that dies meanwhile has rung nobody, and asks again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapter.config.config import Current, Source
from adapter.config.translation import request_of, view_at
from adapter.errors import IntakeError, LedgerError, MappingError
from adapter.ledger.ledger import Ledger
from adapter.ledger.words import LookupClaim
from adapter.lookup.answers import Found, Missed, decide_missed
from adapter.lookup.fetcher import Fetcher
from adapter.mapping.lookup import Lookup, answers_view
from adapter.mapping.view import View
from adapter.model import Call, MappedCall, Reason, State
from adapter.ringing.first_gates import FirstGates
from adapter.telemetry import Metrics, log_event

_Answered = MappedCall | Missed


@dataclass(frozen=True, kw_only=True, slots=True)
class Looker:
    """Carries out claimed look-ups of all sources."""

    current: Current
    fetcher: Fetcher
    ledger: Ledger
    gates: FirstGates
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    wake: Callable[[Iterable[Call]], None]
    metrics: Metrics

    def longest_s(self, source: str) -> float:
        """Return the seconds that a source's look-ups of one call may take."""
        found = self.current.config.sources.get(source)
        return sum(lookup.timeout_s for lookup in found.mapping.lookups) if found else 0.0

    async def look_up(self, claim: LookupClaim) -> Call | None:
        """Ask for a claimed call's record and store what that makes of the call.

        None where the claim no longer holds. A ledger that is out of order changes nothing: the
        call is asked for again when its lease has ended.
        """
        try:
            answered = await self._answered(claim)
            call = await self._store(claim, answered)
        except LedgerError as error:
            log_event("ledger_unavailable", level=logging.ERROR, error=str(error))
            return None
        if call is None:
            return None
        self.wake([call])
        self._report(call, answered, claim)
        return call

    async def _answered(self, claim: LookupClaim) -> _Answered:
        source = self.current.config.sources.get(claim.call.source)
        webhook = await self.ledger.raw_webhook(claim.call.webhook)
        if source is None or webhook is None:
            return Missed(kind="no_mapping")
        try:
            view = view_at(source, request_of(webhook), claim.call.position)
            if view is None:
                return _refused(Reason.NO_ITEMS, "its mapping makes fewer calls of it now")
            mapped = await self._looked_up(source, view)
        except (IntakeError, MappingError) as fault:
            return _refused(fault.reason, fault.detail)
        if isinstance(mapped, Missed):
            return mapped
        return self.gates.gated(mapped, f"{webhook.id}:{claim.call.position}", self.now())

    async def _looked_up(self, source: Source, view: View) -> _Answered:
        mapping, answers = source.mapping, dict[str, Any]()
        for lookup in mapping.lookups:
            asked = replace(view, lookup=answers_view(mapping.lookups, answers))
            found = await self._fetch(lookup, lookup.url.filled(asked))
            if isinstance(found, Missed):
                return found
            answers[lookup.name] = found.answer
        answered = answers_view(mapping.lookups, answers) if mapping.lookups else None
        return mapping.call(replace(view, lookup=answered))

    async def _fetch(self, lookup: Lookup, url: str) -> Found | Missed:
        headers = [(name, secret.reveal()) for name, secret in lookup.headers]
        return await self.fetcher.get(
            url,
            headers,
            timeout_s=lookup.timeout_s,
            max_bytes=self.current.config.max_body_bytes,
        )

    async def _store(self, claim: LookupClaim, answered: _Answered) -> Call | None:
        now = self.now()
        if isinstance(answered, MappedCall):
            return await self.ledger.answer_lookup(claim, answered, now)
        return await self.ledger.miss_lookup(
            claim,
            decide_missed(answered, call=claim.call, now=now, jitter=self.jitter()),
            now=now,
            denied_by=answered.denied_by,
            is_well=answered.is_well,
        )

    def _report(self, call: Call, answered: _Answered, claim: LookupClaim) -> None:
        outcome = answered.kind if isinstance(answered, Missed) else "found"
        self.metrics.lookups.labels(call.source, outcome).inc()
        log_event(
            "lookup_ended",
            call=call.id,
            source=call.source,
            number=claim.call.lookups,
            outcome=outcome,
            state=call.state.value,
            reason=call.reason,
        )


def _refused(reason: str, detail: str) -> MappedCall:
    return MappedCall(state=State.REFUSED, reason=reason, detail=detail)
