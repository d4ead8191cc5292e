"""Promises about what each failure proves, shown on real sockets against the mock agent."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import aiohttp
import httpx
import pytest

from adapter.agent import Agent
from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import CODES, script_of
from adapter.policy.outcomes import Answered, Broken, NotSent, SendResult
from adapter.ringing.sender import FOREIGN, NothingSentError, Sender, result_of
from adapter.ringing.signing import SignedCall, sign_call
from tests.harness.agents import agent_at

PHONE = "+12025550123"
Script = tuple[object, ...]


def _signed(agent: Agent) -> SignedCall:
    return sign_call(agent, PHONE, {"name": "Zoë"})


async def _send_once(agent: Agent) -> SendResult:
    sender = Sender(agent)
    try:
        return await sender.send(_signed(agent))
    finally:
        await sender.close()


def _play(*entries: object, timeout_s: float = 5.0) -> tuple[list[SendResult], MockAgent]:
    async def play() -> tuple[list[SendResult], MockAgent]:
        async with MockAgent("key", "secret", script_of(*entries)) as mock:
            agent = agent_at(mock.url, timeout_s=timeout_s)
            sender = Sender(agent)
            showed = [await sender.send(_signed(agent)) for _ in entries]
            await sender.close()
        return showed, mock

    return asyncio.run(play())


def test_a_call_arrives_signed_and_is_answered() -> None:
    """The mock agent verifies the signature over the bytes that it read."""
    showed, mock = _play(200)
    assert showed == [Answered(status=200)]
    assert [(ring.phone, ring.variables) for ring in mock.rings] == [(PHONE, {"name": "Zoë"})]


def test_nothing_but_the_call_is_told_to_the_agent() -> None:
    """No cookies, no library's name; compression is not asked for, since it would hide a code."""
    _, mock = _play({"headers": {"set-cookie": "a=b"}}, 200)
    names = {"host", "content-length", "accept", "accept-encoding", "user-agent"}
    signed = {"api-key", "signature", "content-type"}
    assert [set(received.headers) for received in mock.requests] == [names | signed] * 2
    assert mock.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_documented_code_is_seen_with_its_status(code: str) -> None:
    """ctc:001 to ctc:008."""
    showed, _ = _play(code)
    assert showed == [Answered(status=CODES[code][0], code=code)]


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 308, 401, 404, 408, 500, 502, 503])
def test_every_status_is_reported_and_no_redirect_is_followed(status: int) -> None:
    """One POST each, wherever `location` points to."""
    entry = {"status": status, "headers": {"location": "/api/click-to-call"}}
    showed, mock = _play(entry)
    assert showed == [Answered(status=status)]
    assert len(mock.requests) == 1


@pytest.mark.parametrize("text", ["7", "Mon, 02 Mar 2026 10:01:30 GMT"])
def test_retry_after_is_handed_on_as_it_came(text: str) -> None:
    """Seconds or a date: the decision reads it."""
    showed, _ = _play({"status": 429, "headers": {"retry-after": text}})
    assert showed == [Answered(status=429, retry_after=text)]


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("drop", "dropped"),
        ("reset", "dropped"),
        ("half", "dropped"),
        ("garbage", "garbage"),
        ("hang", "read_timeout"),
        ("drip", "read_timeout"),
        ({"status": 503, "delay_s": 60}, "read_timeout"),
        ({"status": 503, "headers": {"content-length": 999}}, "half"),
    ],
)
def test_what_happens_after_the_post_was_read_may_have_rung(act: object, kind: str) -> None:
    """Never reported as not sent; the agent has the whole POST."""
    showed, mock = _play(act, timeout_s=0.5)
    assert showed == [Broken(kind=kind)]
    assert len(mock.requests) == 1


@pytest.mark.parametrize(
    "entry",
    [
        {"body": "x" * 1_000_000},
        {"body": "ok", "headers": {"content-length": 999}},
        {"body": "not gzip", "headers": {"content-encoding": "gzip"}},
    ],
)
def test_a_2xx_counts_readable_or_not(entry: object) -> None:
    """Huge, cut short, or garbage after its headers: the status arrived, so the phone rings."""
    showed, _ = _play(entry)
    assert showed == [Answered(status=200)]


def test_an_error_with_a_huge_body_is_an_answer() -> None:
    """The first 4 KiB suffice, and the rest is not waited for."""
    showed, _ = _play({"status": 400, "body": "ctc:007" + "x" * 10_000_000})
    assert showed == [Answered(status=400, code="ctc:007")]


def test_connections_are_kept_and_a_dropped_one_harms_no_later_call() -> None:
    """After each broken answer the next call goes out on a new connection."""
    showed, mock = _play(200, "drop", 200, "garbage", 200, "reset", 200, 200)
    assert [type(each) for each in showed] == [Answered, Broken] * 3 + [Answered] * 2
    assert len(mock.requests) == 8


def test_a_refused_connection_was_not_sent() -> None:
    """Nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        assert asyncio.run(_send_once(agent_at(url))) == NotSent(kind="refused")


def test_an_unknown_host_was_not_sent() -> None:
    """RFC 6761: `.invalid` never resolves; where DNS is out of order, it takes too long."""
    showed = asyncio.run(_send_once(agent_at("http://nobody.invalid/")))
    assert showed in (NotSent(kind="dns"), NotSent(kind="connect_timeout"))


@contextmanager
def _deaf_listener() -> Iterator[str]:
    # Linux ignores a SYN to a full backlog, so the next connection attempt hangs.
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_a_connection_that_hangs_was_not_sent_and_ends_before_the_deadline() -> None:
    """Past the deadline nobody could say whether something was sent, so connecting ends first."""
    with _deaf_listener() as url:
        started = time.monotonic()
        showed = asyncio.run(_send_once(agent_at(url, timeout_s=1.0)))
    assert showed == NotSent(kind="connect_timeout")
    assert time.monotonic() - started < 1.0


def test_a_cancelled_attempt_is_cancelled() -> None:
    """The caller who stops it must learn so, not get a value."""

    async def cut() -> None:
        async with MockAgent("key", "secret", script_of("hang")) as mock:
            attempt = asyncio.create_task(_send_once(agent_at(mock.url)))
            await mock.wait_for_rings(1)
            attempt.cancel()
            with pytest.raises(asyncio.CancelledError):
                await attempt

    asyncio.run(cut())


def _tree(root: type[BaseException]) -> list[type[BaseException]]:
    return [root, *(each for child in root.__subclasses__() for each in _tree(child))]


_HTTPX = [*_tree(httpx.HTTPError), *_tree(httpx.StreamError), httpx.InvalidURL]
_NOT_SENT = NotSent(kind="dns")


def _made(kind: type[BaseException]) -> BaseException:
    if issubclass(kind, NothingSentError):
        return kind(_NOT_SENT)
    return kind.__new__(kind)


def _bare(error: BaseException) -> BaseException:
    return error


def _caused(cause: BaseException) -> BaseException:
    error = httpx.ConnectTimeout("")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("kind", _HTTPX, ids=lambda kind: kind.__name__)
def test_no_error_of_httpx_proves_by_itself_that_nothing_was_sent(
    kind: type[BaseException],
) -> None:
    """Over this transport its names mislead; every one is caught, and all are doubt."""
    assert issubclass(kind, FOREIGN)
    assert isinstance(result_of(_made(kind)), Broken)


@pytest.mark.parametrize("kind", _tree(aiohttp.ClientError), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("wrap", [_bare, _caused])
def test_only_what_was_raised_while_connecting_proves_that_nothing_was_sent(
    kind: type[BaseException], wrap: Callable[[BaseException], BaseException]
) -> None:
    """Each error of aiohttp, bare or as the cause of one of httpx's, is doubt but the mark."""
    assert issubclass(kind, FOREIGN)
    showed = result_of(wrap(_made(kind)))
    assert (showed == _NOT_SENT) is issubclass(kind, NothingSentError)
    assert isinstance(showed, NotSent | Broken)


def test_the_exceptions_of_httpx_are_all_in_the_table() -> None:
    """A class that a new release adds must be looked at."""
    public = {
        each
        for each in vars(httpx).values()
        if isinstance(each, type) and issubclass(each, Exception)
    }
    # raised where cookies are read by name, and we read none
    assert public - {httpx.CookieConflict} <= set(_HTTPX)


def test_an_error_from_elsewhere_is_doubt() -> None:
    """Whatever reaches the table."""
    assert result_of(ValueError()) == Broken(kind="garbage")
