"""A whole adapter inside a test: real ledger, real engine, a mock agent on a real socket.

def test_…(tmp_path: Path) -> None:
    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", {"phone": "+12025550123"})
        await adapter.mock.wait_for_rings(1)

    run(tmp_path, play, mappings={"crm": CRM})
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from adapter.app import Adapter, Addresses
from adapter.clock import steady_s, utc_now
from adapter.compiler.load import load_strict
from adapter.ledger.ledger import Ledger
from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import Script
from tests.harness.empty_ledger import put_empty_ledger

API_KEY = "key-of-the-mock"
API_SECRET = "secret-of-the-mock"
TOKEN = "a-token-of-the-crm"
# `${AGENT_URL}` is the mock agent's; a test writes other settings below `settings`.
AGENTS = f"""\
agents:
  sales:
    endpoint: ${{AGENT_URL}}
    api_key: {API_KEY}
    secret: {API_SECRET}
"""
CRM = f"""\
auth: {{token: {TOKEN}}}
agent: sales
phone: $.phone
variables: {{name: $.name}}
"""
LOOPBACK = "127.0.0.1"
PATIENCE_S = 20.0


class HandClock:
    """A clock that stands until a test advances it."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        """Return the moment, as an aware UTC datetime."""
        return self.moment

    def advance(self, span: timedelta) -> None:
        """Let this much time pass at once."""
        self.moment += span


@dataclass(kw_only=True, slots=True)
class Running:
    """An adapter at work; `public` and `admin` are clients of its two listeners."""

    adapter: Adapter
    mock: MockAgent
    folder: Path
    public: httpx.AsyncClient
    admin: httpx.AsyncClient
    addresses: Addresses | None = field(default=None)

    async def post(
        self,
        source: str,
        document: Any = None,
        *,
        token: str | None = TOKEN,
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> httpx.Response:
        """POST a webhook, as JSON unless `content` or `data` says otherwise."""
        proof = {"x-webhook-token": token} if token is not None else {}
        if document is not None:
            rest["json"] = document
        return await self.public.post(
            f"/hooks/{source}", headers={**proof, **(headers or {})}, **rest
        )

    async def calls(self, **filters: str) -> list[dict[str, Any]]:
        """Return all calls of the ledger, newest first, as the admin API shows them."""
        answer = await self.admin.get("/api/calls", params={"limit": "500", **filters})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["calls"])

    async def call(self, call_id: str) -> dict[str, Any]:
        """Return one call in full."""
        answer = await self.admin.get(f"/api/calls/{call_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def webhooks(self) -> list[dict[str, Any]]:
        """Return all webhooks of the ledger, newest first."""
        answer = await self.admin.get("/api/webhooks", params={"limit": "500"})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["webhooks"])

    async def order(self, path: str, document: Any = None) -> httpx.Response:
        """POST to the admin API, as the CLI does."""
        return await self.admin.post(path, json={} if document is None else document)

    def wake(self) -> None:
        """Let the engine look again: after the hand clock was advanced, it must be told."""
        self.adapter.engine.wake_all()

    async def quiet(self) -> None:
        """Return once the lanes have claimed what they may claim now.

        The ledger writes in order, so an order of ours is written after their claims. A lane may
        be waiting for one claim and about to ask for the next: hence more than one round.
        """
        for _ in range(4):
            self.wake()
            await self.order("/api/blocked", {"phone": "+12025550199"})

    async def settled(self, call_id: str, *states: str) -> dict[str, Any]:
        """Return a call once it is in one of the states (default: any but on its way)."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                call = await self.call(call_id)
                wanted = call["state"] in states if states else call["state"] not in _UNDER_WAY
                if wanted:
                    return call
                await asyncio.sleep(0.01)  # the ledger has no bell for other processes

    def stored_bytes(self) -> bytes:
        """Return every byte that the ledger keeps on disk."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("adapter.db*")))


_UNDER_WAY = ("waiting", "sending")
Scenario = Callable[[Running], Awaitable[None]]


@asynccontextmanager
async def running(
    folder: Path,
    *,
    mappings: Mapping[str, str] | None = None,
    settings: str = "",
    agents: str = AGENTS,
    environ: Mapping[str, str] | None = None,
    script: Script | None = None,
    now: Callable[[], datetime] = utc_now,
    wall: Callable[[], datetime] = utc_now,
    steady: Callable[[], float] = steady_s,
    peer: str = LOOPBACK,
    is_listening: bool = False,
    has_engine: bool = True,
) -> AsyncIterator[Running]:
    """Run an adapter over the ledger in `folder` until the block ends.

    Its apps are called in process, from the IP `peer`, unless `is_listening`: then over sockets.
    Without an engine nothing rings, so calls stay as intake stored them.
    """
    async with MockAgent(API_KEY, API_SECRET, script) as mock:
        write_project(folder, mappings or {"crm": CRM}, settings=settings, agents=agents)
        config = load_strict(folder / "adapter.yaml", {"AGENT_URL": mock.url, **(environ or {})})
        put_empty_ledger(folder / "adapter.db")
        ledger = Ledger.open(config.database, now=now)
        try:
            adapter = Adapter(config, ledger, now=now, wall=wall, steady=steady)
            serving = (
                _listening(adapter)
                if is_listening
                else _in_process(adapter, now=now, has_engine=has_engine)
            )
            async with serving as addresses, _clients(adapter, addresses, peer) as clients:
                yield Running(
                    adapter=adapter,
                    mock=mock,
                    folder=folder,
                    public=clients[0],
                    admin=clients[1],
                    addresses=addresses,
                )
        finally:
            ledger.close()


def write_project(
    folder: Path, mappings: Mapping[str, str], *, settings: str = "", agents: str = AGENTS
) -> None:
    """Write adapter.yaml, with free ports and a ledger in the folder, and the mappings."""
    listeners = "" if "listen:" in settings else "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n"
    database = f"database: sqlite:///{folder / 'adapter.db'}\n"
    (folder / "adapter.yaml").write_text(listeners + database + settings + "\n" + agents, "utf-8")
    (folder / "mappings").mkdir(exist_ok=True)
    for name, text in mappings.items():
        (folder / "mappings" / f"{name}.yaml").write_text(text, "utf-8")


def run(folder: Path, scenario: Scenario, **setup: Any) -> None:
    """Play a scenario against an adapter; see `running` for what `setup` may hold."""

    async def play() -> None:
        async with asyncio.timeout(PATIENCE_S * 2), running(folder, **setup) as adapter:
            await scenario(adapter)

    asyncio.run(play())


@asynccontextmanager
async def _in_process(
    adapter: Adapter, *, now: Callable[[], datetime], has_engine: bool
) -> AsyncIterator[None]:
    await adapter.reloading.start()
    engine = asyncio.create_task(adapter.engine.run()) if has_engine else None
    try:
        yield
    finally:
        await adapter.drain()
        if engine is not None:
            await asyncio.wait_for(engine, PATIENCE_S)


@asynccontextmanager
async def _listening(adapter: Adapter) -> AsyncIterator[Addresses]:
    stop, ready = asyncio.Event(), asyncio.Event()
    found: list[Addresses] = []

    def on_ready(addresses: Addresses) -> None:
        found.append(addresses)
        ready.set()

    served = asyncio.create_task(adapter.run(stop, on_ready))
    served.add_done_callback(lambda _: ready.set())
    try:
        await asyncio.wait_for(ready.wait(), PATIENCE_S)
        if served.done():
            served.result()
        yield found[0]
    finally:
        stop.set()
        await asyncio.wait_for(served, PATIENCE_S)


@asynccontextmanager
async def _clients(
    adapter: Adapter, addresses: Addresses | None, peer: str
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    def client(app: Any, url: str) -> httpx.AsyncClient:
        transport = None if addresses else httpx.ASGITransport(app, client=(peer, 40_000))
        return httpx.AsyncClient(base_url=url, transport=transport, trust_env=False)

    public = client(adapter.public_app(), addresses.public if addresses else "http://localhost")
    admin = client(adapter.admin_app(), addresses.admin if addresses else "http://localhost")
    async with public, admin:
        yield public, admin
