"""Client transports: what it costs to POST one signed call, over 1, 8 and 64 connections."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from adapter.agent import Agent, Secret
from adapter.policy.outcomes import Answered
from adapter.ringing.sender import Sender
from adapter.ringing.signing import SignedCall, sign_call
from bench.contestants import start_agent
from bench.programs import Program
from bench.stage import tell_agent

CONNECTIONS = (1, 8, 64)
Post = Callable[[SignedCall], Awaitable[int]]
Opened = AbstractAsyncContextManager[Post]


@asynccontextmanager
async def _sender(agent: Agent) -> AsyncIterator[Post]:
    sender = Sender(agent)

    async def post(signed: SignedCall) -> int:
        showed = await sender.send(signed)
        return showed.status if isinstance(showed, Answered) else 0

    try:
        yield post
    finally:
        await sender.close()


@asynccontextmanager
async def _httpx(agent: Agent) -> AsyncIterator[Post]:
    limits = httpx.Limits(max_connections=agent.max_concurrent)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=None) as client:
        yield _poster(client)


@asynccontextmanager
async def _httpx_over_aiohttp(agent: Agent) -> AsyncIterator[Post]:
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=agent.max_concurrent))
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=None) as client:
        yield _poster(client)


def _poster(client: httpx.AsyncClient) -> Post:
    async def post(signed: SignedCall) -> int:
        answer = await client.post(signed.url, content=signed.body, headers=[*signed.headers])
        return answer.status_code

    return post


@asynccontextmanager
async def _aiohttp(agent: Agent) -> AsyncIterator[Post]:
    connector = aiohttp.TCPConnector(limit=agent.max_concurrent)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def post(signed: SignedCall) -> int:
            async with session.post(signed.url, data=signed.body, headers=signed.headers) as answer:
                await answer.read()
                return answer.status

        yield post


CLIENTS: Mapping[str, Callable[[Agent], Opened]] = {
    "ringing/sender": _sender,
    "aiohttp": _aiohttp,
    "httpx over aiohttp": _httpx_over_aiohttp,
    "httpx": _httpx,
}


def measure(seconds: float) -> dict[str, dict[int, float]]:
    """Return calls per second by client and number of connections, `seconds` for each."""
    with (
        tempfile.TemporaryDirectory(prefix="adapter-bench-") as name,
        start_agent(Path(name)) as target,
    ):
        return asyncio.run(_measure(target, seconds))


async def _measure(target: Program, seconds: float) -> dict[str, dict[int, float]]:
    rates: dict[str, dict[int, float]] = {client: {} for client in CLIENTS}
    await tell_agent(target)
    for connections in CONNECTIONS:
        for client, opened in CLIENTS.items():
            agent = Agent(
                name="bench",
                endpoint=f"{target.url}/click-to-call",
                api_key=Secret("key"),
                secret=Secret("secret"),
                max_concurrent=connections,
            )
            async with opened(agent) as post:
                rates[client][connections] = await _rate(agent, post, connections, seconds)
    return rates


async def _rate(agent: Agent, post: Post, connections: int, seconds: float) -> float:
    until = time.perf_counter() + seconds

    async def ring() -> int:
        count = 0
        while time.perf_counter() < until:
            signed = sign_call(agent, "+12025550123", {"name": "Ada", "company": "Example"})
            status = await post(signed)
            assert status == 200, f"the agent answered {status}"
            count += 1
        return count

    started = time.perf_counter()
    counts = await asyncio.gather(*(ring() for _ in range(connections)))
    return sum(counts) / (time.perf_counter() - started)
