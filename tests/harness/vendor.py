"""A vendor's API on a real socket: answers GETs byte by byte as told, and remembers them."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.harness.loopback import Connections, listening

# An answer's bytes, or None to say nothing and leave the connection open.
Reply = bytes | None
TOKEN = "token-of-the-vendors-api"


@dataclass(kw_only=True, slots=True)
class Asked:
    """One request as it came: its target to the letter, its headers by lower-case name."""

    target: str
    headers: dict[str, str]


@dataclass(kw_only=True, slots=True)
class Vendor(Connections):
    """`url` is scheme, host and port; `reply` makes the answer to each request."""

    reply: Callable[[Asked], Reply]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, count: int) -> None:
        """Return once so many requests have come."""
        async with asyncio.timeout(20):
            while len(self.asked) < count:
                self.changed.clear()
                await self.changed.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests."""
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            pairs = (line.partition(": ")[::2] for line in lines)
            asked = Asked(target=first.split(" ")[1], headers={k.lower(): v for k, v in pairs})
            self.asked.append(asked)
            self.changed.set()
            reply = self.reply(asked)
            if reply is None:
                await asyncio.sleep(60)
                return
            writer.write(reply)
            await writer.drain()
            if b"content-length" not in reply.lower():
                return


def answer(content: Any, status: int = 200, *, headers: str = "") -> bytes:
    """Return a whole HTTP answer; bytes are its body as they are, anything else becomes JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    kind = "content-type: application/json\r\n"
    head = f"HTTP/1.1 {status} Any\r\ncontent-length: {len(body)}\r\n{kind}{headers}\r\n"
    return head.encode() + body


def guarded(content: Any) -> Callable[[Asked], Reply]:
    """Return a reply that tells the record to a request with the token, and 401 to others."""

    def reply(asked: Asked) -> Reply:
        is_right = asked.headers.get("authorization") == f"Bearer {TOKEN}"
        return answer(content) if is_right else answer({"error": "denied"}, 401)

    return reply


@asynccontextmanager
async def vendor(
    reply: Callable[[Asked], Reply], *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Vendor]:
    """Serve a vendor's API on loopback until the block ends."""
    served = Vendor(reply=reply)
    async with listening(served.serve, served, tls=tls) as port:
        served.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        yield served
