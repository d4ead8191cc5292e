"""A raid of strangers on one public listener: `python -m tests.soak.raid PORT SECONDS [MISDEED…]`.

A process of its own, so that it takes no time from those who measure. At its end it prints, as
JSON, how often each misdeed was done.
"""

import asyncio
import gzip
import json
import os
import random
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_S = 8.0  # for one misdeed
LONGEST_PAUSE_S = 1.0  # before the next one
SOURCES = ("crm", "signed", "greeting", "nobody")
_BOMBS = (
    (b"application/json", b"gzip", gzip.compress(b"0" * (10 << 20))),
    (b"application/json", b"gzip", gzip.compress(b"[" * 500_000)),
    (b"application/json", b"identity", b'{"a":' * 3000 + b"1" + b"}" * 3000),
    (b"application/xml", b"identity", b"<a>" * 5000 + b"</a>" * 5000),
    (b"application/x-www-form-urlencoded", b"identity", b"a=1&" * 4000),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A connection of a stranger."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    chance: random.Random

    async def send(self, content: bytes) -> None:
        """Send bytes, as far as the other side takes them."""
        self.writer.write(content)
        await self.writer.drain()

    async def dribble(self, content: bytes) -> None:
        """Send a byte ten times a second."""
        for byte in content:
            await self.send(bytes([byte]))
            await asyncio.sleep(0.1)

    def post(self, body: bytes, *headers: bytes, length: int | None = None) -> bytes:
        """Return a POST to some source, with a token that is none."""
        lines = [
            f"POST /hooks/{self.chance.choice(SOURCES)} HTTP/1.1".encode(),
            b"host: adapter.example",
            b"x-webhook-token: no-token-of-anybody",
            b"content-length: %d" % (len(body) if length is None else length),
            *headers,
        ]
        return b"\r\n".join([*lines, b"", body])


async def _idle(peer: Peer) -> None:
    """Hold a connection, and say nothing."""
    await peer.reader.read()


async def _slow_head(peer: Peer) -> None:
    await peer.dribble(peer.post(b""))


async def _slow_body(peer: Peer) -> None:
    await peer.send(peer.post(b"", length=10_000))
    await peer.dribble(b"x" * 100)


async def _pipeline(peer: Peer) -> None:
    """Ask hundreds of things at once, and read no answer."""
    for _ in range(20):
        await peer.send(peer.post(b"{}", b"content-type: application/json") * 50)
    await asyncio.sleep(2)


async def _bomb(peer: Peer) -> None:
    media, coding, body = peer.chance.choice(_BOMBS)
    await peer.send(peer.post(body, b"content-type: " + media, b"content-encoding: " + coding))
    await peer.reader.read(4096)


async def _flood(peer: Peer) -> None:
    """Send as much as a body may have, and more."""
    await peer.send(peer.post(b"x" * (3 << 20), b"content-type: application/json"))
    await peer.reader.read(4096)


async def _wrong_token(peer: Peer) -> None:
    for _ in range(20):
        await peer.send(peer.post(b'{"phone":"1"}', b"content-type: application/json"))
        if not await peer.reader.read(4096):
            break


async def _garbage(peer: Peer) -> None:
    await peer.send(peer.chance.randbytes(2000))
    await peer.reader.read(4096)


async def _reset(peer: Peer) -> None:
    """Break off in the middle of a request."""
    await peer.send(peer.post(b"", length=5000))
    peer.writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )


Misdeed = Callable[[Peer], Coroutine[Any, Any, None]]
# Each misdeed, and how many strangers do it again and again.
MISDEEDS: Mapping[Misdeed, int] = {
    _idle: 400,
    _slow_head: 60,
    _slow_body: 60,
    _pipeline: 10,
    _bomb: 10,
    _flood: 4,
    _wrong_token: 60,
    _garbage: 5,
    _reset: 5,
}


def _name(misdeed: Misdeed) -> str:
    return misdeed.__name__.strip("_")


NAMES = frozenset(map(_name, MISDEEDS))


async def raid(port: int, seconds: float, names: Collection[str], seed: int = 1) -> Counter[str]:
    """Let all strangers at it for so long; return how often each of the misdeeds was done."""
    ends_s = time.monotonic() + seconds
    done: Counter[str] = Counter()

    async def keep_on(misdeed: Misdeed, number: int) -> None:
        chance = random.Random(f"{seed} {misdeed.__name__} {number}")
        while time.monotonic() < ends_s:
            await _once(misdeed, port, chance, min(LONGEST_S, ends_s - time.monotonic()))
            done[_name(misdeed)] += 1
            await asyncio.sleep(chance.uniform(0, LONGEST_PAUSE_S))

    await asyncio.gather(
        *(
            keep_on(misdeed, number)
            for misdeed, count in MISDEEDS.items()
            if _name(misdeed) in names
            for number in range(count)
        )
    )
    return done


async def _once(misdeed: Misdeed, port: int, chance: random.Random, longest_s: float) -> None:
    try:
        async with asyncio.timeout(longest_s):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await misdeed(Peer(reader, writer, chance))
            finally:
                writer.transport.abort()
    except OSError:  # cut off, refused, or the time is over: a stranger expects no better
        pass


if __name__ == "__main__":
    os.nice(10)  # true strangers have processors of their own
    _port, _seconds, *_only = sys.argv[1:]
    print(json.dumps(asyncio.run(raid(int(_port), float(_seconds), _only or NAMES))))  # noqa: T201
