"""One POST to an agent, and what it showed: the one importer of the HTTP client.

A failure counts as "not sent" only where the client was still getting a connection. Everything
else may have rung a phone. No exception class tells the two apart: over this transport a server
that read the whole POST and hung up is a `ConnectTimeout`, and a proxy that hung up before its
tunnel stood looks like an agent that did so after the call. The place does, so whatever is raised
while a connection is being made is marked there (`_MarkingConnector`).
"""

import asyncio
import errno
import ssl
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import cast

import aiohttp
import httpx
from aiohttp.client_reqrep import ClientResponse
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from aiohttp.tracing import Trace
from httpx_aiohttp import AiohttpTransport

from adapter.agent import Agent
from adapter.config.proxy import Proxy
from adapter.policy.outcomes import (
    PREFIX_BYTES,
    Answered,
    Broken,
    NotSent,
    SendResult,
    find_code,
    tls_word,
)
from adapter.ringing.signing import SignedCall

# Some servers close an idle connection after a second. A POST on one that is just closing would be
# lost or not, nobody knows, so we let go of ours well before.
KEEP_ALIVE_S = 0.5
# Getting a connection ends before the attempt's deadline does: past the deadline nobody could
# say any more whether something was sent.
MAX_CONNECT_S = 5.0
# A loop that stood still finds its timers due together with the answers that came meanwhile. To
# read, parse and hand on an answer takes it a round or two.
_LAST_ROUNDS = 10

USER_AGENT = "crm-webhook-adapter"


class NothingSentError(aiohttp.ClientError):
    """Not a byte of the call was written; `result` says what stood in the way."""

    def __init__(self, result: NotSent) -> None:
        super().__init__(result.why)
        self.result = result


# What stood in the way while a connection was being made; the first row whose class fits counts.
KINDS: Mapping[type[BaseException], str] = {
    aiohttp.ClientConnectorDNSError: "dns",
    aiohttp.ClientSSLError: "tls",
    aiohttp.ClientConnectorError: "refused",
    TimeoutError: "connect_timeout",
    aiohttp.ClientError: "broken",
    HttpProcessingError: "broken",
    OSError: "broken",
}
# What is raised later proves nothing, whatever its class.
RESULTS: Mapping[type[BaseException], Broken] = {
    TimeoutError: Broken(kind="read_timeout"),
    aiohttp.ClientConnectionError: Broken(kind="dropped"),
    aiohttp.ClientPayloadError: Broken(kind="half"),
    aiohttp.ClientError: Broken(kind="garbage"),
    HttpProcessingError: Broken(kind="garbage"),
    OSError: Broken(kind="dropped"),
    httpx.HTTPError: Broken(kind="garbage"),
    httpx.StreamError: Broken(kind="garbage"),
    httpx.InvalidURL: Broken(kind="garbage"),
}
FOREIGN = tuple(RESULTS)
# A refused connection is called so already.
_ERRNO_WORDS = {
    number: word.lower() for number, word in errno.errorcode.items() if number != errno.ECONNREFUSED
}


def result_of(error: BaseException) -> SendResult:
    """Return what a foreign error proves; the transport's own words are in its cause."""
    cause = error.__cause__ if isinstance(error, httpx.HTTPError) else error
    if isinstance(cause, NothingSentError):
        return cause.result
    found = (result for kind, result in RESULTS.items() if isinstance(cause or error, kind))
    return next(found, Broken(kind="garbage"))


class _FencedRequest(aiohttp.ClientRequest):
    # aiohttp takes a pooled connection for clean while it is open. A late byte that arrived on
    # it while idle would be read as the answer to our call: a stray 503 would ring a phone twice.
    async def send(self, conn: Connection) -> ClientResponse:
        if conn.protocol is None or conn.protocol.should_close:
            raise NothingSentError(NotSent(kind="broken"))
        return await super().send(conn)


class _MarkingConnector(aiohttp.TCPConnector):
    # `connect` ends before the first byte of the request is written, and returns or raises.
    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's signature
    ) -> Connection:
        try:
            return await super().connect(req, traces, timeout)
        except tuple(KINDS) as error:
            showed = _obstacle(error)
            if req.proxy is not None and not _is_from(req, error):
                showed = NotSent(kind="proxy", detail=showed.why)
            raise NothingSentError(showed) from error


def _is_from(request: aiohttp.ClientRequest, error: BaseException) -> bool:
    """Say whether the agent itself, behind the tunnel of a proxy, was no good: its TLS."""
    if not isinstance(error, aiohttp.ClientConnectorError):
        return False
    key = request.connection_key
    return (error.host, error.port) == (key.host, key.port)


def _obstacle(error: BaseException) -> NotSent:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return NotSent(kind=str(error.status))
    kind = next(KINDS[each] for each in KINDS if isinstance(error, each))
    return NotSent(kind=kind, detail=_detail(kind, error.__cause__))


def _detail(kind: str, cause: BaseException | None) -> str:
    """Return more of a cause than its kind says, in words of OpenSSL's or of the system's."""
    if kind == "dns":  # a resolver's numbers are no errors of the system
        return ""
    if isinstance(cause, ssl.SSLError):
        return tls_word(getattr(cause, "verify_message", None), cause.reason)
    number = cause.errno if isinstance(cause, OSError) else None
    return _ERRNO_WORDS.get(number or 0, "")


class Sender:
    """Sends one agent's calls over connections of its own: a bulkhead.

    They go through the `proxy` where it carries them: then an agent's name is the proxy's to look
    up, and its certificate is ours to check. `tls` replaces the trusted authorities (default:
    certifi's, or the file in SSL_CERT_FILE).
    """

    def __init__(
        self, agent: Agent, *, proxy: Proxy | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._agent = agent
        # trust_env here only means SSL_CERT_FILE and SSL_CERT_DIR; proxies and netrc stay out.
        is_plain = tls is None and agent.endpoint.startswith("http://")
        self._tls = is_plain or tls or httpx.create_ssl_context(trust_env=True)
        way = proxy if proxy is not None and proxy.carries(agent.endpoint) else None
        self._transport = AiohttpTransport(
            verify=self._tls,
            trust_env=False,
            client=self._open_session,
            proxy=httpx.Proxy(way.url, headers=dict(way.headers)) if way else None,
        )
        # For reading there is the attempt's deadline alone, which looks at what has arrived.
        connect_s = min(MAX_CONNECT_S, agent.timeout_s / 2)
        self._timeouts = {"pool": connect_s, "connect": connect_s}

    async def send(self, signed: SignedCall) -> SendResult:
        """POST once, within the agent's timeout, and return what that showed."""
        deadline = asyncio.get_running_loop().time() + self._agent.timeout_s
        try:
            request = self._request(signed)
            async with _until(deadline):
                response = await self._transport.handle_async_request(request)
        except FOREIGN as error:
            return result_of(error)
        return await _read_answer(response, deadline)

    async def close(self) -> None:
        """Close every connection; attempts under way break."""
        await self._transport.aclose()

    def _request(self, signed: SignedCall) -> httpx.Request:
        extensions = {"timeout": self._timeouts}
        return httpx.Request(
            "POST",
            signed.url,
            headers=(
                *signed.headers,
                ("user-agent", USER_AGENT),
                ("accept", "*/*"),
                # a code inside compressed bytes would go unseen
                ("accept-encoding", "identity"),
            ),
            content=signed.body,
            extensions=extensions,
        )

    def _open_session(self) -> aiohttp.ClientSession:
        connector = _MarkingConnector(
            limit=self._agent.max_concurrent, keepalive_timeout=KEEP_ALIVE_S, ssl=self._tls
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=_FencedRequest,
            trust_env=False,
        )


@asynccontextmanager
async def _until(deadline: float) -> AsyncIterator[None]:
    """Cut the block at the deadline, once the loop has read what had arrived by then.

    When an answer came is one thing, when the loop gets round to it another: a machine that was
    suspended, or a loop that was held up, makes no timeout of an answer that was there in time.
    """
    loop = asyncio.get_running_loop()
    next_look: asyncio.Handle
    async with asyncio.timeout(None) as limit:

        def look(rounds_left: int) -> None:
            nonlocal next_look
            if rounds_left:
                next_look = loop.call_soon(look, rounds_left - 1)
            else:
                limit.reschedule(deadline)

        next_look = loop.call_at(deadline, look, _LAST_ROUNDS)
        try:
            yield
        finally:
            next_look.cancel()


async def _read_answer(response: httpx.Response, deadline: float) -> SendResult:
    prefix = bytearray()
    broken: SendResult | None = None
    try:
        async with _until(deadline):
            await _read_prefix(response, prefix)
        text = _decoded(response, bytes(prefix))
    except FOREIGN as error:
        broken, text = result_of(error), bytes(prefix)
    # A 2xx counts, readable or not. Any other status must be read to be believed.
    if broken is not None and not response.is_success:
        return broken
    return Answered(
        status=response.status_code,
        code=find_code(text),
        retry_after=response.headers.get("retry-after"),
    )


async def _read_prefix(response: httpx.Response, prefix: bytearray) -> None:
    # The transport's stream is an async generator; left open, it would end in a task of its own.
    chunks = cast(
        "AsyncGenerator[bytes, None]", aiter(cast("AsyncIterable[bytes]", response.stream))
    )
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                prefix += chunk
                if len(prefix) >= PREFIX_BYTES:
                    break
    finally:
        # what was read stands, however the connection ends
        with suppress(*FOREIGN):
            await response.aclose()


def _decoded(response: httpx.Response, prefix: bytes) -> bytes:
    # We ask for plain bytes; a gateway that compresses all the same must not hide a ctc code.
    if "content-encoding" not in response.headers:
        return prefix
    headers = {"content-encoding": response.headers["content-encoding"]}
    return httpx.Response(response.status_code, headers=headers, content=prefix).content
