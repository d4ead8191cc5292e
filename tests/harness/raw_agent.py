"""An agent on a real socket that reads one POST and then does, byte by byte, what it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(kw_only=True, slots=True)
class RawAgent:
    """`url` to POST to; how many connections came, and how many whole POSTs were read."""

    url: str = ""
    connections: int = 0
    posts: int = 0
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)


@asynccontextmanager
async def raw_agent(
    act: Act, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[RawAgent]:
    """Serve `act` on every new connection until the block ends."""
    agent = RawAgent()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await act(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client hung up first
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agent.connections += 1
        task = asyncio.create_task(serve(reader, writer))
        agent.tasks.add(task)
        task.add_done_callback(agent.tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    agent.url = f"{scheme}://{host}:{server.sockets[0].getsockname()[1]}/api/click-to-call"
    try:
        yield agent
    finally:
        server.close()
        for task in list(agent.tasks):
            task.cancel()
        await asyncio.gather(*agent.tasks, return_exceptions=True)
        await server.wait_closed()


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
