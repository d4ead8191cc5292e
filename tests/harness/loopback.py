"""A server on a loopback socket, for connections that a test answers byte by byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(kw_only=True, slots=True)
class Connections:
    """How many connections came, and the task of each that is served still."""

    connections: int = 0
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)


@asynccontextmanager
async def listening(
    serve: Serve, count: Connections, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve every connection in a task of its own until the block ends; give the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client hung up first
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count.connections += 1
        task = asyncio.create_task(answer(reader, writer))
        count.tasks.add(task)
        task.add_done_callback(count.tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(count.tasks):
            task.cancel()
        await asyncio.gather(*count.tasks, return_exceptions=True)
        await server.wait_closed()
