"""One GET on real sockets: what each kind of answer shows, and where it goes."""

import asyncio
import gzip
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import trustme

from adapter.config.proxy import Proxy
from adapter.lookup.answers import Answered, Missed
from adapter.lookup.fetcher import FOREIGN, KINDS, Fetcher
from tests.harness.connect_proxy import OPEN, ConnectProxy, connect_proxy
from tests.harness.vendor import Asked, Reply, answer, vendor

LIMIT = 1000


def fetched(
    reply: Callable[[Asked], Reply],
    *,
    path: str = "/leads/1",
    headers: tuple[tuple[str, str], ...] = (),
    tls: ssl.SSLContext | None = None,
    timeout_s: float = 10.0,
) -> tuple[Answered | Missed, list[Asked]]:
    """Return what a GET of a vendor that replies so showed, and what it was asked."""

    async def played() -> tuple[Answered | Missed, list[Asked]]:
        fetcher = Fetcher()
        async with vendor(reply, tls=tls) as api:
            try:
                found = await fetcher.get(
                    api.url + path, headers, timeout_s=timeout_s, max_bytes=LIMIT
                )
            finally:
                await fetcher.close()
        return found, api.asked

    return asyncio.run(played())


def zipped(content: bytes) -> bytes:
    """Return a gzipped answer, which nobody asked for."""
    return answer(gzip.compress(content), headers="content-encoding: gzip\r\n")


BIG = b'"' + b"x" * 10_000 + b'"'
SHOWN: dict[str, tuple[Reply, Answered | Missed]] = {
    "json": (answer({"a": 1}), Answered(status=200, answer={"a": 1})),
    "201": (answer({"a": 1}, 201), Answered(status=201, answer={"a": 1})),
    "digits kept": (answer(b"9007199254740993"), Answered(status=200, answer=9007199254740993)),
    "null": (answer(None), Answered(status=200, answer=None)),
    "gzip all the same": (zipped(b'{"a": 1}'), Answered(status=200, answer={"a": 1})),
    "empty": (answer(b""), Missed(kind="malformed_answer", status=200)),
    "no content": (answer(b"", 204), Answered(status=204, answer=None)),
    "html": (answer(b"<html>"), Missed(kind="malformed_answer", status=200)),
    "cut gzip": (
        answer(b"\x1f\x8b\x08", headers="content-encoding: gzip\r\n"),
        Missed(kind="malformed_answer", status=200),
    ),
    "brotli": (
        answer(b"x", headers="content-encoding: br\r\n"),
        Missed(kind="malformed_answer", status=200),
    ),
    "too large": (answer(BIG), Missed(kind="answer_too_large", status=200)),
    "a bomb": (zipped(BIG * 100), Missed(kind="answer_too_large", status=200)),
    "an error": (answer({"code": 190}, 400), Answered(status=400, answer={"code": 190})),
    "a large error": (answer(BIG, 500), Answered(status=500, answer=None)),
    "an error's page": (answer(b"<html>", 404), Answered(status=404, answer=None)),
    "later": (
        answer({}, 503, headers="retry-after: 7\r\n"),
        Answered(status=503, answer={}, retry_after="7"),
    ),
    "moved": (
        answer({}, 301, headers="location: /\r\n"),
        Answered(status=301, answer={}),
    ),
    "no http": (b"hello\r\n\r\n", Missed(kind="broken_connection")),
    "cut off": (b"HTTP/1.1 200 OK\r\nx: ", Missed(kind="broken_connection")),
    "silence": (None, Missed(kind="timeout")),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_an_answer_shows(name: str) -> None:
    """A record, or why there is none; never an exception."""
    reply, expected = SHOWN[name]
    found, asked = fetched(lambda _: reply, timeout_s=10.0 if reply else 0.3)
    assert found == expected
    assert len(asked) == 1


def test_the_request_is_what_the_mapping_says() -> None:
    """Its headers go before ours, but for the encoding; no cookie, no body."""
    headers = (("authorization", "Bearer t"), ("accept", "application/vnd.x+json"))
    _, (asked,) = fetched(
        lambda _: answer({}),
        path="/a%2Fb/%C3%A9?x=%26&y=..",
        headers=(*headers, ("accept-encoding", "br")),
    )
    assert asked.target == "/a%2Fb/%C3%A9?x=%26&y=.."
    sent = dict(asked.headers)
    assert sent.pop("host").startswith("127.0.0.1:")
    assert sent == {
        **dict(headers),
        "accept-encoding": "identity",
        "user-agent": "crm-webhook-adapter",
        "connection": "keep-alive",
    }


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record goes from the vendor to us."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    found, _ = fetched(lambda _: answer({}))
    assert found == Answered(status=200, answer={})


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1:1/", "refused"),
        ("http://nowhere.invalid/", "dns"),
        ("ftp://a.b/", ""),
    ],
)
def test_who_cannot_be_reached(url: str, detail: str) -> None:
    """Nobody listens, nobody has the name, nobody speaks it."""

    async def played() -> Answered | Missed:
        return await Fetcher().get(url, (), timeout_s=5, max_bytes=LIMIT)

    assert asyncio.run(played()) == Missed(kind="unreachable", detail=detail)


def test_a_strangers_certificate_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is sent to whom the host's name belongs; SSL_CERT_FILE adds an authority."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    found, asked = fetched(lambda _: answer({}), tls=tls)
    why = "tls:unable_to_get_local_issuer_certificate"
    assert found == Missed(kind="unreachable", detail=why)
    assert asked == []
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert fetched(lambda _: answer({}), tls=tls)[0] == Answered(status=200, answer={})


THROUGH = "https://vendor.invalid/leads/1"  # only the proxy knows where this is


def through(
    monkeypatch: pytest.MonkeyPatch, folder: Path, url: str, opening: bytes | None = OPEN
) -> tuple[Answered | Missed, ConnectProxy, list[Asked]]:
    """Return what a GET through a proxy showed, what the proxy was asked, and the vendor."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("vendor.invalid", "127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))

    async def played() -> tuple[Answered | Missed, ConnectProxy, list[Asked]]:
        async with vendor(lambda _: answer({"a": 1}), tls=tls) as api:
            port = int(api.url.rpartition(":")[2])
            async with connect_proxy(port, answer=opening) as proxy:
                login = proxy.url.replace("://", "://me:pass-word-of-the-proxy@")
                fetcher = Fetcher(Proxy.from_url(login))
                headers = (("authorization", "Bearer token-of-the-vendor"),)
                found = await fetcher.get(url or api.url, headers, timeout_s=5, max_bytes=LIMIT)
                await fetcher.close()
                return found, proxy, api.asked

    return asyncio.run(played())


def test_a_record_is_fetched_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It learns the vendor's host alone, and the vendor nothing of the proxy."""
    found, proxy, (asked,) = through(monkeypatch, tmp_path, THROUGH)
    assert found == Answered(status=200, answer={"a": 1})
    (head,) = proxy.heads
    assert head.startswith("CONNECT vendor.invalid:443 ")
    assert "proxy-authorization: Basic " in head
    assert "token-of-the-vendor" not in head
    assert not [name for name in asked.headers if "proxy" in name]


def test_a_vendor_on_this_machine_is_asked_directly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As an agent is."""
    found, proxy, _ = through(monkeypatch, tmp_path, "")
    assert (found, proxy.heads) == (Answered(status=200, answer={"a": 1}), [])


@pytest.mark.parametrize(
    ("opening", "why"),
    [
        (b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n", "unreachable:proxy:407"),
        (b"HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n", "unreachable:proxy:502"),
        (b"", "broken_connection"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opening: bytes, why: str
) -> None:
    """The record is asked for again, and what was the matter is said."""
    found, _, asked = through(monkeypatch, tmp_path, THROUGH, opening)
    assert isinstance(found, Missed)
    assert (found.why, asked) == (why, [])


def test_a_proxy_that_cannot_be_reached_is_named_as_such() -> None:
    """The vendor is not to blame."""

    async def played() -> Answered | Missed:
        fetcher = Fetcher(Proxy.from_url("http://127.0.0.1:1"))
        found = await fetcher.get(THROUGH, (), timeout_s=5, max_bytes=LIMIT)
        await fetcher.close()
        return found

    assert asyncio.run(played()) == Missed(kind="unreachable", detail="proxy:refused")


def test_every_error_of_the_client_has_a_row() -> None:
    """A class that is new in the library is none that nobody thought of."""
    kinds = {each for each in vars(httpx).values() if isinstance(each, type)}
    errors = {each for each in kinds if issubclass(each, Exception)}
    assert {each for each in errors if not issubclass(each, FOREIGN)} == {httpx.CookieConflict}
    assert set(KINDS.values()) == {"timeout", "unreachable", "broken_connection"}
