"""One GET of a record. Its importing of the HTTP client is no second sender: a GET rings nobody.

So no failure has to prove anything here, and httpx's own transport will do. What must hold: the
request goes where the mapping says and nowhere else, and no answer fills the memory.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from adapter.errors import IntakeError
from adapter.lookup.answers import Found, Missed
from adapter.policy.outcomes import tls_word
from adapter.webhook.formats.decode import BodyReader
from adapter.webhook.formats.json import json_document
from adapter.webhook.formats.media_type import read_media_type

USER_AGENT = "crm-webhook-adapter"
# The first row whose class fits counts.
KINDS: Mapping[type[Exception], str] = {
    httpx.TimeoutException: "timeout",
    httpx.ConnectError: "unreachable",
    httpx.UnsupportedProtocol: "unreachable",
    httpx.HTTPError: "broken_connection",
    httpx.StreamError: "broken_connection",
    httpx.InvalidURL: "unreachable",
    UnicodeError: "unreachable",  # a host's name that no resolver takes
}
FOREIGN = tuple(KINDS)
_KIND_BY_STATUS = {413: "answer_too_large"}


class Fetcher:
    """Asks vendors' APIs; follows no redirect, keeps no cookie, takes no proxy from outside."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def get(
        self, url: str, headers: Sequence[tuple[str, str]], *, timeout_s: float, max_bytes: int
    ) -> Found | Missed:
        """GET within the time, and return what that showed; an answer has at most `max_bytes`."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._ask(url, headers, max_bytes)
        except TimeoutError:
            return Missed(kind="timeout")
        except OSError:  # no client can be made: the file of trusted authorities is gone
            return Missed(kind="tls")
        except FOREIGN as error:
            return _missed(error)

    def check_authorities(self) -> None:
        """Raise OSError where no client could be made."""
        httpx.create_ssl_context(trust_env=True)

    async def renew(self) -> None:
        """Ask with another client from now on, which reads the trusted authorities anew."""
        await self.close()
        self._client = None

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _ask(
        self, url: str, headers: Sequence[tuple[str, str]], max_bytes: int
    ) -> Found | Missed:
        defaults = {"accept": "application/json", "user-agent": USER_AGENT}
        wanted = {**defaults, **dict(headers), "accept-encoding": "identity"}
        async with self._opened().stream("GET", url, headers=wanted) as response:
            if not response.is_success:
                return Missed(
                    kind=f"http_{response.status_code}",
                    status=response.status_code,
                    retry_after=response.headers.get("retry-after"),
                )
            return await _read(response, max_bytes)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                # trust_env here only means SSL_CERT_FILE and SSL_CERT_DIR, as for the sender
                verify=httpx.create_ssl_context(trust_env=True),
                trust_env=False,
                follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                timeout=None,  # noqa: S113 - every request has a deadline of its own
                # Each source's lane bounds its own: a slow vendor must not keep others waiting.
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            )
        return self._client


def _missed(error: Exception) -> Missed:
    kind = next(KINDS[each] for each in KINDS if isinstance(error, each))
    return Missed(
        kind=kind, detail=_obstacle(error) if isinstance(error, httpx.ConnectError) else ""
    )


def _obstacle(error: BaseException | None) -> str:
    """Return what stood in the way of a connection, as the innermost known cause tells it."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return f"tls:{tls_word(getattr(error, 'verify_message', None), error.reason)}"
        if isinstance(error, socket.gaierror):
            return "dns"
        error = error.__cause__ or error.__context__
    return "refused"


async def _read(response: httpx.Response, max_bytes: int) -> Found | Missed:
    try:
        reader = BodyReader(
            max_bytes=max_bytes, content_encoding=response.headers.get("content-encoding")
        )
        async for chunk in response.aiter_raw():
            reader.feed(chunk)
        charset = read_media_type(response.headers.get("content-type")).charset
        return Found(answer=json_document(reader.finish(), charset))
    except IntakeError as fault:
        kind = _KIND_BY_STATUS.get(fault.status, "malformed_answer")
        return Missed(kind=kind, status=response.status_code)
