"""The engine: one lane an agent and one a source with look-ups, in this process."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from adapter.ledger.calls.lookup_claims import LookupRequest
from adapter.lookup.worker import LookupWorker
from adapter.model import Call, Facts, Move, State
from adapter.policy.gates import Gates, Situation, decide_lookup, decide_ring
from adapter.ringing.ringer import Ringer
from adapter.telemetry import log_event
from adapter.workers.lane import Lane, Taken, Work

LOOKUPS_AT_ONCE = 5
_LEASE_SPARE = timedelta(seconds=10)  # for what comes after the last answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Ringing:
    """One agent's attempts."""

    ringer: Ringer
    gates: Gates

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
            cooldown=self.gates.current.config.cooldown,
            decide=partial(self._decide, situation=self.gates.situation(now)),
            pace=agent.pace(now),
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
    gates: Gates

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
            decide=partial(decide_lookup, situation=self.gates.situation(now)),
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


class Engine:
    """All lanes of one process; those of agents and those of sources have names of their own.

    Its `notices` tell of every call that a lane has changed.
    """

    def __init__(self) -> None:
        self.notices = CallNotices()
        self._agents: dict[str, Lane] = {}
        self._sources: dict[str, Lane] = {}
        self._group: asyncio.TaskGroup | None = None

    def wake(self, calls: Iterable[Call]) -> None:
        """Say that these calls may be due: at their agents, or at their sources' look-ups."""
        for call in calls:
            lanes, name = (
                (self._sources, call.source)
                if call.is_before_lookup
                else (self._agents, call.agent or "")
            )
            if call.state is State.WAITING and name in lanes:
                lanes[name].wake()

    def wake_all(self) -> None:
        """Say that anything may be due."""
        for lane in self._lanes():
            lane.wake()

    def in_flight(self) -> Mapping[str, int]:
        """Return each agent's attempts under way."""
        return {name: lane.in_flight for name, lane in self._agents.items()}

    def put(self, ringer: Ringer, gates: Gates) -> frozenset[asyncio.Task[Call | None]]:
        """Give an agent its lane, or its lane another configuration; see `Lane.replace`."""
        return self._put(self._agents, ringer.agent.name, Ringing(ringer=ringer, gates=gates))

    def put_source(self, looking: LookingUp) -> None:
        """Give a source the lane of its look-ups, or that lane another configuration.

        It is never taken away: calls that need one may be left when a mapping is gone.
        """
        self._put(self._sources, looking.source, looking)

    async def remove(self, agent: str, timeout_s: float) -> None:
        """Take an agent's lane away, once its attempts have ended."""
        await self._agents.pop(agent).drain(timeout_s)

    async def run(self) -> None:
        """Run every lane; one that dies takes the engine, and so the program, with it."""
        async with asyncio.TaskGroup() as self._group:
            for name, lane in [*self._agents.items(), *self._sources.items()]:
                self._start(name, lane)

    async def drain(self, timeout_s: float) -> int:
        """Take nothing more anywhere; return how many attempts had to be cut.

        Look-ups are cut at once: they ring nobody, and the next start makes them anew.
        """
        cut, _ = await asyncio.gather(
            _drained(self._agents.values(), timeout_s), _drained(self._sources.values(), 0.0)
        )
        return cut

    def _lanes(self) -> list[Lane]:
        return [*self._agents.values(), *self._sources.values()]

    def _put(
        self, lanes: dict[str, Lane], name: str, work: Work
    ) -> frozenset[asyncio.Task[Call | None]]:
        if name in lanes:
            return lanes[name].replace(work)
        lanes[name] = Lane(work, self.notices.announce)
        self._start(name, lanes[name])
        return frozenset()

    def _start(self, name: str, lane: Lane) -> None:
        if self._group is not None:
            self._group.create_task(lane.run(), name=f"lane {name}")


async def _drained(lanes: Iterable[Lane], timeout_s: float) -> int:
    return sum(await asyncio.gather(*(lane.drain(timeout_s) for lane in lanes)))


class CallNotices:
    """Tells those who wait for a call (`Prefer: wait`) that it has changed.

    A notice that nobody waits for costs one dict look-up.
    """

    def __init__(self) -> None:
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.is_closed = False

    def close(self) -> None:
        """Wake everybody: the program is stopping, nobody should wait any longer."""
        self.is_closed = True
        for call_id in list(self._waiters):
            self.announce(call_id)

    def announce(self, call_id: str) -> None:
        """Wake everybody who waits for this call."""
        for event in self._waiters.get(call_id, ()):
            event.set()

    def watch(self, call_ids: list[str]) -> "Watch":
        """Start to listen; read the calls' states only afterwards, so that no change is missed."""
        return Watch(self._waiters, call_ids)


class Watch:
    """A context in which changes of some calls can be awaited."""

    def __init__(self, waiters: defaultdict[str, set[asyncio.Event]], call_ids: list[str]) -> None:
        self._waiters = waiters
        self._call_ids = call_ids
        self._event = asyncio.Event()

    def __enter__(self) -> "Watch":
        for call_id in self._call_ids:
            self._waiters[call_id].add(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        for call_id in self._call_ids:
            self._waiters[call_id].discard(self._event)
            if not self._waiters[call_id]:
                del self._waiters[call_id]

    async def changed(self) -> None:
        """Return once any of the calls has changed since the last time."""
        await self._event.wait()
        self._event.clear()
