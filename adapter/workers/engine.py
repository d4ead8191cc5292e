"""The embedded engine: one lane an agent and one a source with look-ups, in this process."""

import asyncio
from collections.abc import Iterable, Mapping

from adapter.model import Call, State
from adapter.ringing.ringer import Ringer
from adapter.workers.lane import Lane, Work
from adapter.workers.notices import CallNotices
from adapter.workers.work import LookingUp, Ringing, Terms


class Engine:
    """All lanes of one process; those of agents and those of sources have names of their own."""

    def __init__(self, notices: CallNotices) -> None:
        self._notices = notices
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

    def put(self, ringer: Ringer, terms: Terms) -> frozenset[asyncio.Task[Call | None]]:
        """Give an agent its lane, or its lane another configuration; see `Lane.replace`."""
        return self._put(self._agents, ringer.agent.name, Ringing(ringer=ringer, terms=terms))

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
        lanes[name] = Lane(work, self._notices)
        self._start(name, lanes[name])
        return frozenset()

    def _start(self, name: str, lane: Lane) -> None:
        if self._group is not None:
            self._group.create_task(lane.run(), name=f"lane {name}")


async def _drained(lanes: Iterable[Lane], timeout_s: float) -> int:
    return sum(await asyncio.gather(*(lane.drain(timeout_s) for lane in lanes)))
