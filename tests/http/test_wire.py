"""Promises on the wire itself: real sockets, and clients that speak HTTP badly or oddly."""

import asyncio
from pathlib import Path

import pytest

from adapter.server.refusals import MAX_HEAD_BYTES
from tests.harness.in_process import CRM, TOKEN, Running, run

BODY = b'{"phone": "+12025550123", "name": "Ada"}'
HEAD = f"host: localhost\r\nx-webhook-token: {TOKEN}\r\ncontent-type: application/json\r\n".encode()
LENGTH = b"content-length: %d\r\n" % len(BODY)
CHUNKED = b"transfer-encoding: chunked\r\n"
CLOSE = b"connection: close\r\n"
UPGRADE = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n"
SILENCE_S = 5.0


def _post(
    headers: bytes, body: bytes = BODY, *, line: bytes = b"POST /hooks/crm HTTP/1.1"
) -> bytes:
    return line + b"\r\n" + HEAD + headers + b"\r\n" + body


def _in_chunks(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


async def _exchange(adapter: Running, *pieces: bytes) -> bytes:
    """Send the pieces, each when the one before was taken; return all that came back."""
    assert adapter.addresses is not None
    host, _, port = adapter.addresses.public.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(SILENCE_S):
            return await reader.read(-1)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


STORED = [
    ("plain", _post(LENGTH + CLOSE)),
    ("http-1.0", _post(LENGTH, line=b"POST /hooks/crm HTTP/1.0")),
    ("chunked", _post(CHUNKED + CLOSE, _in_chunks(BODY, 7))),
    ("one-byte-chunks", _post(CHUNKED + CLOSE, _in_chunks(BODY.ljust(30_000), 1))),
    ("expect", _post(LENGTH + CLOSE + b"expect: 100-continue\r\n")),
    ("absolute", _post(LENGTH + CLOSE, line=b"POST http://other/hooks/crm HTTP/1.1")),
    ("upgrade", _post(LENGTH + UPGRADE)),
    ("upgrade-chunked", _post(CHUNKED + UPGRADE, _in_chunks(BODY, 7))),
    ("two-types", _post(LENGTH + CLOSE + b"content-type: text/xml\r\n")),
]
REFUSED = [
    ("two-lengths", _post(LENGTH + b"content-length: 3\r\n"), 400),
    ("length-and-chunks", _post(LENGTH + CHUNKED, _in_chunks(BODY, 7)), 400),
    ("negative-length", _post(b"content-length: -5\r\n"), 400),
    ("odd-length", _post(b"content-length: 4 0\r\n"), 400),
    ("folded", _post(LENGTH + b"x-a: b\r\n c\r\n"), 400),
    ("unknown-method", _post(LENGTH, line=b"BREW /hooks/crm HTTP/1.1"), 400),
    ("connect", _post(LENGTH, line=b"CONNECT localhost:443 HTTP/1.1"), 400),
    ("raw-utf8-path", _post(LENGTH, line="POST /hooks/é HTTP/1.1".encode()), 400),
    ("http-2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("dots", _post(LENGTH + CLOSE, line=b"POST /x/../hooks/crm HTTP/1.1"), 404),
    ("long-header", _post(b"x-a: " + b"a" * MAX_HEAD_BYTES * 8 + b"\r\n"), 431),
    ("many-headers", _post(b"x-a: b\r\n" * 80_000), 431),
    ("long-trailer", _post(CHUNKED, b"1\r\n{\r\n0\r\nx-a: " + b"a" * MAX_HEAD_BYTES * 8), 431),
    ("huge", _post(b"content-length: 99999999999\r\nexpect: 100-continue\r\n" + CLOSE, b""), 413),
]


@pytest.mark.parametrize("raw", [raw for _, raw in STORED], ids=[name for name, _ in STORED])
def test_a_lead_arrives_however_its_request_is_written(tmp_path: Path, raw: bytes) -> None:
    """HTTP/1.0, chunks, an offer of HTTP/2: the body is read whole, and stored."""

    async def play(adapter: Running) -> None:
        answer = await _exchange(adapter, raw)
        answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert _status(answer) == 202, answer
        (call,) = await adapter.calls()
        assert call["variables"] == {"name": "Ada"}

    run(tmp_path, play, is_listening=True)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"//hooks/crm/{TOKEN}", 202),
        (f"/hooks//crm/{TOKEN}", 202),
        (f"/hooks/crm//{TOKEN}", 202),
        (f"/hooks/crm/{TOKEN}/", 202),
        (f"/hooks/crm/{TOKEN}%20", 202),
        (f"/hooks/crm/?token={TOKEN}", 202),
        (f"/hooks/crm?utm=1&amp;token={TOKEN}", 202),
        (f"/hooks/crm?token={TOKEN}?utm=1", 202),
        (f"/hooks/crm?token={TOKEN}%20", 202),
        (f"/hooks/crm?token={TOKEN}+", 202),
        (f"/hooks/crm/{TOKEN}/more", 401),
        (f"/hooks/crm/{TOKEN[:-1]}/", 401),
        (f"/hooks/crm?token={TOKEN[:-1]}?utm=1", 401),
        (f"/hooks/crm?token={TOKEN},", 401),
        (f"/hooks/crm?amp;amp;token={TOKEN}", 401),
    ],
)
def test_a_url_counts_as_senders_write_it(tmp_path: Path, target: str, status: int) -> None:
    """A slash or blank too many, an address copied from HTML, a second `?`; no more than that."""
    raw = b"POST %b HTTP/1.1\r\nhost: localhost\r\n" % target.encode() + LENGTH + CLOSE + b"\r\n"

    async def play(adapter: Running) -> None:
        answer = await _exchange(adapter, raw + BODY)
        assert _status(answer) == status, answer
        plain = await _exchange(adapter, _post(LENGTH + CLOSE).replace(TOKEN.encode(), b"wrong"))
        if status == 401:  # nothing tells how near it was
            assert answer.partition(b"\r\n\r\n")[2] == plain.partition(b"\r\n\r\n")[2]
        assert TOKEN.encode() not in adapter.stored_bytes()

    run(tmp_path, play, is_listening=True)


def test_a_lead_arrives_in_however_many_pieces(tmp_path: Path) -> None:
    """A request that offers an upgrade and comes byte by byte is read like any other."""

    async def play(adapter: Running) -> None:
        for number, headers in enumerate((LENGTH + CLOSE, LENGTH + UPGRADE)):
            body = BODY.replace(b"0123", b"012%d" % number)
            raw = _post(headers, body)
            answer = await _exchange(adapter, *[raw[at : at + 1] for at in range(len(raw))])
            assert _status(answer) == 202, answer

    run(tmp_path, play, is_listening=True)


@pytest.mark.parametrize(
    ("raw", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_is_no_request_is_refused_and_cut_off(tmp_path: Path, raw: bytes, status: int) -> None:
    """The answer is problem+json, never cached; then the connection ends, and all goes on."""

    async def play(adapter: Running) -> None:
        answer = await _exchange(adapter, raw)
        if answer:  # a client that is still sending may see a reset before the answer
            assert _status(answer) == status, answer
            head = answer.partition(b"\r\n\r\n")[0].lower()
            assert b"\r\ncache-control: no-store" in head
            assert b"\r\ncontent-type: application/problem+json" in head
            assert answer.count(b"HTTP/1.1 ") - answer.count(b"no HTTP/1.1 ") == 1
        assert await adapter.webhooks() == []
        assert (await adapter.post("crm", content=BODY)).status_code == 202

    run(tmp_path, play, is_listening=True)


def test_a_body_that_breaks_off_is_not_stored(tmp_path: Path) -> None:
    """A sender that hangs up in the middle gets no acknowledgement, and tries again."""

    async def play(adapter: Running) -> None:
        assert adapter.addresses is not None
        host, _, port = adapter.addresses.public.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(_post(b"content-length: 500\r\n"))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await adapter.public.get("/readyz")).status_code == 200
        assert await adapter.webhooks() == []

    run(tmp_path, play, is_listening=True)


def test_requests_on_one_connection_are_answered_in_order(tmp_path: Path) -> None:
    """Three at once, the last asking to close: three answers, one lead and two duplicates."""

    async def play(adapter: Running) -> None:
        answer = await _exchange(adapter, _post(LENGTH) * 2 + _post(LENGTH + CLOSE))
        statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [202, 200, 200]

    run(tmp_path, play, mappings={"crm": CRM}, is_listening=True)


def test_health_and_readiness_are_told_apart(tmp_path: Path) -> None:
    """Both say yes while the adapter serves; neither may be cached."""

    async def play(adapter: Running) -> None:
        for path in ("/healthz", "/readyz"):
            answer = await adapter.public.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")

    run(tmp_path, play, is_listening=True)
