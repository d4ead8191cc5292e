"""Leads relayed: contestants take turns; each round is a fresh process, a warm-up, the leads."""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from bench.contestants import Contestant, start_agent
from bench.leads import lead_body, post
from bench.load import Answers, LoadError, load
from bench.programs import Program

CONNECTIONS = 64
_LOOK_AGAIN_S = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How much is measured."""

    leads: int
    warm_up: int
    rounds: int
    connections: int = CONNECTIONS
    limit_s: float = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One contestant's round. `accepted` and `rings` are counts and must be equal."""

    accepted: int
    rings: int
    accepted_per_s: float
    relayed_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms_each: float
    peak_mib: float


def measure(contestants: Sequence[Contestant], size: Size) -> dict[str, list[Round]]:
    """Return the rounds of each, run in turns (A B A B …) so that a drift strikes all alike."""
    rounds: dict[str, list[Round]] = {contestant.name: [] for contestant in contestants}
    for number in range(size.rounds):
        # every other round begins with the other one
        turns = contestants if number % 2 == 0 else contestants[::-1]
        for contestant in turns:
            rounds[contestant.name].append(run_round(contestant, size))
    return rounds


def run_round(contestant: Contestant, size: Size) -> Round:
    """Start agent and contestant, load them, and stop them."""
    with tempfile.TemporaryDirectory(prefix="adapter-bench-") as name:
        folder = Path(name)
        with (
            start_agent(folder) as agent,
            contestant.start(f"{agent.url}/click-to-call", folder) as program,
        ):
            return asyncio.run(_round(contestant, program, agent, size))


async def _round(contestant: Contestant, program: Program, agent: Program, size: Size) -> Round:
    numbers = count(1)
    host, port = program.address

    async def relay(leads: int, before: int) -> tuple[Answers, int, float]:
        requests = [post(contestant.path, lead_body(next(numbers))) for _ in range(leads)]
        answers = await load(
            host, port, requests, connections=size.connections, limit_s=size.limit_s
        )
        rings, last_at_s = await _rung(agent, before + answers.accepted, size.limit_s)
        return answers, rings - before, last_at_s - answers.started_at_s

    _, warm_rings, _ = await relay(size.warm_up, 0)
    before_s = program.cpu_s()
    answers, rings, relayed_s = await relay(size.leads, warm_rings)
    used_s = program.cpu_s() - before_s
    if answers.accepted != size.leads:
        raise LoadError(f"{contestant.name} answered {dict(answers.statuses)}")
    return Round(
        accepted=answers.accepted,
        rings=rings,
        accepted_per_s=answers.accepted / answers.took_s,
        relayed_per_s=rings / max(relayed_s, 0.001),
        p50_ms=answers.percentile_s(50) * 1000,
        p99_ms=answers.percentile_s(99) * 1000,
        cpu_ms_each=used_s * 1000 / answers.accepted,
        peak_mib=program.peak_mib(),
    )


async def _rung(agent: Program, wanted: int, limit_s: float) -> tuple[int, float]:
    """Wait until so many calls rang; return the count and when the last one did."""
    try:
        async with asyncio.timeout(limit_s):
            while True:
                rings, last_at_s = await _count(agent)
                if rings >= wanted:
                    return rings, last_at_s
                await asyncio.sleep(_LOOK_AGAIN_S)
    except TimeoutError:
        raise LoadError(f"{rings} of {wanted} leads rang in {limit_s:g} s") from None


async def _count(agent: Program) -> tuple[int, float]:
    reader, writer = await asyncio.open_connection(*agent.address)
    try:
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        answer = await reader.read()
    finally:
        writer.close()
    counted = json.loads(answer.partition(b"\r\n\r\n")[2])
    return counted["rings"], counted["last_at_ms"] / 1000


def middle(rounds: Sequence[Round], figure: str) -> float:
    """Return the median of one figure."""
    return median(float(getattr(each, figure)) for each in rounds)
