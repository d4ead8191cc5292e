"""One claimed look-up: fetch, map, store. Decisions are pure; this file carries them out.

The answer is not stored: it is mapped at once, by the mapping in force, and only the call that it
makes is. A process that dies meanwhile has rung nobody, and asks again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from adapter.config.config import Current
from adapter.config.source import Source
from adapter.errors import IntakeError, LedgerError, MappingError
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import LookupClaim
from adapter.lookup.answers import Found, Missed, decide_missed, judged
from adapter.lookup.fetcher import Fetcher
from adapter.lookup.view_cache import ViewCache
from adapter.mapping.lookup import Lookup, answers_view, fingerprint
from adapter.mapping.reading import RequestReading
from adapter.mapping.values import View
from adapter.model import Call, MappedCall, Reason, State
from adapter.policy.gates import Gates
from adapter.telemetry import Metrics, log_event
from adapter.webhook.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupResult:
    """The result of a look-up; `is_well` says that the vendor answered, and did not deny.

    `denied_by` is the status by which it denied, "" if it did not.
    """

    outcome: MappedCall | Missed
    is_well: bool = False
    denied_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupWorker:
    """Carries out claimed look-ups of all sources."""

    current: Current
    fetcher: Fetcher
    ledger: Ledger
    gates: Gates
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    wake: Callable[[Iterable[Call]], None]
    metrics: Metrics
    view_cache: ViewCache = field(default_factory=ViewCache)

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
            looked = await self._looked(claim)
            call = await self._store(claim, looked)
        except LedgerError as error:
            log_event("ledger_unavailable", level=logging.ERROR, error=str(error))
            return None
        if call is None:
            return None
        self.wake([call])
        self._report(call, looked, claim)
        return call

    async def _looked(self, claim: LookupClaim) -> LookupResult:
        call = claim.call
        source = self.current.config.sources.get(call.source)
        if source is None:
            return LookupResult(outcome=Missed(kind="no_mapping"))
        try:
            view = await self._view(source, call)
        except (IntakeError, MappingError) as fault:
            return LookupResult(outcome=_refused(fault.reason, fault.detail))
        if view is None:
            detail = "its mapping makes fewer calls of it now"
            return LookupResult(outcome=_refused(Reason.NO_ITEMS, detail))
        looked = await self._asked(source, view)
        if isinstance(looked.outcome, Missed):
            # Whoever asked with a token that was replaced meanwhile learnt nothing of the new one.
            is_current = fingerprint(source.mapping.lookups) == claim.fingerprint
            return looked if is_current else replace(looked, denied_by="", is_well=False)
        gated = self.gates.gated(
            looked.outcome,
            f"{call.webhook}:{call.position}",
            self.now(),
            uncounted_s=call.uncounted_s,
        )
        return replace(looked, outcome=gated)

    async def _view(self, source: Source, call: Call) -> View | None:
        """Return what a call is made of; None where its webhook no longer gives it."""
        views = self.view_cache.views(call.webhook, source)
        if views is None:
            webhook = await self.ledger.reads.raw_webhook(call.webhook)
            if webhook is None:
                return None
            views = RequestReading(source.mapping, Request.from_webhook(webhook)).views()
            self.view_cache.keep(call.webhook, source, views)
        return views[call.position] if call.position < len(views) else None

    async def _asked(self, source: Source, view: View) -> LookupResult:
        """Make a mapping's look-ups in order, and map what they are answered."""
        mapping, answers = source.mapping, dict[str, Any]()
        for lookup in mapping.lookups:
            asked = replace(view, lookup=answers_view(mapping.lookups, answers))
            try:
                url = lookup.url.filled(asked)
            except MappingError as fault:
                refused = _refused(fault.reason, fault.detail)
                return LookupResult(outcome=refused, is_well=bool(answers))
            found = await self._fetch(lookup, url)
            if isinstance(found, Missed):
                return LookupResult(outcome=found, is_well=found.is_well, denied_by=found.denied_by)
            answers[lookup.name] = found.answer
        answered = answers_view(mapping.lookups, answers) if mapping.lookups else None
        mapped = mapping.call(replace(view, lookup=answered))
        return LookupResult(outcome=mapped, is_well=bool(answers))

    async def _fetch(self, lookup: Lookup, url: str) -> Found | Missed:
        headers = [(name, secret.reveal()) for name, secret in lookup.headers]
        answered = await self.fetcher.get(
            url,
            headers,
            timeout_s=lookup.timeout_s,
            max_bytes=self.current.config.max_body_bytes,
        )
        return answered if isinstance(answered, Missed) else judged(answered, lookup)

    async def _store(self, claim: LookupClaim, looked: LookupResult) -> Call | None:
        now = self.now()
        if isinstance(looked.outcome, MappedCall):
            return await self.ledger.answer_lookup(
                claim, looked.outcome, now=now, is_well=looked.is_well
            )
        return await self.ledger.miss_lookup(
            claim,
            decide_missed(looked.outcome, call=claim.call, now=now, jitter=self.jitter()),
            now=now,
            denied_by=looked.denied_by,
            is_well=looked.is_well,
        )

    def _report(self, call: Call, looked: LookupResult, claim: LookupClaim) -> None:
        missed = looked.outcome if isinstance(looked.outcome, Missed) else None
        # the label has the kind alone: its details are many
        self.metrics.lookups.labels(call.source, missed.kind if missed else "found").inc()
        log_event(
            "lookup_ended",
            call=call.id,
            source=call.source,
            number=claim.call.lookups,
            outcome=missed.why if missed else "found",
            state=call.state.value,
            reason=call.reason,
        )


def _refused(reason: str, detail: str) -> MappedCall:
    return MappedCall(state=State.REFUSED, reason=reason, detail=detail)
