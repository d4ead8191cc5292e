"""What a call shows that goes out through a proxy: until its tunnel stands, nothing was sent."""

import asyncio
import socket
import ssl
import time

import pytest
import trustme

from adapter.config.proxy import Proxy
from adapter.policy.outcomes import Answered, Broken, NotSent, SendResult
from adapter.ringing.sender import Sender
from adapter.ringing.signing import sign_call
from tests.harness.agents import agent_at
from tests.harness.connect_proxy import OPEN, ConnectProxy, connect_proxy
from tests.harness.raw_agent import Act, RawAgent, answering, port_of, raw_agent, read_post

# Only the proxy knows where this is: no resolver has the name.
HOST = "agent.invalid"
LOGIN = "tester:p%40ss-word-of-the-proxy@"
OK = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
TIMEOUT_S = 4.0


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority that only the tests know."""
    return trustme.CA()


def tls_of(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Return the TLS of a server with a certificate for this name."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    return tls


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return the TLS of a client that trusts this authority."""
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    return tls


def rung(
    authority: trustme.CA,
    *,
    act: Act = OK,
    name: str = HOST,
    login: str = "",
    answer: bytes | None = OPEN,
    proxy_name: str = "",
    timeout_s: float = TIMEOUT_S,
    calls: int = 1,
) -> tuple[list[SendResult], ConnectProxy, RawAgent]:
    """Send calls, one after the other, to an agent with a certificate for `name`."""

    async def play() -> tuple[list[SendResult], ConnectProxy, RawAgent]:
        proxy_tls = tls_of(authority, proxy_name) if proxy_name else None
        async with (
            raw_agent(act, tls=tls_of(authority, name)) as raw,
            connect_proxy(port_of(raw), answer=answer, tls=proxy_tls) as proxy,
        ):
            agent = agent_at(f"https://{HOST}/api/click-to-call", timeout_s=timeout_s)
            way = Proxy.from_url(proxy.url.replace("://", f"://{login}"))
            sender = Sender(agent, proxy=way, tls=trusting(authority))
            signed = sign_call(agent, "+12025550123", {"name": "Ann"})
            showed = [await sender.send(signed) for _ in range(calls)]
            await sender.close()
            return showed, proxy, raw

    return asyncio.run(play())


def test_a_call_goes_through_the_tunnel_to_whom_its_certificate_names(
    authority: trustme.CA,
) -> None:
    """The proxy learns the host alone: what is said, key and phone, is between us and the agent."""
    (showed,), proxy, raw = rung(authority, login=LOGIN)
    assert (showed, raw.connections) == (Answered(status=200), 1)
    (head,) = proxy.heads
    first, *headers = head.strip().lower().split("\r\n")
    assert first == f"connect {HOST}:443 http/1.1"
    shown = dict(line.split(": ", 1) for line in headers)
    assert shown["host"] == HOST
    assert "proxy-authorization" in shown
    assert not shown.keys() & {"api-key", "signature", "authorization"}


def test_the_proxy_is_shown_its_password_and_the_agent_is_not(authority: trustme.CA) -> None:
    """Basic, decoded from the URL; a tunnel that stands is used again without another word."""
    seen = []

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append((await reader.readuntil(b"\r\n\r\n")).lower())
            length = int(seen[-1].partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    showed, proxy, _ = rung(authority, act=act, login=LOGIN, calls=2)
    assert showed == [Answered(status=200)] * 2
    (head,) = proxy.heads  # printf 'tester:p@ss-word-of-the-proxy' | base64
    assert "Basic dGVzdGVyOnBAc3Mtd29yZC1vZi10aGUtcHJveHk=" in head
    assert len(seen) == 2
    assert not [head for head in seen if b"proxy" in head]


REFUSALS = {
    "proxy:407": b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
    "proxy:502": b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nbad",
    "proxy:302": b"HTTP/1.1 302 Found\r\nlocation: https://elsewhere.invalid/\r\n\r\n",
    "proxy:broken": b"",
    "proxy:broken with half a head": b"HTTP/1.1 200 Conn",
    "proxy:broken with garbage": b"SSH-2.0-OpenSSH_9.9\r\n",
}


@pytest.mark.parametrize("why", REFUSALS)
def test_a_proxy_that_opens_no_tunnel_has_sent_nothing(authority: trustme.CA, why: str) -> None:
    """It refuses, hangs up or talks nonsense: the call may be tried again, nobody was rung."""
    (showed,), proxy, raw = rung(authority, answer=REFUSALS[why])
    assert isinstance(showed, NotSent)
    assert showed.why == why.split(" ", maxsplit=1)[0]
    assert (len(proxy.heads), raw.connections) == (1, 0)


def test_a_proxy_that_says_nothing_ends_before_the_deadline(authority: trustme.CA) -> None:
    """Past the attempt's deadline nobody could say any more whether something was sent."""
    started = time.monotonic()
    (showed,), _, raw = rung(authority, answer=None, timeout_s=1.0)
    assert (showed, raw.connections) == (NotSent(kind="proxy", detail="connect_timeout"), 0)
    assert time.monotonic() - started < 1.0


def alone(authority: trustme.CA, proxy_url: str) -> SendResult:
    """Return what a call shows where nothing but this proxy could be reached."""

    async def play() -> SendResult:
        agent = agent_at(f"https://{HOST}/", timeout_s=TIMEOUT_S)
        sender = Sender(agent, proxy=Proxy.from_url(proxy_url), tls=trusting(authority))
        showed = await sender.send(sign_call(agent, "+12025550123", {}))
        await sender.close()
        return showed

    return asyncio.run(play())


def test_a_proxy_that_cannot_be_reached_is_named_as_such(authority: trustme.CA) -> None:
    """Its port is closed, or nobody has its name: the agent is not to blame."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refused = alone(authority, f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert refused == NotSent(kind="proxy", detail="refused")
    # RFC 6761: `.invalid` never resolves; where DNS is out of order, it takes too long.
    unknown = alone(authority, "http://proxy.invalid:3128")
    assert unknown in [NotSent(kind="proxy", detail=why) for why in ("dns", "connect_timeout")]


def test_the_certificates_of_proxy_and_agent_are_told_apart(authority: trustme.CA) -> None:
    """Over TLS to a proxy, and inside it over TLS to the agent."""
    good, wrong = "localhost", "other.example"
    (showed,), _, _ = rung(authority, proxy_name=good)
    assert showed == Answered(status=200)
    (of_proxy,), proxy, _ = rung(authority, proxy_name=wrong)
    assert of_proxy == NotSent(kind="proxy", detail="tls:hostname_mismatch")
    assert proxy.heads == []  # no password either
    (of_agent,), _, _ = rung(authority, name=wrong)
    assert of_agent == NotSent(kind="tls", detail="hostname_mismatch")
    # Some releases of Python lose the reason of TLS within TLS; that nothing was sent holds.
    posts = []

    async def act(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        posts.append(await read_post(reader))

    (inside,), _, _ = rung(authority, act=act, proxy_name=good, name=wrong, timeout_s=1.0)
    assert isinstance(inside, NotSent)
    assert posts == []


@pytest.mark.parametrize("answers", [(), (b"HTTP/1.1 2",)])
def test_what_happens_once_the_call_went_into_the_tunnel_may_have_rung(
    authority: trustme.CA, answers: tuple[bytes, ...]
) -> None:
    """The agent read it and hung up, and so did the proxy: never sent again by itself."""
    posts = []

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        posts.append(await read_post(reader))
        for piece in answers:
            writer.write(piece)
            await writer.drain()

    (showed,), _, _ = rung(authority, act=act)
    assert (showed, len(posts)) == (Broken(kind="dropped"), 1)


def test_an_answer_that_a_tunnel_swallows_may_have_rung(authority: trustme.CA) -> None:
    """The deadline ends it, and the outcome is doubt."""

    async def act(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_post(reader)
        await asyncio.sleep(60)

    (showed,), _, _ = rung(authority, act=act, timeout_s=1.0)
    assert showed == Broken(kind="read_timeout")


def test_an_agent_on_this_machine_is_reached_directly() -> None:
    """Over plain HTTP a proxy would get the call itself, and its errors would look like answers."""

    async def play() -> SendResult:
        async with raw_agent(OK) as raw:
            sender = Sender(
                agent_at(raw.url, timeout_s=TIMEOUT_S), proxy=Proxy.from_url("http://127.0.0.1:1")
            )
            showed = await sender.send(sign_call(agent_at(raw.url), "+12025550123", {}))
            await sender.close()
            return showed

    assert asyncio.run(play()) == Answered(status=200)
