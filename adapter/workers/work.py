"""What lanes do: ring one agent's calls, or look up one source's records."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from adapter.ledger.calls.lookup_claims import LookupRequest
from adapter.lookup.worker import LookupWorker
from adapter.model import Call, Facts, Freshness, Move
from adapter.policy.gates import Numbering, Situation, decide_lookup, decide_ring
from adapter.policy.pace import pace_of
from adapter.ringing.ringer import Ringer
from adapter.telemetry import log_event
from adapter.workers.lane import Taken

LOOKUPS_AT_ONCE = 5
_LEASE_SPARE = timedelta(seconds=10)  # for what comes after the last answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What holds for every lane: the settings that its gates ask for."""

    freshness: Freshness
    cooldown: timedelta
    numbering: Numbering
    is_clock_sure: Callable[[], bool] = lambda: True

    def situation(self, now: datetime) -> Situation:
        """Return what holds for every lead at this moment."""
        return Situation(
            now=now,
            freshness=self.freshness,
            numbering=self.numbering,
            is_clock_sure=self.is_clock_sure(),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ringing:
    """One agent's attempts."""

    ringer: Ringer
    terms: Terms

    @property
    def slots(self) -> int:
        """How many attempts may be under way at once."""
        return self.ringer.agent.max_concurrent

    def now(self) -> datetime:
        """Return the ringer's time."""
        return self.ringer.now()

    async def take(self, limit: int) -> Taken:
        """Claim due calls; whoever holds a claim holds an attempt that is committed."""
        now, agent = self.now(), self.ringer.agent
        claims = await self.ringer.ledger.claim(
            agent.name,
            limit=limit,
            now=now,
            cooldown=self.terms.cooldown,
            decide=partial(self._decide, situation=self.terms.situation(now)),
            pace=pace_of(agent, now),
        )
        return Taken(
            jobs=[
                (f"attempt {claim.call.id}", partial(self.ringer.ring, claim))
                for claim in claims.claims
            ],
            moved=claims.moved,
            next_due=claims.next_due,
        )

    def report_bug(self, bug: BaseException) -> None:
        """Log it; the next start makes the call `uncertain`."""
        log_event("attempt_not_recorded", level=logging.ERROR, error=type(bug).__name__)

    def _decide(self, call: Call, facts: Facts, *, situation: Situation) -> Move:
        return decide_ring(call, facts=facts, agent=self.ringer.agent, situation=situation)


@dataclass(frozen=True, kw_only=True, slots=True)
class LookingUp:
    """One source's look-ups, a few at a time: a slow vendor keeps no other source waiting."""

    source: str
    lookups: LookupWorker
    terms: Terms

    @property
    def slots(self) -> int:
        """How many may be under way at once."""
        return LOOKUPS_AT_ONCE

    def now(self) -> datetime:
        """Return the worker's time."""
        return self.lookups.now()

    async def take(self, limit: int) -> Taken:
        """Lease due calls for as long as their look-ups may take."""
        now = self.now()
        request = LookupRequest(
            source=self.source,
            limit=limit,
            now=now,
            lease=timedelta(seconds=self.lookups.longest_s(self.source)) + _LEASE_SPARE,
            decide=partial(decide_lookup, situation=self.terms.situation(now)),
        )
        claims = await self.lookups.ledger.claim_lookups(request)
        return Taken(
            jobs=[
                (f"look-up {claim.call.id}", partial(self.lookups.look_up, claim))
                for claim in claims.claims
            ],
            moved=claims.moved,
            next_due=claims.next_due,
        )

    def report_bug(self, bug: BaseException) -> None:
        """Log it; the call is asked for again when its lease has ended."""
        log_event("lookup_not_recorded", level=logging.ERROR, error=type(bug).__name__)
