"""The ringers of all agents, as agents come and go."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapter.agent import Agent
from adapter.config.config import Config
from adapter.config.proxy import Proxy
from adapter.lookup.worker import LookupWorker
from adapter.model import Call
from adapter.policy.gates import Gates
from adapter.ringing.ringer import Ringer
from adapter.workers.engine import Engine, LookingUp

_RETIRE_S = 60.0
# Path, inode, time and size of the file of trusted authorities; None for certifi's own.
Authorities: TypeAlias = tuple[str, int, int, int] | None


class RingerPool:
    """The ringers of all agents, each on its lane; takes up and lets go as agents come and go."""

    def __init__(
        self,
        engine: Engine,
        make: Callable[[Agent, Config], Ringer],
        lookups: LookupWorker,
        gates: Gates,
    ) -> None:
        self._engine = engine
        self._make = make
        self._lookups = lookups
        self._gates = gates
        self._ringers: dict[str, Ringer] = {}
        self._way_out = WayOut()
        self._retiring: set[asyncio.Task[None]] = set()

    def prepare(self, config: Config) -> "NewRingers":
        """Make every client that a configuration needs and that is not there, before the switch.

        All are made anew once the proxy or the file of trusted authorities has changed. OSError:
        no client can be made, and nothing has changed.
        """
        way_out = WayOut(authorities=authorities_in_force(), proxy=config.proxy)
        is_new = way_out != self._way_out
        if is_new:
            self._lookups.fetcher.check_authorities()
        made = {
            name: self._make(agent, config)
            for name, agent in config.agents.items()
            if is_new or name not in self._ringers or self._ringers[name].agent != agent
        }
        return NewRingers(made, way_out)

    async def take_up(self, config: Config, looking: Iterable[str], new: "NewRingers") -> None:
        """Give every agent its lane under this configuration, and take the others' away.

        Sources that are `looking` have look-ups, or calls left that need one.
        """
        if new.way_out != self._way_out:
            self._way_out = new.way_out
            await self._lookups.fetcher.renew(new.way_out.proxy)
        for name in self._ringers.keys() - config.agents.keys():
            self._retire(self._dismiss(name))
        for source in looking:
            self._engine.put_source(
                LookingUp(source=source, lookups=self._lookups, gates=self._gates)
            )
        for name in config.agents:
            old = self._ringers.get(name)
            self._ringers[name] = new.ringers.get(name) or self._ringers[name]
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


@dataclass(frozen=True, kw_only=True, slots=True)
class WayOut:
    """What all clients share: the authorities that they trust, and the proxy."""

    authorities: Authorities = None
    proxy: Proxy | None = None


@dataclass(frozen=True, slots=True)
class NewRingers:
    """Ringers by agent that wait for the switch, and their way out."""

    ringers: Mapping[str, Ringer]
    way_out: WayOut


def authorities_in_force() -> Authorities:
    """Return a value that differs once the file that SSL_CERT_FILE names does."""
    path = os.environ.get("SSL_CERT_FILE")
    if not path:
        return None
    found = os.stat(path)
    return path, found.st_ino, found.st_mtime_ns, found.st_size


async def _close_after(under_way: Iterable[asyncio.Task[Call | None]], ringer: Ringer) -> None:
    await asyncio.gather(*under_way, return_exceptions=True)
    await ringer.sender.close()
