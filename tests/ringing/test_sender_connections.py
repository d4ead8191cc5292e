"""Promises about bytes and connections that only a hand-written agent can get wrong."""

import asyncio
import datetime
import gzip
import socket
import ssl
import struct
import time

import pytest
import trustme

from adapter.policy.outcomes import Answered, Broken, NotSent, SendResult
from adapter.ringing.sender import Sender
from adapter.ringing.signing import sign_call
from tests.harness.agents import agent_at
from tests.harness.raw_agent import RawAgent, answering, raw_agent, read_post

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
TIMEOUT_S = 2.0
DAY = datetime.timedelta(days=1)


async def _send(sender: Sender, raw: RawAgent, text: str = "Ann") -> SendResult:
    return await sender.send(
        sign_call(agent_at(raw.url, timeout_s=TIMEOUT_S), "+12025550123", {"name": text})
    )


def _once(*chunks: bytes, pause_s: float = 0.0, timeout_s: float = TIMEOUT_S) -> SendResult:
    async def once() -> SendResult:
        async with raw_agent(answering(*chunks, pause_s=pause_s)) as raw:
            sender = Sender(agent_at(raw.url, timeout_s=timeout_s))
            showed = await _send(sender, raw)
            await sender.close()
            return showed

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("status", "showed"),
    [
        (b"200 OK", Answered(status=200)),
        (b"503 Oh", Broken(kind="read_timeout")),
        (b"400 Oh", Broken(kind="read_timeout")),
    ],
)
def test_a_slow_drip_ends_at_the_deadline(status: bytes, showed: SendResult) -> None:
    """Each byte comes in time, the whole never does; a 2xx counts all the same."""
    head = b"HTTP/1.1 " + status + b"\r\ncontent-length: 999\r\n\r\n"
    started = time.monotonic()
    assert _once(head, *[b"x"] * 99, pause_s=0.05, timeout_s=0.4) == showed
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("status", [b"200 OK", b"400 Bad Request"])
def test_a_code_in_a_dripped_2xx_is_seen(status: bytes) -> None:
    """What was read before the deadline counts as read; an error must be whole to be believed."""
    head = b"HTTP/1.1 " + status + b"\r\ncontent-length: 999\r\n\r\nctc:008"
    showed = _once(head, b"x", pause_s=5.0, timeout_s=0.4)
    whole = Answered(status=200, code="ctc:008")
    assert showed == (whole if status.startswith(b"2") else Broken(kind="read_timeout"))


@pytest.mark.parametrize(
    ("chunks", "showed"),
    [
        ([b"HTTP/1.1 200 OK\r\n"], Broken(kind="dropped")),
        ([b"HTTP/1.1 2"], Broken(kind="dropped")),
        ([b"HTTP/1.1 abc OK\r\n\r\n"], Broken(kind="garbage")),
        ([b"<html>busy</html>"], Broken(kind="garbage")),
        ([b"HTTP/1.1 200 OK\r\nx: " + b"y" * 99_999 + b"\r\n\r\n"], Broken(kind="garbage")),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", OK], Answered(status=200)),
        ([b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", OK], Answered(status=200)),
        ([b"HTTP/1.0 503 Busy\r\n\r\nno length"], Answered(status=503)),
        (
            [b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"],
            Broken(kind="half"),
        ),
        (
            [b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab"],
            Broken(kind="garbage"),
        ),
    ],
)
def test_an_answer_counts_only_as_far_as_it_is_http(
    chunks: list[bytes], showed: SendResult
) -> None:
    """Headers that break off or are none show nothing."""
    assert _once(*chunks) == showed


def test_a_2xx_whose_body_turns_to_garbage_counts() -> None:
    """Its headers were read, and the phone rings."""
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert _once(head, b"zz\r\nab", pause_s=0.1) == Answered(status=200)


def test_a_2xx_that_comes_in_one_piece_with_garbage_is_doubt() -> None:
    """The client's parser keeps nothing of it; doubt is never redialled, so that is safe."""
    piece = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab"
    assert _once(piece) == Broken(kind="garbage")


def test_a_code_is_found_in_an_answer_compressed_against_our_wish() -> None:
    """A gateway that always compresses must not make a refusal look accepted."""
    body = gzip.compress(b'{"code":"ctc:008"}')
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n"
    assert _once(head.encode() + body) == Answered(status=200, code="ctc:008")


def test_a_reset_in_the_middle_of_the_post_may_have_rung() -> None:
    """Some of it had left."""

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(100)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    async def play() -> SendResult:
        async with raw_agent(reset) as raw:
            sender = Sender(agent_at(raw.url, timeout_s=TIMEOUT_S))
            showed = await _send(sender, raw, text="x" * 900_000)
            await sender.close()
            return showed

    assert asyncio.run(play()) == Broken(kind="dropped")


def test_an_agent_that_never_reads_ends_at_the_deadline() -> None:
    """A POST stuck half-way is doubt, and holds no slot for ever."""

    async def deaf(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def play() -> SendResult:
        async with raw_agent(deaf) as raw:
            sender = Sender(agent_at(raw.url, timeout_s=0.4))
            showed = await _send(sender, raw, text="x" * 900_000)
            await sender.close()
            return showed

    assert asyncio.run(play()) == Broken(kind="read_timeout")


def test_a_connection_that_the_agent_closed_while_idle_is_not_used_again() -> None:
    """The next call is answered on a new one."""

    async def play() -> tuple[list[SendResult], int]:
        async with raw_agent(answering(OK)) as raw:
            sender = Sender(agent_at(raw.url, timeout_s=TIMEOUT_S))
            showed = [await _send(sender, raw)]
            await asyncio.gather(*raw.tasks)
            await asyncio.sleep(0.05)
            showed.append(await _send(sender, raw))
            await sender.close()
            return showed, raw.connections

    assert asyncio.run(play()) == ([Answered(status=200)] * 2, 2)


def test_a_connection_idle_for_long_is_not_used_again() -> None:
    """Some servers close one after a second; half of that is the longest that ours is kept."""

    async def play() -> tuple[SendResult, int]:
        async with raw_agent(_keeping_alive) as raw:
            sender = Sender(agent_at(raw.url, timeout_s=TIMEOUT_S))
            await _send(sender, raw)
            await _send(sender, raw)
            assert raw.connections == 1
            await asyncio.sleep(0.6)
            showed = await _send(sender, raw)
            await sender.close()
            return showed, raw.connections

    assert asyncio.run(play()) == (Answered(status=200), 2)


async def _keeping_alive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await read_post(reader)
        writer.write(OK)


@pytest.mark.parametrize("stray", [b"HTTP/1.1 503 Late\r\ncontent-length: 0\r\n\r\n", b"\r\n!"])
def test_a_late_byte_on_an_idle_connection_is_never_taken_for_an_answer(stray: bytes) -> None:
    """It would be read as the answer to a POST that did ring; instead nothing is sent."""
    posts = []

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            posts.append(await read_post(reader))
            writer.write(OK)
            await asyncio.sleep(0.05)
            writer.write(stray)

    async def play() -> list[SendResult]:
        async with raw_agent(act) as raw:
            sender = Sender(agent_at(raw.url, timeout_s=TIMEOUT_S))
            showed = [await _send(sender, raw)]
            await asyncio.sleep(0.2)
            showed += [await _send(sender, raw), await _send(sender, raw)]
            await sender.close()
            return showed

    first, second, *_ = asyncio.run(play())
    assert first == Answered(status=200)
    # either it was dirty and not sent, or it was closed and a new connection carried the call
    assert (second, len(posts)) in ((NotSent(kind="broken"), 2), (Answered(status=200), 3))


def _server_tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    return tls


def _over_tls(
    server: ssl.SSLContext | None, client: ssl.SSLContext | None
) -> tuple[SendResult, int]:
    posts = []

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        posts.append(await read_post(reader))
        writer.write(OK)
        await writer.drain()

    async def play() -> SendResult:
        async with raw_agent(act, tls=server, host="localhost") as raw:
            raw.url = raw.url.replace("http://", "https://")
            sender = Sender(agent_at(raw.url, timeout_s=TIMEOUT_S), tls=client)
            showed = await _send(sender, raw)
            await sender.close()
            return showed

    return asyncio.run(play()), len(posts)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority that only the tests know."""
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return the TLS of a client that trusts this authority."""
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    return tls


def test_a_call_over_tls_is_answered(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    """The certificate is right, so the call goes out."""
    server = _server_tls(authority.issue_cert("localhost"))
    assert _over_tls(server, trusting) == (Answered(status=200), 1)


def test_an_unknown_authority_was_not_sent(authority: trustme.CA) -> None:
    """The default trust does not include it."""
    server = _server_tls(authority.issue_cert("localhost"))
    why = NotSent(kind="tls", detail="unable_to_get_local_issuer_certificate")
    assert _over_tls(server, None) == (why, 0)


def test_an_expired_certificate_was_not_sent(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    """Nor would a signature or an API key be shown to it."""
    past = datetime.datetime.now(datetime.UTC) - DAY
    expired = authority.issue_cert("localhost", not_before=past - DAY, not_after=past)
    why = NotSent(kind="tls", detail="certificate_has_expired")
    assert _over_tls(_server_tls(expired), trusting) == (why, 0)


def test_the_certificate_of_another_host_was_not_sent(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    """Somebody else answers under the agent's name."""
    server = _server_tls(authority.issue_cert("other.example"))
    why = NotSent(kind="tls", detail="hostname_mismatch")
    assert _over_tls(server, trusting) == (why, 0)


def test_a_server_without_tls_was_not_sent(trusting: ssl.SSLContext) -> None:
    """It reads a TLS greeting, finds no POST in it and hangs up."""
    showed, posts = _over_tls(None, trusting)
    assert isinstance(showed, NotSent)
    assert posts == 0
