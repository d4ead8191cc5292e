"""The composition root: opens things in order, builds both Starlette apps, supervises, drains.

Order of starting: ledger (which turns calls cut off by a crash `uncertain`), engine, listeners.
Order of stopping: listeners, engine, ledger. So nothing is taken in that cannot be stored, and
nothing rings whose outcome cannot be written.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from adapter.agent import Agent
from adapter.clock import jitter, utc_now
from adapter.config.config import Address, Config
from adapter.console.api import Api
from adapter.console.people import Replays
from adapter.console.protection import Protection
from adapter.errors import ConfigError, LedgerError, Problem
from adapter.intake.reception import Reception
from adapter.intake.routes import Intake
from adapter.ledger.ledger import Ledger
from adapter.ringing.bulletin import Bulletin
from adapter.ringing.engines.embedded import EmbeddedEngine, Lane
from adapter.ringing.ringer import Ringer
from adapter.ringing.sender import Sender
from adapter.telemetry import Metrics, log_event
from adapter.web import http_problem, internal_problem

CLEAN_EVERY_S = 60.0
CLEAN_PAUSE_S = 0.05  # between two small steps, so that intake never waits for the broom
READY_CHECK_S = 5.0
GRACEFUL_S = 10
DRAIN_SPARE_S = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where the two listeners are, once bound."""

    public: str
    admin: str


class Adapter:
    """One running adapter: everything that a configuration asks for, wired."""

    def __init__(
        self, config: Config, ledger: Ledger, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.config = config
        self.ledger = ledger
        self.metrics = Metrics()
        self._now = now
        self._bulletin = Bulletin()
        self._senders = {name: Sender(agent) for name, agent in config.agents.items()}
        self.engine = EmbeddedEngine({n: self._lane(a) for n, a in config.agents.items()})
        self._unready: str | None = "starting"

    def _lane(self, agent: Agent) -> Lane:
        ringer = Ringer(
            agent=agent,
            sender=self._senders[agent.name],
            ledger=self.ledger,
            now=self._now,
            jitter=jitter,
            metrics=self.metrics,
        )
        return Lane(
            ringer,
            freshness=self.config.freshness,
            cooldown=self.config.cooldown,
            bulletin=self._bulletin,
        )

    def public_app(self) -> Starlette:
        """Return the app of the public listener."""
        reception = Reception(
            config=self.config,
            ledger=self.ledger,
            bulletin=self._bulletin,
            wake=self.engine.wake,
            now=self._now,
        )
        intake = Intake(reception=reception, health=self, metrics=self.metrics)
        return build_app(intake.routes())

    def admin_app(self) -> Starlette:
        """Return the app of the admin listener."""
        return build_admin_app(
            self.config,
            self.ledger,
            metrics=self.metrics,
            engine=self.engine,
            now=self._now,
        )

    async def unreadiness(self) -> str | None:
        """Return why this process cannot accept and deliver, or None if it can."""
        return self._unready

    async def run(self, stop: asyncio.Event, on_ready: Callable[[Addresses], None]) -> None:
        """Serve until `stop` is set; a loop that dies ends everything with its exception."""
        fingerprints = {name: agent.fingerprint for name, agent in self.config.agents.items()}
        await self.ledger.reconcile(fingerprints, self._now())
        with bound(self.config.listen) as public, bound(self.config.admin_listen) as admin:
            async with asyncio.TaskGroup() as group:
                engine = group.create_task(self.engine.run(), name="engine")
                chores = [
                    group.create_task(self._keep_clean(), name="retention"),
                    group.create_task(self._watch_ledger(), name="ledger watch"),
                ]
                async with listening(self.public_app(), public), listening(self.admin_app(), admin):
                    self._unready = None
                    on_ready(Addresses(public=url_of(public), admin=url_of(admin)))
                    await _first(stop, engine)
                    self._unready = "stopping"
                for chore in chores:
                    chore.cancel()
                await self.drain()

    async def drain(self) -> None:
        """Let the attempts under way end, cut what takes too long, and hang up."""
        longest_s = max((a.timeout_s for a in self.config.agents.values()), default=0.0)
        cut = await self.engine.drain(longest_s + DRAIN_SPARE_S)
        for sender in self._senders.values():
            await sender.close()
        log_event("drained", attempts_cut=cut)

    async def _keep_clean(self) -> None:
        """Delete what is past its retention, in small steps."""
        while True:
            with contextlib.suppress(LedgerError):  # the ledger watch reports it
                while await self.ledger.clean(self._now() - self.config.retention):  # noqa: ASYNC110 - a pause
                    await asyncio.sleep(CLEAN_PAUSE_S)
            await asyncio.sleep(CLEAN_EVERY_S)

    async def _watch_ledger(self) -> None:
        """Keep `/readyz` honest about whether the ledger takes writes."""
        while True:
            await asyncio.sleep(READY_CHECK_S)
            writable = await self.ledger.is_writable()
            if not writable:
                log_event("ledger_unavailable", level=logging.ERROR)
            self._unready = None if writable else "the ledger does not take writes"


async def _first(stop: asyncio.Event, engine: asyncio.Task[None]) -> None:
    """Return when asked to stop, or when the engine has ended (it never should)."""
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({asked, engine}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()


def build_app(routes: list[Route]) -> Starlette:
    """Return a Starlette app whose every error is problem+json."""
    return Starlette(
        routes=routes,
        exception_handlers={HTTPException: http_problem, Exception: internal_problem},
    )


def build_admin_app(
    config: Config,
    ledger: Ledger,
    *,
    metrics: Metrics,
    engine: EmbeddedEngine,
    now: Callable[[], datetime] = utc_now,
) -> Starlette:
    """Return the admin app; the CLI builds it too, over a ledger that no process serves."""
    replays = Replays(config=config, ledger=ledger, wake=engine.wake, now=now)
    api = Api(
        config=config,
        ledger=ledger,
        replays=replays,
        protection=Protection(host=config.admin_listen.host, token=config.admin_token),
        metrics=metrics,
        now=now,
        in_flight=engine.in_flight,
        version=version("crm-webhook-adapter"),
    )
    return build_app(api.routes())


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us: there are two of them in one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


@contextlib.asynccontextmanager
async def listening(app: Starlette, sock: socket.socket) -> AsyncIterator[None]:
    """Serve an app on a bound socket inside the block; then let open requests end."""
    settings = uvicorn.Config(
        app,
        access_log=False,  # its lines hold query strings, and so tokens
        log_config=None,
        server_header=False,
        lifespan="off",
        proxy_headers=False,  # `trusted_proxies` decides, in the intake
        timeout_graceful_shutdown=GRACEFUL_S,
    )
    server = _Server(settings)
    task = asyncio.create_task(server.serve(sockets=[sock]), name="listener")
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task


@contextlib.contextmanager
def bound(address: Address) -> Iterator[socket.socket]:
    """Return a listening socket; ConfigError names the address that is taken or not ours."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address.host, address.port))
        except OSError as error:
            raise ConfigError([_cannot_bind(address, error)]) from error
        sock.setblocking(False)
        yield sock


def _cannot_bind(address: Address, error: OSError) -> Problem:
    where = f"{address.host}:{address.port}"
    message = f"cannot listen on {where}: {error.strerror}; stop what uses it or choose another"
    return Problem(file="adapter.yaml", line=0, column=0, key="listen", message=message)


def url_of(sock: socket.socket) -> str:
    """Return the http URL of a bound socket."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def stopping_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGTERM and SIGINT while the block runs."""
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGTERM, signal.SIGINT)
    for number in wanted:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)


async def serve(config: Config, on_ready: Callable[[Addresses], None]) -> None:
    """Run an adapter until SIGTERM or SIGINT; raises LedgerError, ConfigError at start."""
    ledger = Ledger.open(config.database, now=utc_now)
    try:
        if ledger.recovered:
            log_event("recovered", level=logging.WARNING, calls_uncertain=ledger.recovered)
        stop = asyncio.Event()
        with stopping_on_signals(stop):
            await Adapter(config, ledger).run(stop, on_ready)
    finally:
        ledger.close()
