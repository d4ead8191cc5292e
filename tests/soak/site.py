"""The adapter in a storm: its files, its process, and what befalls both."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.crash.forgetful import lose_power
from tests.harness.adapter_process import AdapterProcess
from tests.harness.in_process import API_KEY, API_SECRET, write_project
from tests.soak.crms import MAPPINGS

LONGEST_STOP_S = 3.0
START_PATIENCE_S = 90.0  # a storm may share its machine
ADMIN_PATIENCE_S = 2.0
_AGENT = """\
  {name}:
    endpoint: ${{{variable}}}
    api_key: {api_key}
    secret: {secret}
    timeout: {timeout_s}s
    max_concurrent: {slots}
"""
# No cooldown: it would hide a second ring.
SETTINGS = "cooldown: 0s\n"
_RESTLESS = (
    "agents/*",
    "agents/first",
    "agents/third",
    "sources/hubspot",
    "sources/form",
    "sources/names",
)


def agents_text(chance: random.Random, *, is_third_lost: bool = False) -> str:
    """Return the agents with limits of their own; one may be lost: nothing listens there."""
    lost = "LOST_URL" if is_third_lost else "AGENT_URL"
    variables = {"first": "AGENT_URL", "second": "AGENT_URL", "third": lost}
    return "agents:\n" + "".join(
        _AGENT.format(
            name=name,
            variable=variable,
            api_key=API_KEY,
            secret=API_SECRET,
            timeout_s=round(chance.uniform(0.7, 1.3), 2),
            slots=chance.randint(6, 16),
        )
        for name, variable in variables.items()
    )


@dataclass(kw_only=True)
class Site:
    """One folder and the process that serves from it; `counts` are the blows so far.

    `on_start` is told the URL of the webhooks' listener each time that the process is ready.
    With `has_power_cuts` every death of the process is a power cut: what was not synced is lost.
    """

    folder: Path
    environ: dict[str, str]
    chance: random.Random
    on_start: Callable[[str], None]
    has_power_cuts: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    exits: list[str] = field(default_factory=list)
    process: AdapterProcess | None = None

    async def start(self) -> None:
        """Start the process on whatever the last one left behind."""
        process = await self.begin()
        self.on_start(await asyncio.to_thread(lambda: process.public))

    async def begin(self) -> AdapterProcess:
        """Start the process and do not wait until it serves."""
        program = "tests.crash.forgetful" if self.has_power_cuts else "adapter"
        self.process = await asyncio.to_thread(
            AdapterProcess,
            self.folder,
            environ=self.environ,
            program=program,
            patience_s=START_PATIENCE_S,
        )
        return self.process

    async def die(self) -> None:
        """Kill the process, wherever it is."""
        assert self.process is not None
        await asyncio.to_thread(self.process.kill)
        if self.has_power_cuts:
            lose_power(self.folder / "adapter.db", self.chance)

    def write(self, **agents: bool) -> None:
        """Write a sound configuration, with other limits than the last one."""
        write_project(
            self.folder, MAPPINGS, settings=SETTINGS, agents=agents_text(self.chance, **agents)
        )

    async def blow(self, name: str | None = None) -> None:
        """Do one bad thing, by default drawn by chance, and put right what would stand still."""
        weights = [weight for _, weight in _BLOWS.values()]
        name = name or self.chance.choices(list(_BLOWS), weights)[0]
        self.counts[name] += 1
        await _BLOWS[name][0](self)
        await self.order("agents/*/resume")
        await self.order("sources/*/resume")

    async def order(self, path: str) -> None:
        """Ask the admin API for something, once; the storm may well swallow it."""
        assert self.process is not None
        try:
            async with httpx.AsyncClient(
                base_url=self.process.admin, trust_env=False, timeout=ADMIN_PATIENCE_S
            ) as admin:
                await admin.post(f"/api/{path}", json={})
        except httpx.TransportError:
            self.counts["orders not heard"] += 1

    async def end(self) -> None:
        """Stop the process in good order; one that ends otherwise is noted."""
        assert self.process is not None
        self.process.signal(signal.SIGTERM)
        status = await asyncio.to_thread(self.process.ended)
        if status != 0:
            self.exits.append(f"ended with {status} on SIGTERM:\n{self.process.stderr[-2000:]}")
        self.process.kill()

    def clear(self) -> None:
        """Leave no process behind."""
        if self.process is not None:
            self.process.kill()


async def _kill(site: Site) -> None:
    await site.die()
    await site.start()


async def _kill_twice(site: Site) -> None:
    """Kill it again while it is starting."""
    await site.die()
    await site.begin()
    await asyncio.sleep(site.chance.uniform(0.3, 1.2))
    await site.die()
    await site.start()


async def _stop(site: Site) -> None:
    """Let it stand still, as a virtual machine that is moved does."""
    assert site.process is not None
    site.process.signal(signal.SIGSTOP)
    await asyncio.sleep(site.chance.uniform(0.2, LONGEST_STOP_S))
    site.process.signal(signal.SIGCONT)


async def _stop_and_kill(site: Site) -> None:
    assert site.process is not None
    site.process.signal(signal.SIGSTOP)
    await asyncio.sleep(site.chance.uniform(0.2, 1.0))
    await _kill(site)


async def _restart(site: Site) -> None:
    await site.end()
    await site.start()


async def _reload(site: Site) -> None:
    assert site.process is not None
    site.write(is_third_lost=site.chance.random() < 0.5)
    if site.chance.random() < 0.7:  # else it finds the change by itself
        site.process.signal(signal.SIGHUP)


async def _reload_broken(site: Site) -> None:
    assert site.process is not None
    settings = site.folder / "adapter.yaml"
    settings.write_text(settings.read_text() + "nonsense: 1\n")
    site.process.signal(signal.SIGHUP)
    await asyncio.sleep(site.chance.uniform(0.05, 0.5))
    site.write()


async def _pause(site: Site) -> None:
    what = site.chance.choice(_RESTLESS)
    await site.order(f"{what}/pause")
    await asyncio.sleep(site.chance.uniform(0.1, 1.0))
    await site.order(f"{what}/resume")


Strike = Callable[[Site], Awaitable[None]]
_BLOWS: dict[str, tuple[Strike, float]] = {
    "kills": (_kill, 6),
    "kills while starting": (_kill_twice, 1),
    "kills while stopped": (_stop_and_kill, 1),
    "stops": (_stop, 3),
    "restarts": (_restart, 1),
    "reloads": (_reload, 3),
    "broken reloads": (_reload_broken, 1),
    "pauses": (_pause, 3),
}
