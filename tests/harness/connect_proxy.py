"""An HTTP proxy on a real socket: it opens tunnels, or answers CONNECT as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.harness.loopback import Connections, listening

OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass(kw_only=True, slots=True)
class ConnectProxy(Connections):
    """`url` to go through; `heads` are the requests that it was sent, whole and in order.

    Every tunnel leads to the port `leads_to` of this machine, whatever host was asked for. Any
    `answer` but OPEN is said in place of a tunnel; None says nothing.
    """

    leads_to: int
    answer: bytes | None = OPEN
    url: str = ""
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one CONNECT."""
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if self.answer is None:
            await asyncio.sleep(60)
            return
        if self.answer != OPEN:
            writer.write(self.answer)
            await writer.drain()
            return
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.leads_to)
        writer.write(OPEN)
        try:
            await asyncio.gather(_pass_on(reader, onward_writer), _pass_on(onward_reader, writer))
        finally:
            onward_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def connect_proxy(
    leads_to: int, *, answer: bytes | None = OPEN, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ConnectProxy]:
    """Serve a proxy on loopback until the block ends."""
    proxy = ConnectProxy(leads_to=leads_to, answer=answer)
    async with listening(proxy.serve, proxy, tls=tls) as port:
        proxy.url = f"{'https' if tls else 'http'}://localhost:{port}"
        yield proxy
