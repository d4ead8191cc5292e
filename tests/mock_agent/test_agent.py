"""Promises about the local stand-in for VoiceB: it verifies, answers, acts and remembers rings."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from adapter.mock_agent.agent import PATH, MockAgent, Ring
from adapter.mock_agent.connection import MAX_BODY_BYTES
from adapter.mock_agent.script import Script, read_script, script_of

PHONE = "+12025550123"
BODY = json.dumps({"phone": PHONE, "variables": {"name": "Zoë"}}).encode()
Answer = tuple[int, bytes]


def _signature(body: bytes) -> str:
    return hmac.new(b"secret", body, hashlib.sha256).hexdigest()


def _request(body: bytes, *lines: str, method: str = "POST", target: str = PATH) -> bytes:
    head = [f"{method} {target} HTTP/1.1", "host: x", f"content-length: {len(body)}", *lines]
    return "\r\n".join([*head, "", ""]).encode() + body


def _signed(body: bytes = BODY) -> bytes:
    return _request(body, "api-key: key", f"signature: {_signature(body)}")


async def _exchange(mock: MockAgent, raw: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", mock.port)
    try:
        writer.write(raw)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.close()


async def _post(mock: MockAgent, raw: bytes) -> Answer:
    answer = await _exchange(mock, raw)
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def _with(
    script: Script | None, play: Callable[[MockAgent], Awaitable[None]], **knobs: float
) -> MockAgent:
    async def run() -> MockAgent:
        async with MockAgent("key", "secret", script, **knobs) as mock:  # type: ignore[arg-type]  # only drip_s
            await play(mock)
        return mock

    return asyncio.run(asyncio.wait_for(run(), 20))


def _post_all(script: Script | None, *raws: bytes) -> tuple[list[Answer], MockAgent]:
    answers: list[Answer] = []

    async def play(mock: MockAgent) -> None:
        answers.extend([await _post(mock, raw) for raw in raws])

    return answers, _with(script, play)


def test_a_signed_call_rings() -> None:
    """A request is kept: its phone, its variables, its exact bytes, its time."""
    answers, mock = _post_all(None, _signed())
    assert answers == [(200, b'{"status":"ok"}')]
    (ring,) = mock.rings
    assert (ring.phone, ring.variables, ring.body) == (PHONE, {"name": "Zoë"}, BODY)
    assert (ring.signature_ok, ring.answered, ring.at.tzinfo) == (True, "200", UTC)


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (_request(BODY), 400, b"ctc:001"),
        (_request(BODY, "api-key: key"), 400, b"ctc:001"),
        (_request(BODY, f"signature: {_signature(BODY)}"), 400, b"ctc:001"),
        (_request(BODY, "api-key: kéy", f"signature: {_signature(BODY)}"), 403, b"ctc:003"),
        (_request(BODY, "api-key: key", f"signature: {_signature(b'')}"), 403, b"ctc:006"),
        (_request(BODY, "api-key: key", f"signature: {_signature(BODY).upper()}"), 403, b"ctc:006"),
        (_signed(b"not JSON"), 400, b"expected"),
        (_signed(b'["a list"]'), 400, b"expected"),
        (_signed(b'{"variables":{}}'), 400, b"expected"),
        (_signed(b'{"phone":"+12025550123","variables":[]}'), 400, b"expected"),
        (_request(b"", method="GET"), 405, b"POST only"),
        (_request(b"", method="GET", target="/"), 404, b"GET /rings"),
        (_request(BODY, target="/rings"), 404, b"GET /rings"),
    ],
)
def test_what_the_vendor_would_refuse_is_refused_and_rings_nobody(
    raw: bytes, status: int, code: bytes
) -> None:
    """VoiceB's documented codes, in its order; the script is not used up by it."""
    answers, mock = _post_all(script_of("ctc:007"), raw, _signed())
    assert answers[0][0] == status
    assert code in answers[0][1]
    assert b"ctc:007" in answers[1][1]
    assert mock.rings == []


def test_scripted_answers_come_in_order() -> None:
    """Codes, statuses, maps; then 200. Only the 2xx ring, every request is remembered."""
    script = script_of("ctc:002", 503, {"status": 204}, {"status": 404, "body": "no"}, 304, 599)
    answers, mock = _post_all(script, *[_signed()] * 7)
    assert [status for status, _ in answers] == [500, 503, 204, 404, 304, 599, 200]
    assert [answers[2][1], answers[3][1], answers[4][1]] == [b"", b"no", b""]
    assert [ring.answered for ring in mock.rings] == ["204", "200"]
    assert [received.answered for received in mock.requests] == (
        ["ctc:002", "503", "204", "404", "304", "599", "200"]
    )


def test_phones_use_up_their_own_answers() -> None:
    """Whatever other phones were told in between."""
    other = _signed(json.dumps({"phone": "+12025550124", "variables": {}}).encode())
    script = read_script(f'default: [503]\nphones: {{"{PHONE}": [ctc:007, ctc:008]}}\n')
    answers, _ = _post_all(script, _signed(), other, _signed(), other, _signed())
    assert [status for status, _ in answers] == [400, 503, 500, 200, 200]


@pytest.mark.parametrize(
    ("act", "answer"),
    [("drop", b""), ("half", b"HTTP/1.1 200 OK\r\ncontent-le"), ("garbage", b"\x00\x01 this")],
)
def test_an_act_breaks_the_answer_and_counts_as_a_ring(act: str, answer: bytes) -> None:
    """The whole POST was read by then."""
    found = []

    async def play(mock: MockAgent) -> None:
        found.append(await _exchange(mock, _signed() + _signed()))

    mock = _with(script_of(act), play)
    assert found[0][: len(answer) or 1] == answer
    assert [ring.answered for ring in mock.rings] == [act]


def test_reset_sends_rst() -> None:
    """The client sees an error, not an end."""

    async def play(mock: MockAgent) -> None:
        with pytest.raises(ConnectionResetError):
            await _exchange(mock, _signed())

    assert len(_with(script_of("reset"), play).rings) == 1


def test_hang_never_answers_and_does_not_keep_the_agent_from_stopping() -> None:
    """Its connections are cut at the end."""

    async def play(mock: MockAgent) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", mock.port)
        writer.write(_signed())
        await mock.wait_for_rings(1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        writer.close()

    assert [ring.answered for ring in _with(script_of("hang"), play).rings] == ["hang"]


def test_drip_answers_200_in_the_end() -> None:
    """For a client with patience."""

    async def play(mock: MockAgent) -> None:
        assert (await _post(mock, _signed()))[0] == 200

    assert len(_with(script_of("drip"), play, drip_s=0.0).rings) == 1


def test_a_ring_is_remembered_before_a_late_answer() -> None:
    """The phone rings whether or not the client waits; concurrent POSTs are counted."""

    async def play(mock: MockAgent) -> None:
        posts = [asyncio.create_task(_post(mock, _signed())) for _ in range(3)]
        await mock.wait_for_rings(3)
        assert not any(post.done() for post in posts)
        await asyncio.gather(*posts)

    mock = _with(script_of(*[{"delay_s": 0.2}] * 3), play)
    assert mock.peak_in_flight == 3


def test_waiting_for_rings_that_do_not_come_ends() -> None:
    """A test must not hang."""

    async def play(mock: MockAgent) -> None:
        with pytest.raises(TimeoutError):
            await mock.wait_for_rings(1, timeout_s=0.05)

    _with(None, play)


def test_somebody_who_listens_is_told_every_post() -> None:
    """Rung, scripted away or refused; what could not be read has no phone."""
    told: list[Ring] = []
    unsigned = _request(BODY, "api-key: key", "signature: 00")

    async def play(mock: MockAgent) -> None:
        mock.on_request = told.append
        for raw in (_signed(), _signed(), unsigned, _signed(b"not JSON")):
            await _post(mock, raw)

    mock = _with(script_of(503), play)
    assert [(ring.phone, ring.answered, ring.signature_ok) for ring in told] == [
        (PHONE, "503", True),
        (PHONE, "200", True),
        (PHONE, "ctc:006", False),
        ("", "400", True),
    ]
    assert mock.rings == [told[1]]


def test_rings_can_be_read_over_http() -> None:
    """For people at a terminal: no credentials in it."""
    answers, _ = _post_all(None, _signed(), _request(b"", method="GET", target="/rings?x"))
    (ring,) = json.loads(answers[1][1])
    assert datetime.fromisoformat(ring.pop("at")).tzinfo is not None
    assert ring == {
        "phone": PHONE,
        "variables": {"name": "Zoë"},
        "signature_ok": True,
        "answered": "200",
    }


def test_several_requests_share_a_connection() -> None:
    """Pipelined ones too; `connection: close` ends it."""
    closing = _request(BODY, "api-key: key", f"signature: {_signature(BODY)}", "connection: close")
    answers = []

    async def play(mock: MockAgent) -> None:
        answers.append(await _exchange(mock, _signed() + _signed() + closing + _signed()))

    assert len(_with(None, play).rings) == 3
    assert answers[0].count(b"HTTP/1.1 200 OK") == 3


def test_a_client_that_waits_for_100_continue_is_told_to_go_on() -> None:
    """As curl does with a larger body."""
    raw = _request(BODY, "api-key: key", f"signature: {_signature(BODY)}", "expect: 100-continue")
    head = raw[: -len(BODY)]

    async def play(mock: MockAgent) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", mock.port)
        writer.write(head)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(BODY)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()

    _with(None, play)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x16\x03\x01 a TLS greeting\r\n\r\n",
        _signed()[:-5],
        _signed(b"x" * (MAX_BODY_BYTES + 1)),
    ],
)
def test_what_is_no_whole_request_rings_nobody(raw: bytes) -> None:
    """Nothing, no HTTP, a POST cut short, a POST too large: the connection just closes."""

    async def play(mock: MockAgent) -> None:
        # a reset where it closed before it had read all of it
        with suppress(ConnectionError):
            assert await _exchange(mock, raw) == b""

    mock = _with(None, play)
    assert (mock.rings, mock.requests) == ([], [])


def test_a_received_request_shows_its_document() -> None:
    """None where it is not JSON."""
    _, mock = _post_all(None, _signed(), _signed(b"not JSON"))
    documents = [received.document() for received in mock.requests]
    assert documents == [{"phone": PHONE, "variables": {"name": "Zoë"}}, None]


def test_the_repr_of_what_was_received_hides_credentials() -> None:
    """Tests print it when they fail."""
    _, mock = _post_all(None, _signed())
    assert _signature(BODY) not in repr(mock.requests)


def test_the_address_of_an_ipv6_host_is_bracketed() -> None:
    """As URLs want it."""
    assert MockAgent("key", "secret", host="::1", port=1).url == f"http://[::1]:1{PATH}"


def test_stopping_what_was_never_started_is_no_error() -> None:
    """The composition root stops everything, however far it came."""

    async def stop() -> None:
        await MockAgent("key", "secret").stop()

    asyncio.run(stop())
