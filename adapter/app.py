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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from adapter.clock import jitter, utc_now
from adapter.config.config import Config
from adapter.console.api import Api
from adapter.console.people import Replays
from adapter.console.protection import Protection
from adapter.errors import LedgerError
from adapter.intake.reception import Reception
from adapter.intake.routes import Intake
from adapter.ledger.ledger import Ledger
from adapter.listeners import Server, bound, listening, url_of
from adapter.model import Agent
from adapter.ringing.bulletin import Bulletin
from adapter.ringing.engines.embedded import EmbeddedEngine, Lane
from adapter.ringing.ringer import Ringer
from adapter.ringing.sender import Sender
from adapter.telemetry import Metrics, log_event
from adapter.web import http_problem, internal_problem

CLEAN_EVERY_S = 60.0
CLEAN_PAUSE_S = 0.05  # between two small steps, so that intake never waits for the broom
READY_CHECK_S = 5.0
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
        self._attempts_cut = 0

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
            metrics=self.metrics,
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

    async def run(
        self,
        stop: asyncio.Event,
        on_ready: Callable[[Addresses], None],
        *,
        hurry: asyncio.Event | None = None,
    ) -> None:
        """Serve until `stop` is set, then drain, until `hurry` is set: that cuts what is left.

        A loop that dies ends everything with its exception.
        """
        fingerprints = {name: agent.fingerprint for name, agent in self.config.agents.items()}
        await self.ledger.reconcile(fingerprints, self._now())
        file = next(iter(self.config.files), "adapter.yaml")
        with (
            bound(self.config.listen, key="listen", file=file) as public,
            bound(self.config.admin_listen, key="admin_listen", file=file) as admin,
        ):
            try:
                await self._serve(public, admin, stop, on_ready, hurry or asyncio.Event())
            finally:
                # After a crash attempts are still under way, and must be written down while the
                # ledger is open: a task that cannot would keep a dead program from ending.
                self._attempts_cut += await self.engine.drain(0.0)
                await self._close_senders()

    async def _serve(
        self,
        public: socket.socket,
        admin: socket.socket,
        stop: asyncio.Event,
        on_ready: Callable[[Addresses], None],
        hurry: asyncio.Event,
    ) -> None:
        async with asyncio.TaskGroup() as group:
            engine = group.create_task(self.engine.run(), name="engine")
            chores = [
                group.create_task(self._keep_clean(), name="retention"),
                group.create_task(self._watch_ledger(), name="ledger watch"),
            ]
            async with (
                listening(self.public_app(), public) as hooks,
                listening(self.admin_app(), admin) as api,
            ):
                haste = self._cut_when(hurry, hooks, api)
                chores.append(group.create_task(haste, name="haste"))
                self._unready = None
                on_ready(Addresses(public=url_of(public), admin=url_of(admin)))
                try:
                    await _first(stop, engine)
                finally:
                    self._unready = "stopping"
                    self._bulletin.close()  # a sender that waits for a call is answered now
            await self.drain()
            for chore in chores:
                chore.cancel()

    async def _cut_when(self, hurry: asyncio.Event, *servers: Server) -> None:
        """Cut open requests and attempts under way, once somebody is in a hurry."""
        await hurry.wait()
        for server in servers:
            server.force_exit = True
        self._attempts_cut += await self.engine.drain(0.0)

    async def drain(self) -> None:
        """Let the attempts under way end, cut what takes too long, and hang up."""
        longest_s = max((a.timeout_s for a in self.config.agents.values()), default=0.0)
        self._attempts_cut += await self.engine.drain(longest_s + DRAIN_SPARE_S)
        await self._close_senders()
        log_event("drained", attempts_cut=self._attempts_cut)

    async def _close_senders(self) -> None:
        for sender in self._senders.values():
            await sender.close()

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


@contextlib.contextmanager
def stopping_on_signals(stop: asyncio.Event, hurry: asyncio.Event | None = None) -> Iterator[None]:
    """Set `stop` on the first SIGTERM or SIGINT while the block runs, `hurry` on the second."""
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGTERM, signal.SIGINT)

    def heed() -> None:
        if stop.is_set() and hurry is not None:
            hurry.set()
        stop.set()

    for number in wanted:
        loop.add_signal_handler(number, heed)
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
        stop, hurry = asyncio.Event(), asyncio.Event()
        with stopping_on_signals(stop, hurry):
            await Adapter(config, ledger).run(stop, on_ready, hurry=hurry)
    finally:
        ledger.close()
