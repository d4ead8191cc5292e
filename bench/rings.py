"""Rings per lead when things go wrong: the same four misfortunes for every contestant.

The sender does as HubSpot: what was not answered with a 2xx comes again, up to three times in all.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import Contestant, Place, start_agent
from bench.leads import lead_body
from bench.programs import Program
from bench.stage import Rung, client, deliver, on_stage, rung, tell_agent, until_rung

DELIVERIES = 3
AT_ONCE = 16
AGENT_TIMEOUT_MS = 500
_COPIES = 5
_SLOW_MS = 200
_PAUSE_S = 0.1
_QUIET_S = 1.0
_GIVEN_UP_S = 5.0
_LIMIT_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rings:
    """What became of the leads: rings in all, leads that never rang, leads that rang again.

    `asked` is how many a person is asked about, because nobody can say whether they rang.
    """

    leads: int
    rings: int
    never: int
    twice: int
    asked: int

    @property
    def per_lead(self) -> float:
        """Rings per lead; one is right, where no lead rang twice and none was left out."""
        return self.rings / self.leads


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A contestant, its agent, and the leads that it will be sent."""

    contestant: Contestant
    agent: Program
    place: Place
    leads: Sequence[bytes]

    async def send(self, program: Program, leads: Sequence[bytes]) -> list[bytes]:
        """Send leads as a patient sender does; return those that were never accepted."""
        left = list(leads)
        for _ in range(DELIVERIES):
            left = await self.send_once(program, left)
            if not left:
                break
            await asyncio.sleep(_PAUSE_S)
        return left

    async def send_once(self, program: Program, leads: Sequence[bytes]) -> list[bytes]:
        """Send leads, some at once; return those that were not accepted."""
        url, turns = program.url + self.contestant.path, asyncio.Semaphore(AT_ONCE)
        async with client() as sender:

            async def accepted(lead: bytes) -> bool:
                async with turns:
                    return await deliver(sender, url, lead)

            answers = await asyncio.gather(*(accepted(lead) for lead in leads))
        return [lead for lead, is_accepted in zip(leads, answers, strict=True) if not is_accepted]

    async def quiet(self) -> Rung:
        """Wait until nothing rings any more; a lead that never rang is waited for longer."""
        counted, since_s = await rung(self.agent), time.monotonic()
        while time.monotonic() - since_s < (
            _QUIET_S if counted.leads == len(self.leads) else _GIVEN_UP_S
        ):
            await asyncio.sleep(_PAUSE_S)
            now = await rung(self.agent)
            if now != counted:
                counted, since_s = now, time.monotonic()
        return counted


async def _duplicates(trial: Trial, program: Program) -> Rung:
    await trial.send(program, [lead for lead in trial.leads for _ in range(_COPIES)])
    return await trial.quiet()


async def _silence(trial: Trial, program: Program) -> Rung:
    await tell_agent(trial.agent, is_silent=True)
    await trial.send(program, trial.leads)
    return await trial.quiet()


async def _failure(trial: Trial, program: Program) -> Rung:
    await tell_agent(trial.agent, status=500)
    await trial.send(program, trial.leads)
    return await trial.quiet()


async def _killed(trial: Trial, program: Program) -> Rung:
    await tell_agent(trial.agent, delay_ms=_SLOW_MS)
    sending = asyncio.create_task(trial.send_once(program, trial.leads))
    await until_rung(trial.agent, len(trial.leads) // 4, _LIMIT_S)
    program.kill()
    left = await sending
    with trial.contestant.start(trial.place) as again:
        async with asyncio.timeout(_LIMIT_S):
            while left:
                left = await trial.send_once(again, left)
                await asyncio.sleep(_PAUSE_S)
        return await trial.quiet()


MISFORTUNES: Mapping[str, Callable[[Trial, Program], Awaitable[Rung]]] = {
    f"each delivered {_COPIES} times at once": _duplicates,
    "the agent rings, then never answers": _silence,
    "the agent rings, then answers 500": _failure,
    "killed while ringing, restarted": _killed,
}


def measure(contestant: Contestant, leads: int) -> dict[str, Rings]:
    """Return what became of the leads, by misfortune."""
    return {
        name: asyncio.run(_rings(contestant, leads, strike)) for name, strike in MISFORTUNES.items()
    }


async def _rings(
    contestant: Contestant, leads: int, strike: Callable[[Trial, Program], Awaitable[Rung]]
) -> Rings:
    with (
        tempfile.TemporaryDirectory(prefix="adapter-bench-") as name,
        start_agent(Path(name)) as agent,
    ):
        url = f"{agent.url}/click-to-call"
        trial = Trial(
            contestant=contestant,
            agent=agent,
            place=Place(folder=Path(name), agent_url=url, timeout_ms=AGENT_TIMEOUT_MS),
            leads=[lead_body(number) for number in range(1, leads + 1)],
        )
        async with on_stage(contestant, agent, trial.place) as (program, _):
            counted = await strike(trial, program)
        return Rings(
            leads=leads,
            rings=counted.rings,
            never=leads - counted.leads,
            twice=counted.twice,
            asked=contestant.asked(trial.place),
        )
