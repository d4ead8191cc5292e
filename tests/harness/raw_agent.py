"""An agent on a real socket that reads one POST and then does, byte by byte, what it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.harness.loopback import Connections, Serve, listening

Act = Serve


@dataclass(kw_only=True, slots=True)
class RawAgent(Connections):
    """`url` to POST to; how many connections came, and how many whole POSTs were read."""

    url: str = ""
    posts: int = 0


@asynccontextmanager
async def raw_agent(
    act: Act, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[RawAgent]:
    """Serve `act` on every new connection until the block ends."""
    agent = RawAgent()
    async with listening(act, agent, tls=tls) as port:
        agent.url = f"{'https' if tls else 'http'}://{host}:{port}/api/click-to-call"
        yield agent


def port_of(agent: RawAgent) -> int:
    """Return where an agent listens."""
    return int(agent.url.rpartition(":")[2].partition("/")[0])


async def read_post(reader: asyncio.StreamReader) -> bytes:
    """Read one whole POST; return its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)


def answering(*chunks: bytes, pause_s: float = 0.0) -> Act:
    """Return an act: read one POST, write these chunks with a pause after each, hang up."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_post(reader)
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return act
