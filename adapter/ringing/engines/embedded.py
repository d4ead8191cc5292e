"""The embedded engine: one lane an agent, in this process, woken by intake. It never polls.

A lane claims due calls while it has slots free and sleeps until something is due or it is woken.
The ledger decides what may be claimed; the lane only asks.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from adapter.errors import LedgerError
from adapter.model import Call, Claim, Facts, Freshness, Move
from adapter.ringing.bulletin import Bulletin
from adapter.ringing.gates import Numbering, Situation, decide_ring
from adapter.ringing.limits import pace_of
from adapter.ringing.ringer import Ringer
from adapter.telemetry import log_event

_LONGEST_SLEEP_S = 60.0  # a wall clock that was set back must not put a lane to sleep for long
_ASK_AGAIN_S = 1.0
_RECORD_S = 3.0  # for a cut attempt to be written down


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What holds for every lane: the settings that its gates ask for."""

    freshness: Freshness
    cooldown: timedelta
    numbering: Numbering
    is_clock_sure: Callable[[], bool] = lambda: True


class Lane:
    """One agent's calls, at most `max_concurrent` at a time."""

    def __init__(self, ringer: Ringer, terms: Terms, bulletin: Bulletin) -> None:
        self._ringer = ringer
        self._terms = terms
        self._bulletin = bulletin
        self._woken = asyncio.Event()
        self._between_claims = asyncio.Event()
        self._between_claims.set()
        self._attempts: set[asyncio.Task[Call]] = set()
        self._is_draining = False

    @property
    def in_flight(self) -> int:
        """How many attempts are under way."""
        return len(self._attempts)

    def wake(self) -> None:
        """Say that something may be due now."""
        self._woken.set()

    def replace(self, ringer: Ringer, terms: Terms) -> frozenset[asyncio.Task[Call]]:
        """Go on with another configuration; return the attempts that end under the old one.

        They still count against `max_concurrent`: the phones ring whatever the file says.
        """
        self._ringer, self._terms = ringer, terms
        self.wake()
        return frozenset(self._attempts)

    async def run(self) -> None:
        """Claim and ring until drained; a bug here ends the program, by its supervisor."""
        while not self._is_draining:
            self._woken.clear()
            self._between_claims.clear()
            try:
                sleep_s = await self._claim_due()
            finally:
                self._between_claims.set()
            await self._sleep(sleep_s)

    async def drain(self, timeout_s: float) -> int:
        """Claim no more, wait for the attempts under way, cut what remains; return how many."""
        self._is_draining = True
        self.wake()
        await self._between_claims.wait()  # what is being claimed is as good as sent
        if not self._attempts:
            return 0
        _, late = await asyncio.wait(self._attempts, timeout=timeout_s)
        await _cut(late)
        return len(late)

    async def _claim_due(self) -> float:
        """Start what is due and fits; return how long there is nothing else to do."""
        now = self._ringer.now()
        slots = self._ringer.agent.max_concurrent - self.in_flight
        if slots <= 0:
            return _LONGEST_SLEEP_S  # an attempt that ends will wake us
        try:
            claims = await self._ringer.ledger.claim(
                self._ringer.agent.name,
                limit=slots,
                now=now,
                cooldown=self._terms.cooldown,
                decide=partial(self._decide, situation=self._situation(now)),
                pace=pace_of(self._ringer.agent, now),
            )
        except LedgerError as error:
            log_event("ledger_unavailable", level=logging.ERROR, error=str(error))
            return _ASK_AGAIN_S
        except OSError as error:  # a time zone's file could not be opened: descriptors ran out
            log_event("machine_unavailable", level=logging.ERROR, error=str(error.strerror))
            return _ASK_AGAIN_S
        for call in claims.moved:
            self._bulletin.announce(call.id)
        for claim in claims.claims:
            self._start(claim)
        return self._until(claims.next_due)

    def _situation(self, now: datetime) -> Situation:
        return Situation(
            now=now,
            freshness=self._terms.freshness,
            numbering=self._terms.numbering,
            is_clock_sure=self._terms.is_clock_sure(),
        )

    def _decide(self, call: Call, facts: Facts, *, situation: Situation) -> Move:
        return decide_ring(call, facts=facts, agent=self._ringer.agent, situation=situation)

    def _until(self, due_at: datetime | None) -> float:
        if due_at is None:
            return _LONGEST_SLEEP_S
        return max(0.0, (due_at - self._ringer.now()).total_seconds())

    def _start(self, claim: Claim) -> None:
        attempt = asyncio.create_task(self._ringer.ring(claim), name=f"attempt {claim.call.id}")
        self._attempts.add(attempt)
        attempt.add_done_callback(self._ended)

    def _ended(self, attempt: asyncio.Task[Call]) -> None:
        self._attempts.discard(attempt)
        self.wake()
        if attempt.cancelled():
            return
        if (bug := attempt.exception()) is not None:
            log_event("attempt_not_recorded", level=logging.ERROR, error=type(bug).__name__)
        else:
            self._bulletin.announce(attempt.result().id)

    async def _sleep(self, sleep_s: float) -> None:
        try:
            async with asyncio.timeout(min(sleep_s, _LONGEST_SLEEP_S)):
                await self._woken.wait()
        except TimeoutError:
            pass


async def _cut(attempts: set[asyncio.Task[Call]]) -> None:
    """Cancel attempts; the second time also where one waits for a ledger out of order.

    The first time it records `uncertain`. What it cannot record, the sweep at the next start does.
    """
    for _ in range(2):
        for attempt in attempts:
            attempt.cancel()
        if attempts:
            _, attempts = await asyncio.wait(attempts, timeout=_RECORD_S)


class EmbeddedEngine:
    """All lanes of one process."""

    def __init__(self, bulletin: Bulletin) -> None:
        self._bulletin = bulletin
        self._lanes: dict[str, Lane] = {}
        self._group: asyncio.TaskGroup | None = None

    def wake(self, agents: Iterable[str | None]) -> None:
        """Say that these agents may have calls due."""
        for name in agents:
            if name is not None and name in self._lanes:
                self._lanes[name].wake()

    def wake_all(self) -> None:
        """Say that every agent may have calls due."""
        self.wake(self._lanes)

    def in_flight(self) -> Mapping[str, int]:
        """Return each agent's attempts under way."""
        return {name: lane.in_flight for name, lane in self._lanes.items()}

    def put(self, ringer: Ringer, terms: Terms) -> frozenset[asyncio.Task[Call]]:
        """Give an agent its lane, or its lane another configuration; see `Lane.replace`."""
        name = ringer.agent.name
        if name in self._lanes:
            return self._lanes[name].replace(ringer, terms)
        self._lanes[name] = Lane(ringer, terms, self._bulletin)
        self._start(name)
        return frozenset()

    async def remove(self, agent: str, timeout_s: float) -> None:
        """Take an agent's lane away, once its attempts have ended."""
        await self._lanes.pop(agent).drain(timeout_s)

    async def run(self) -> None:
        """Run every lane; one that dies takes the engine, and so the program, with it."""
        async with asyncio.TaskGroup() as self._group:
            for name in self._lanes:
                self._start(name)

    async def drain(self, timeout_s: float) -> int:
        """Stop claiming everywhere; return how many attempts had to be cut."""
        cut = await asyncio.gather(*(lane.drain(timeout_s) for lane in self._lanes.values()))
        return sum(cut)

    def _start(self, name: str) -> None:
        if self._group is not None:
            self._group.create_task(self._lanes[name].run(), name=f"lane {name}")
