"""What strangers do to a connection, on real sockets: each stage ends, and memory is bounded."""

import asyncio
import contextlib
import re
import socket
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter.server.connections import Bounds
from adapter.server.listeners import listening

PATIENCE_S = 10.0
SHORT_S = 0.1
POST = b"POST / HTTP/1.1\r\nhost: x\r\n"
EMPTY = POST + b"content-length: 0\r\n\r\n"
CLOSE = POST + b"content-length: 0\r\nconnection: close\r\n\r\n"


@dataclass
class Site:
    """An app that says what it was sent; `gate` holds `/wait` back, `refusing` reads no body."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    address: tuple[str, int] = ("", 0)
    seen: int = 0
    arrivals: asyncio.Queue[None] = field(default_factory=asyncio.Queue)

    def app(self) -> Starlette:
        """Return the app."""
        routes = [
            Route("/", self.echo, methods=["GET", "POST"]),
            Route("/wait", self.wait, methods=["GET", "POST"]),
            Route("/refuse", self.refuse, methods=["POST"]),
            Route("/prove", self.prove, methods=["POST"]),
            Route("/large", self.large, methods=["GET"]),
        ]
        return Starlette(routes=routes)

    async def echo(self, request: Request) -> Response:
        """Say which headers came, and how long the body was."""
        self.seen += 1
        body = await request.body()
        names = [name for name, _ in request.headers.items()]
        return JSONResponse({"length": len(body), "headers": names})

    async def wait(self, request: Request) -> Response:
        """Answer once the gate opens."""
        self.arrivals.put_nowait(None)
        await request.body()
        await self.gate.wait()
        return await self.echo(request)

    async def refuse(self, _: Request) -> Response:
        """Answer before the body."""
        return Response("no\n", status_code=401)

    async def prove(self, request: Request) -> Response:
        """Say that the sender is known."""
        request.scope["state"]["connection"].has_proven = True
        return await self.echo(request)

    async def large(self, _: Request) -> Response:
        """Answer more than any buffer on the way holds."""
        return Response(b"x" * 30_000_000)

    async def arrived(self, requests: int) -> None:
        """Return once so many more requests are at `/wait`."""
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(requests):
                await self.arrivals.get()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection."""
        return await asyncio.open_connection(*self.address)

    async def exchange(self, raw: bytes) -> bytes:
        """Send bytes; return all that comes until the connection ends."""
        reader, writer = await self.connect()
        writer.write(raw)
        answer = await ended(reader)
        writer.close()
        return answer


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes until the connection ends; a reset ends it, too."""
    got = b""
    async with asyncio.timeout(PATIENCE_S):
        with contextlib.suppress(ConnectionResetError):
            while piece := await reader.read(65_536):
                got += piece
    return got


@contextlib.asynccontextmanager
async def serving(bounds: Bounds) -> AsyncIterator[Site]:
    """Serve a site inside the block."""
    site = Site()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        sock.setblocking(False)
        site.address = sock.getsockname()
        async with listening(site.app(), sock, lambda: bounds):
            try:
                yield site
            finally:
                site.gate.set()


def statuses(answer: bytes) -> list[int]:
    """Return the status of each answer."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [b"\r\n"],
        [POST],
        [POST + b"content-length: 5\r\n\r\n12"],
        [EMPTY],
        [EMPTY, b"\r\n"],
        [EMPTY, b"P"],
        [EMPTY + POST],
        [POST.replace(b"/ ", b"/refuse ") + b"content-length: 9\r\n\r\n12"],
        [POST + b"transfer-encoding: chunked\r\n\r\n0\r\nx-a"],
    ],
    ids=[
        "nothing",
        "a-blank-line",
        "half-a-head",
        "half-a-body",
        "kept-alive",
        "a-blank-line-after-an-answer",
        "a-byte-after-an-answer",
        "half-a-head-pipelined",
        "a-body-behind-its-answer",
        "half-a-trailer",
    ],
)
def test_every_stage_has_an_end_that_no_byte_extends(pieces: list[bytes]) -> None:
    """Whatever was sent last, and though a byte comes now and then, the connection is closed."""

    async def play() -> None:
        hasty = Bounds(
            keep_alive_s=SHORT_S,
            head_timeout_s=SHORT_S,
            body_timeout_s=SHORT_S,
            drain_timeout_s=SHORT_S,
        )
        async with serving(hasty) as site:
            reader, writer = await site.connect()
            for piece in pieces[:-1]:
                writer.write(piece)
                await reader.read(4096)
            writer.write(pieces[-1])
            await ended(reader)
            writer.close()

    asyncio.run(play())


def test_a_dribbled_head_is_not_waited_for() -> None:
    """A byte every moment extends nothing."""

    async def play() -> None:
        async with serving(Bounds(head_timeout_s=0.3)) as site:
            reader, writer = await site.connect()
            over = asyncio.create_task(ended(reader))
            writer.write(POST)
            async with asyncio.timeout(PATIENCE_S):
                while not over.done():
                    writer.write(b"x")
                    await asyncio.wait({over}, timeout=0.02)
            writer.close()
            assert site.seen == 0

    asyncio.run(play())


def test_an_answer_that_nobody_reads_is_not_written_for_ever() -> None:
    """A peer that stops reading is cut off; so is one whose answer takes too long."""

    async def play() -> None:
        async with serving(Bounds(write_timeout_s=SHORT_S)) as site:
            reader, writer = await site.connect()
            writer.write(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
            await reader.readexactly(100)
            transport = writer.transport
            transport.pause_reading()  # type: ignore[attr-defined]  # a stream's transport has it
            await asyncio.sleep(5 * SHORT_S)
            transport.resume_reading()  # type: ignore[attr-defined]
            assert len(await ended(reader)) < 30_000_000
            writer.close()
        async with serving(Bounds(answer_timeout_s=SHORT_S)) as site:
            assert await site.exchange(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n") == b""

    asyncio.run(play())


def test_pipelined_requests_are_answered_in_order_up_to_a_bound() -> None:
    """Eight wait behind one; what is behind those is not read, and the connection ends."""

    async def play() -> None:
        async with serving(Bounds()) as site:
            assert statuses(await site.exchange(EMPTY * 3 + CLOSE)) == [200] * 4
            assert statuses(await site.exchange(EMPTY * 2_000)) == [200] * 9

    asyncio.run(play())


def test_pipelining_takes_no_memory() -> None:
    """Megabytes of requests behind one that waits are not read before it is answered."""

    async def play() -> None:
        async with serving(Bounds()) as site:
            reader, writer = await site.connect()
            writer.write(b"POST /wait HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
            await site.arrived(1)
            tracemalloc.start()
            body = POST + b"content-length: 1000\r\n\r\n" + b"x" * 1_000
            sent = 0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    for _ in range(20_000):
                        writer.write(body)
                        sent += len(body)
                        await writer.drain()
            current, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert current < 4_000_000
            site.gate.set()
            assert statuses(await ended(reader)) == [200] * 9
            writer.close()

    asyncio.run(play())


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01", b"BREW / HTTP/1.1\r\n\r\n", POST + b"no header\r\n"]
)
def test_garbage_behind_a_request_does_not_change_its_answer(garbage: bytes) -> None:
    """The request is answered first; then the garbage gets its 400."""

    async def play() -> None:
        async with serving(Bounds()) as site:
            raw = POST.replace(b"/ ", b"/wait ") + b"content-length: 0\r\n\r\n"
            reader, writer = await site.connect()
            writer.write(raw + EMPTY + garbage + b"\r\n\r\n")
            await site.arrived(1)
            site.gate.set()
            assert statuses(await ended(reader)) == [200, 200, 400]
            writer.close()

    asyncio.run(play())


def test_a_trailer_is_no_header() -> None:
    """What stands behind a chunked body adds nothing to the request's headers."""

    async def play() -> None:
        async with serving(Bounds()) as site:
            trailers = b"x-forwarded-for: 10.0.0.1\r\nx-webhook-token: t\r\nhost: other\r\n"
            raw = POST + b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
            answer = await site.exchange(raw + b"1\r\n{\r\n0\r\n" + trailers + b"\r\n")
            assert statuses(answer) == [200]
            head, _, body = answer.partition(b"\r\n\r\n")
            assert b'["host","transfer-encoding","connection"]' in body, head

    asyncio.run(play())


LONG = b"a" * 70_000


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"POST / HTTP/1.1\r\n\r\n", 400),
        (POST + b"host: y\r\n\r\n", 400),
        (POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (POST + b"transfer-encoding: identity\r\n\r\n", 501),
        (b"POST /?%b HTTP/1.1\r\nhost: x\r\n\r\n" % LONG, 414),
        (POST + b"x-a: %b\r\n\r\n" % LONG, 431),
        (POST + b"x-a: b\r\n" * 12_000 + b"\r\n", 431),
    ],
    ids=["no-host", "two-hosts", "gzip", "identity", "long-target", "long-header", "many-headers"],
)
def test_a_head_is_checked_however_it_arrives(raw: bytes, status: int) -> None:
    """Whole in one piece, or in many: the same answer."""

    async def play() -> None:
        async with serving(Bounds()) as site:
            assert statuses(await site.exchange(raw)) == [status]
            reader, writer = await site.connect()
            for at in range(0, len(raw), 1_000):
                writer.write(raw[at : at + 1_000])
                await asyncio.sleep(0)
            assert statuses(await ended(reader)) in ([status], [])
            writer.close()
            assert site.seen == 0
            assert statuses(await site.exchange(b"GET / HTTP/1.0\r\n\r\n")) == [200]

    asyncio.run(play())


@pytest.mark.parametrize("length", [1_000, 60_000])
def test_an_answer_before_the_body_arrives(length: int) -> None:
    """The body is read and thrown away, so that the sender sees the answer and no reset."""

    async def play() -> None:
        async with serving(Bounds()) as site:
            head = b"POST /refuse HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            raw = head + b"content-length: %d\r\n\r\n" % length
            for _ in range(20):
                reader, writer = await site.connect()
                writer.write(raw)
                await writer.drain()
                writer.write(b"x" * length)
                assert statuses(await ended(reader)) == [401]
                writer.close()

    asyncio.run(play())


def test_a_body_that_goes_on_behind_its_answer_is_cut() -> None:
    """Past 64 KiB nobody listens; the next sender is served."""

    async def play() -> None:
        async with serving(Bounds()) as site:
            head = b"POST /refuse HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n"
            reader, writer = await site.connect()
            writer.write(head)
            assert statuses(await reader.read(4096)) == [401]
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(PATIENCE_S):
                    while not reader.at_eof():
                        writer.write(b"x" * 10_000)
                        await writer.drain()
                        await asyncio.sleep(0)
            writer.close()
            assert statuses(await site.exchange(CLOSE)) == [200]

    asyncio.run(play())


def test_the_longest_idle_gives_way() -> None:
    """When all are taken, strangers go first, then who proved something; 503 if all are at work."""

    async def play() -> None:
        async with serving(Bounds(max_connections=3)) as site:
            known = await site.connect()
            known[1].write(EMPTY.replace(b"/ ", b"/prove ", 1))
            assert statuses(await known[0].read(4096)) == [200]
            idle = await site.connect()
            slow = await site.connect()
            slow[1].write(POST)
            await asyncio.sleep(0.05)
            busy = [await site.connect() for _ in range(2)]
            assert await ended(idle[0]) == b""
            assert await ended(slow[0]) == b""
            for _, writer in busy:
                writer.write(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
            await site.arrived(2)
            busy.append(await site.connect())
            assert await ended(known[0]) == b""
            busy[-1][1].write(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
            await site.arrived(1)
            assert statuses(await site.exchange(EMPTY)) == [503]
            site.gate.set()
            for reader, writer in busy:
                assert statuses(await reader.read(4096)) == [200]
                writer.close()
            for _, writer in (known, idle, slow):
                writer.close()

    asyncio.run(play())


def test_one_address_has_its_own_bound_where_that_is_set() -> None:
    """Its own longest idle connection gives way."""

    async def play() -> None:
        async with serving(Bounds(max_per_address=2)) as site:
            first = await site.connect()
            others = [await site.connect() for _ in range(2)]
            assert await ended(first[0]) == b""
            for reader, writer in others:
                writer.write(EMPTY)
                assert statuses(await reader.read(4096)) == [200]
                writer.close()
            first[1].close()

    asyncio.run(play())


def test_an_excess_of_connections_is_told_or_cut_and_nobody_else_notices() -> None:
    """Two hundred more than there may be: none of those at work is harmed."""

    async def play() -> None:
        async with serving(Bounds(max_connections=5)) as site:
            busy = [await site.connect() for _ in range(5)]
            for _, writer in busy:
                writer.write(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
            await site.arrived(5)
            more = [await site.connect() for _ in range(200)]
            told = [statuses(await ended(reader)) for reader, _ in more]
            assert set(map(tuple, told)) <= {(503,), ()}
            assert [503] in told
            site.gate.set()
            for reader, writer in [*busy, *more]:
                if reader is not None and (reader, writer) in busy:
                    assert statuses(await reader.read(4096)) == [200]
                writer.close()

    asyncio.run(play())
