"""A local stand-in for VoiceB's click-to-call: verifies signatures and answers from a script.

It is also the oracle of the tests: `rings` counts every POST after which a real phone may ring.
"""

import asyncio
import hashlib
import hmac
import json
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType

from adapter.mock_agent.connection import DRIP_S, Connection, Request
from adapter.mock_agent.script import Script, Scripted, answer_of_code

PATH = "/api/click-to-call"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """One POST after which a real phone may ring; `answered` is the label of its answer."""

    phone: str
    variables: Mapping[str, str]
    body: bytes = field(repr=False)
    signature_ok: bool
    at: datetime
    answered: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One request as it came, refused ones too; header names are lower-case."""

    at: datetime
    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    answered: str

    def document(self) -> object:
        """Return the decoded JSON body, or None where it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def _ignore(_: Ring) -> None:
    pass


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MockAgent:
    """Serves while its `async with` block runs; `url` is what an agent's `endpoint` should be.

    `on_request` is told every click-to-call POST, rung or not, as the ring that it would be.
    `peak_in_flight` is the largest number of click-to-call POSTs that waited at one time.
    """

    def __init__(  # noqa: PLR0913 - credentials, and the knobs of a test server, all by name
        self,
        api_key: str,
        secret: str,
        script: Script | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = _utc_now,
        drip_s: float = DRIP_S,
    ) -> None:
        self.rings: list[Ring] = []
        self.requests: list[Received] = []
        self.on_request: Callable[[Ring], None] = _ignore
        self.peak_in_flight = 0
        self._in_flight = 0
        self._api_key = api_key.encode()
        self._secret = secret.encode()
        self._script = script or Script()
        self._used: Counter[str] = Counter()
        self._host, self._port, self._tls = host, port, tls
        self._now, self._drip_s = now, drip_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, once started."""
        return self._port

    @property
    def url(self) -> str:
        """The click-to-call address."""
        scheme = "https" if self._tls else "http"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self._port}{PATH}"

    async def __aenter__(self) -> "MockAgent":
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; a port of 0 becomes a free one."""
        self._server = await asyncio.start_server(
            self._accept, self._host, self._port, ssl=self._tls
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every open connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def wait_for_rings(self, count: int, *, timeout_s: float = 10.0) -> None:
        """Return once so many rings are recorded; raise TimeoutError if that takes longer."""
        async with asyncio.timeout(timeout_s):
            while len(self.rings) < count:
                self._changed.clear()
                await self._changed.wait()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="mock-agent-connection")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader=reader, writer=writer, drip_s=self._drip_s)
        try:
            while (request := await connection.next_request()) is not None:
                if not await self._answer(connection, request) or request.is_last:
                    break
        except OSError:
            pass  # the client hung up: nothing to tell it any more
        finally:
            writer.close()

    async def _answer(self, connection: Connection, request: Request) -> bool:
        scripted = self._decide(request)
        self._in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self._in_flight)
        try:
            return await connection.play(scripted)
        finally:
            self._in_flight -= 1

    def _decide(self, request: Request) -> Scripted:
        if request.target.partition("?")[0] != PATH:
            return self._answer_page(request)
        call = _read_call(request.body)
        refusal = self._refusal(request)
        scripted = refusal or self._next_scripted(call)
        self._remember(request, call or _NO_CALL, scripted, signature_ok=refusal is None)
        return scripted

    def _remember(
        self, request: Request, call: "_Call", scripted: Scripted, *, signature_ok: bool
    ) -> None:
        at = self._now()
        received = Received(
            at=at,
            method=request.method,
            target=request.target,
            headers=request.headers,
            body=request.body,
            answered=scripted.label,
        )
        ring = Ring(
            phone=call.phone,
            variables=call.variables,
            body=request.body,
            signature_ok=signature_ok,
            at=at,
            answered=scripted.label,
        )
        self.requests.append(received)
        if scripted.rings:
            self.rings.append(ring)
        self.on_request(ring)
        self._changed.set()

    def _answer_page(self, request: Request) -> Scripted:
        if request.method == "GET" and request.target.partition("?")[0] == "/rings":
            return Scripted(body=json.dumps([_ring_json(ring) for ring in self.rings]))
        return _error_answer(404, "no such page; try GET /rings")

    def _refusal(self, request: Request) -> Scripted | None:
        if request.method != "POST":
            return _error_answer(405, "POST only")
        api_key, given = request.headers.get("api-key"), request.headers.get("signature")
        if not api_key or not given:
            return answer_of_code("ctc:001")
        if not hmac.compare_digest(api_key.encode(), self._api_key):
            return answer_of_code("ctc:003")
        wanted = hmac.new(self._secret, request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return answer_of_code("ctc:006")
        return None

    def _next_scripted(self, call: "_Call | None") -> Scripted:
        if call is None:
            return _error_answer(400, 'expected {"phone": "+…", "variables": {…}}')
        key = self._script.list_key(call.phone)
        scripted = self._script.answer(call.phone, self._used[key])
        self._used[key] += 1
        return scripted


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    phone: str
    variables: Mapping[str, str]


_NO_CALL = _Call(phone="", variables={})


def _read_call(body: bytes) -> _Call | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("phone"), str):
        return None
    variables = document.get("variables", {})
    if not isinstance(variables, dict):
        return None
    return _Call(phone=document["phone"], variables=variables)


def _error_answer(status: int, message: str) -> Scripted:
    return Scripted(label=str(status), status=status, body=json.dumps({"error": message}))


def _ring_json(ring: Ring) -> dict[str, object]:
    return {
        "phone": ring.phone,
        "variables": ring.variables,
        "signature_ok": ring.signature_ok,
        "at": ring.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "answered": ring.answered,
    }
