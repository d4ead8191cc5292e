"""A contestant when little happens, and when the agent hangs."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from bench.contestants import Contestant, Place, start_agent
from bench.leads import lead_body, post
from bench.load import load
from bench.programs import Program
from bench.relay import CONNECTIONS
from bench.stage import on_stage, tell_agent, until_rung

STEADY_PER_S = 200
_LIMIT_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Calm:
    """One lead at a time: CPU, and from its first byte until the agent has the call, the median.

    Then the answers' p99 at a steady 200 leads a second, and the leads accepted per second while
    the agent answers nothing; None for who is too slow, or answers only when the agent has.
    """

    alone_cpu_ms: float
    alone_to_agent_ms: float
    steady_p99_ms: float | None
    hanging_per_s: float | None


def measure(contestant: Contestant, leads: int) -> Calm:
    """Send so many leads alone, ten times as many steadily, and as many to a hanging agent."""
    return asyncio.run(_calm(contestant, leads))


async def _calm(contestant: Contestant, leads: int) -> Calm:
    requests = (post(contestant.path, lead_body(number)) for number in count(1))
    with (
        tempfile.TemporaryDirectory(prefix="adapter-bench-") as name,
        start_agent(Path(name)) as agent,
    ):
        place = Place(folder=Path(name), agent_url=f"{agent.url}/click-to-call")
        async with on_stage(contestant, agent, place) as (program, _):
            await _alone(program, agent, requests, max(leads // 10, 1))  # warm
            before_s = program.cpu_s()
            to_agent_ms = await _alone(program, agent, requests, leads)
            used_s = program.cpu_s() - before_s
            steady = (
                await _steady(program, agent, requests, leads) if contestant.share == 1 else None
            )
            hanging = None
            if contestant.answers_first:
                await tell_agent(agent, is_silent=True)
                hanging = await _accepted_per_s(program, requests, leads)
                program.kill()  # else it waits for the calls that hang
    return Calm(
        alone_cpu_ms=used_s * 1000 / leads,
        alone_to_agent_ms=to_agent_ms,
        steady_p99_ms=steady,
        hanging_per_s=hanging,
    )


async def _alone(program: Program, agent: Program, requests: Iterator[bytes], leads: int) -> float:
    """Return the median time from a lead's first byte until the agent has its call."""
    await tell_agent(agent)
    took_ms = []
    for rings in range(1, leads + 1):
        answer = await load(program.address, [next(requests)], connections=1, limit_s=_LIMIT_S)
        counted = await until_rung(agent, rings, _LIMIT_S)
        took_ms.append(counted.last_at_ms - answer.started_at_s * 1000)
    return median(took_ms)


async def _steady(program: Program, agent: Program, requests: Iterator[bytes], leads: int) -> float:
    sent = [next(requests) for _ in range(10 * leads)]
    await tell_agent(agent)
    answers = await load(
        program.address, sent, connections=CONNECTIONS, limit_s=_LIMIT_S, per_s=STEADY_PER_S
    )
    await until_rung(agent, answers.accepted, _LIMIT_S)
    return answers.percentile_s(99) * 1000


async def _accepted_per_s(program: Program, requests: Iterator[bytes], leads: int) -> float:
    sent = [next(requests) for _ in range(10 * leads)]
    answers = await load(program.address, sent, connections=CONNECTIONS, limit_s=_LIMIT_S)
    return answers.accepted / answers.took_s
