"""One GET of a record. Its importing of the HTTP client is no second sender: a GET rings nobody.

So no failure has to prove anything here, and httpx's own transport will do. What must hold: the
request goes where the mapping says and nowhere else, and no answer fills the memory.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from adapter.config.proxy import Proxy
from adapter.errors import IntakeError
from adapter.lookup.answers import Answered, Missed
from adapter.mapping.lookup import NO_CONTENT
from adapter.policy.outcomes import tls_word
from adapter.webhook.formats.decode import BodyReader
from adapter.webhook.formats.json import json_document
from adapter.webhook.formats.media_type import read_media_type

USER_AGENT = "crm-webhook-adapter"
# The first row whose class fits counts.
KINDS: Mapping[type[Exception], str] = {
    httpx.TimeoutException: "timeout",
    httpx.ConnectError: "unreachable",
    httpx.ProxyError: "unreachable",
    httpx.UnsupportedProtocol: "unreachable",
    httpx.HTTPError: "broken_connection",
    httpx.StreamError: "broken_connection",
    httpx.InvalidURL: "unreachable",
    UnicodeError: "unreachable",  # a host's name that no resolver takes
}
FOREIGN = tuple(KINDS)
_KIND_BY_STATUS = {413: "answer_too_large"}


class Fetcher:
    """Asks vendors' APIs; follows no redirect, keeps no cookie, uses no proxy but the set one."""

    def __init__(self, proxy: Proxy | None = None) -> None:
        self._proxy = proxy
        # by the proxy that they go through
        self._clients: dict[Proxy | None, httpx.AsyncClient] = {}

    async def get(
        self, url: str, headers: Sequence[tuple[str, str]], *, timeout_s: float, max_bytes: int
    ) -> Answered | Missed:
        """GET within the time, and return what that showed; an answer has at most `max_bytes`."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._ask(url, headers, max_bytes)
        except TimeoutError:
            return Missed(kind="timeout")
        except OSError:  # no client can be made: the file of trusted authorities is gone
            return Missed(kind="tls")
        except FOREIGN as error:
            return _missed(error, is_carried=self._way(url) is not None)

    def check_authorities(self) -> None:
        """Raise OSError where no client could be made."""
        httpx.create_ssl_context(trust_env=True)

    async def renew(self, proxy: Proxy | None) -> None:
        """Ask with other clients from now on, through this proxy, with the authorities of now."""
        await self.close()
        self._proxy = proxy
        self._clients = {}

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()

    async def _ask(
        self, url: str, headers: Sequence[tuple[str, str]], max_bytes: int
    ) -> Answered | Missed:
        defaults = {"accept": "application/json", "user-agent": USER_AGENT}
        wanted = {**defaults, **dict(headers), "accept-encoding": "identity"}
        async with self._opened(url).stream("GET", url, headers=wanted) as response:
            read = await _read(response, max_bytes)
            has_record = response.is_success and response.status_code != NO_CONTENT
            if has_record or isinstance(read, Answered):
                return read
            # What an error says beside its status may be anything, too much, or nothing.
            return _answered(response, None)

    def _way(self, url: str) -> Proxy | None:
        return self._proxy if self._proxy is not None and self._proxy.carries(url) else None

    def _opened(self, url: str) -> httpx.AsyncClient:
        way = self._way(url)
        if way not in self._clients:
            self._clients[way] = httpx.AsyncClient(
                # trust_env here only means SSL_CERT_FILE and SSL_CERT_DIR, as for the sender
                verify=httpx.create_ssl_context(trust_env=True),
                proxy=httpx.Proxy(way.url, headers=dict(way.headers)) if way else None,
                trust_env=False,
                follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                timeout=None,  # noqa: S113 - every request has a deadline of its own
                # Each source's lane bounds its own: a slow vendor must not keep others waiting.
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            )
        return self._clients[way]


def _missed(error: Exception, *, is_carried: bool) -> Missed:
    kind = next(KINDS[each] for each in KINDS if isinstance(error, each))
    is_known = isinstance(error, httpx.ConnectError | httpx.ProxyError)
    obstacle = _obstacle(error) if is_known else ""
    # The proxy's own TLS is not told apart from the vendor's; the rest is between us and it.
    if is_carried and obstacle and not obstacle.startswith("tls:"):
        obstacle = f"proxy:{obstacle}"
    return Missed(kind=kind, detail=obstacle)


def _obstacle(error: BaseException | None) -> str:
    """Return what stood in the way of a connection, as the innermost known cause tells it."""
    # Of a proxy that opened no tunnel the words are its status and reason.
    if isinstance(error, httpx.ProxyError):
        return str(error)[:3] if str(error)[:3].isdecimal() else "broken"
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return f"tls:{tls_word(getattr(error, 'verify_message', None), error.reason)}"
        if isinstance(error, socket.gaierror):
            return "dns"
        error = error.__cause__ or error.__context__
    return "refused"


def _answered(response: httpx.Response, answer: Any) -> Answered:
    return Answered(
        status=response.status_code,
        answer=answer,
        retry_after=response.headers.get("retry-after"),
    )


async def _read(response: httpx.Response, max_bytes: int) -> Answered | Missed:
    try:
        reader = BodyReader(
            max_bytes=max_bytes, content_encoding=response.headers.get("content-encoding")
        )
        async for chunk in response.aiter_raw():
            reader.feed(chunk)
        charset = read_media_type(response.headers.get("content-type")).charset
        return _answered(response, json_document(reader.finish(), charset))
    except IntakeError as fault:
        kind = _KIND_BY_STATUS.get(fault.status, "malformed_answer")
        return Missed(kind=kind, status=response.status_code)
