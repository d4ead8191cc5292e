"""Leads relayed: a round is a fresh process, leads through it cold, and as many again warm."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import Contestant, Place, start_agent
from bench.leads import lead_body, post
from bench.load import LoadError, load
from bench.programs import Program
from bench.stage import on_stage, tell_agent, until_rung

CONNECTIONS = 64
FEWEST = 10  # leads, however small a contestant's share of them is


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How much is measured: so many leads cold, the same again warm, in so many rounds."""

    leads: int
    rounds: int
    connections: int = CONNECTIONS
    limit_s: float = 120.0

    def leads_of(self, contestant: Contestant) -> int:
        """Return how many leads a contestant gets at a time."""
        return max(FEWEST, int(self.leads * contestant.share))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """Leads through one process, once. `accepted` and `rings` are counts and must be equal."""

    accepted: int
    rings: int
    accepted_per_s: float
    relayed_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms_each: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """A contestant's round: from its start to its first lead, leads cold, leads warm, memory."""

    first_lead_s: float
    cold: Pass
    warm: Pass
    peak_mib: float


async def run_round(contestant: Contestant, size: Size) -> Round:
    """Start agent and contestant, let leads through cold and warm, and stop them."""
    with (
        tempfile.TemporaryDirectory(prefix="adapter-bench-") as name,
        start_agent(Path(name)) as agent,
    ):
        place = Place(folder=Path(name), agent_url=f"{agent.url}/click-to-call")
        async with on_stage(contestant, agent, place) as (program, first_lead_s):
            leads = size.leads_of(contestant)
            numbers = range(1, 2 * leads + 1)
            cold = await _pass(contestant, program, agent, numbers[:leads], size)
            warm = await _pass(contestant, program, agent, numbers[leads:], size)
            peak_mib = program.peak_mib()
    return Round(first_lead_s=first_lead_s, cold=cold, warm=warm, peak_mib=peak_mib)


async def _pass(
    contestant: Contestant, program: Program, agent: Program, numbers: Sequence[int], size: Size
) -> Pass:
    await tell_agent(agent)
    requests = [post(contestant.path, lead_body(number)) for number in numbers]
    before_s = program.cpu_s()
    answers = await load(
        program.address, requests, connections=size.connections, limit_s=size.limit_s
    )
    if answers.accepted != len(requests):
        raise LoadError(f"{contestant.name} answered {dict(answers.statuses)}")
    rung = await until_rung(agent, answers.accepted, size.limit_s)
    used_s = program.cpu_s() - before_s
    return Pass(
        accepted=answers.accepted,
        rings=rung.rings,
        accepted_per_s=answers.accepted / answers.took_s,
        relayed_per_s=rung.rings / max(rung.last_at_ms / 1000 - answers.started_at_s, 0.001),
        p50_ms=answers.percentile_s(50) * 1000,
        p99_ms=answers.percentile_s(99) * 1000,
        cpu_ms_each=used_s * 1000 / answers.accepted,
    )
