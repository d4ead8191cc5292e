"""The ringers of all agents, as agents come and go."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from adapter.agent import Agent
from adapter.config.config import Config
from adapter.lookup.worker import LookupWorker
from adapter.model import Call
from adapter.policy.gates import Gates
from adapter.ringing.ringer import Ringer
from adapter.workers.engine import Engine, LookingUp

_RETIRE_S = 60.0


class RingerPool:
    """The ringers of all agents, each on its lane; takes up and lets go as agents come and go."""

    def __init__(
        self,
        engine: Engine,
        make: Callable[[Agent], Ringer],
        lookups: LookupWorker,
        gates: Gates,
    ) -> None:
        self._engine = engine
        self._make = make
        self._lookups = lookups
        self._gates = gates
        self._ringers: dict[str, Ringer] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    def take_up(self, config: Config, looking: Iterable[str]) -> None:
        """Give every agent its lane under this configuration, and take the others' away.

        Sources that are `looking` have look-ups, or calls left that need one.
        """
        for name in self._ringers.keys() - config.agents.keys():
            self._retire(self._dismiss(name))
        for source in looking:
            self._engine.put_source(
                LookingUp(source=source, lookups=self._lookups, gates=self._gates)
            )
        for name, agent in config.agents.items():
            old = self._ringers.get(name)
            if old is None or old.agent != agent:
                self._ringers[name] = self._make(agent)
            under_way = self._engine.put(self._ringers[name], self._gates)
            if old is not None and old is not self._ringers[name]:
                self._retire(_close_after(under_way, old))

    async def close(self) -> None:
        """Let go of every connection."""
        for task in self._retiring:
            task.cancel()
        await self._lookups.fetcher.close()
        for ringer in self._ringers.values():
            await ringer.sender.close()

    async def _dismiss(self, name: str) -> None:
        ringer = self._ringers.pop(name)
        await self._engine.remove(name, ringer.agent.timeout_s + _RETIRE_S)
        await ringer.sender.close()

    def _retire(self, ending: Any) -> None:
        task = asyncio.create_task(ending, name="retiring")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


async def _close_after(under_way: Iterable[asyncio.Task[Call | None]], ringer: Ringer) -> None:
    await asyncio.gather(*under_way, return_exceptions=True)
    await ringer.sender.close()
