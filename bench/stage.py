"""A contestant that takes leads, beside the agent that it rings."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx

from bench.contestants import Contestant, Place
from bench.leads import lead_body
from bench.load import LoadError
from bench.programs import Program

READY_WITHIN_S = 120.0
_LOOK_AGAIN_S = 0.02
_RINGS_WITHIN_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """What the agent counted: rings, different leads, leads that rang more than once."""

    rings: int
    leads: int
    twice: int
    last_at_ms: float


def client(timeout_s: float = 30.0) -> httpx.AsyncClient:
    """Return a client for a few requests on this machine."""
    return httpx.AsyncClient(trust_env=False, timeout=timeout_s)


@asynccontextmanager
async def on_stage(
    contestant: Contestant, agent: Program, place: Place
) -> AsyncIterator[tuple[Program, float]]:
    """Run a contestant; give it with the seconds from its start until its first lead rang.

    The agent has forgotten that lead.
    """
    await tell_agent(agent)
    began_s = time.monotonic()
    with contestant.start(place) as program:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await _first_lead(contestant, program, agent)
        except TimeoutError:
            raise LoadError(
                f"{contestant.name} took no lead in {READY_WITHIN_S:g} s:\n{program.last_lines()}"
            ) from None
        first_lead_s = time.monotonic() - began_s
        await tell_agent(agent)
        yield program, first_lead_s


async def _first_lead(contestant: Contestant, program: Program, agent: Program) -> None:
    """Send a lead until it rings: n8n answers 200 to anything while it starts."""
    url, lead = program.url + contestant.path, lead_body(0)
    async with client() as sender:
        while (await rung(agent)).rings == 0:
            if program.has_ended:
                raise LoadError(f"{contestant.name} ended:\n{program.last_lines()}")
            if await deliver(sender, url, lead):
                with suppress(LoadError):
                    await until_rung(agent, 1, _RINGS_WITHIN_S)
            else:
                await asyncio.sleep(_LOOK_AGAIN_S)


async def deliver(sender: httpx.AsyncClient, url: str, body: bytes) -> bool:
    """Post a webhook once; return whether it was accepted."""
    try:
        answer = await sender.post(url, content=body, headers={"content-type": "application/json"})
    except httpx.TransportError:
        return False
    return answer.is_success


async def tell_agent(
    agent: Program, *, status: int = 200, delay_ms: int = 0, is_silent: bool = False
) -> None:
    """Tell the agent how to answer; it counts anew. Waits until it is there."""
    manner = {"status": status, "delay_ms": delay_ms, "is_silent": is_silent}
    async with asyncio.timeout(READY_WITHIN_S), client() as sender:
        while True:
            try:
                answer = await sender.put(agent.url, json=manner)
            except httpx.ConnectError:
                await asyncio.sleep(_LOOK_AGAIN_S)
            else:
                answer.raise_for_status()
                return


async def rung(agent: Program) -> Rung:
    """Return what the agent counted since it was told how to answer."""
    async with client() as sender:
        return Rung(**(await sender.get(agent.url)).json())


async def until_rung(agent: Program, wanted: int, limit_s: float) -> Rung:
    """Wait until there were so many rings."""
    counted = await rung(agent)
    try:
        async with asyncio.timeout(limit_s):
            while counted.rings < wanted:
                await asyncio.sleep(_LOOK_AGAIN_S)
                counted = await rung(agent)
    except TimeoutError:
        raise LoadError(f"{counted.rings} of {wanted} leads rang in {limit_s:g} s") from None
    return counted
