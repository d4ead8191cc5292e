"""The composition root: opens things in order, supervises, drains.

Order of starting: ledger (which turns calls cut off by a crash `uncertain`), engine, listeners.
Order of stopping: listeners, engine, ledger. So nothing is taken in that cannot be stored, and
nothing rings whose outcome cannot be written.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.applications import Starlette

from adapter.admin.app import build_admin_app
from adapter.admin.captures import log_opened
from adapter.agent import Agent
from adapter.clock import WatchedClock, jitter, steady_s, utc_now
from adapter.compiler.watch import ConfigFiles
from adapter.config.config import Config, Current
from adapter.intake.captures import Captures
from adapter.intake.pipeline import Pipeline
from adapter.intake.routes import public_routes
from adapter.intake.waiting import Waiting
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import Capture
from adapter.lookup.fetcher import Fetcher
from adapter.lookup.worker import LookupWorker
from adapter.mapping.phone import load_tables
from adapter.policy.gates import Gates, Numbering
from adapter.ringing.ringer import Ringer
from adapter.ringing.sender import Sender
from adapter.server.connections import Bounds
from adapter.server.listeners import GRACEFUL_S, Server, bound, listening, url_of
from adapter.server.responses import build_app
from adapter.service.chores import keep_going
from adapter.service.health import Health, log_clock
from adapter.service.log_stream import LogStream
from adapter.service.reloading import Reloading
from adapter.service.retention import keep_clean
from adapter.service.signals import on_signals
from adapter.service.watchdog import Watchdog
from adapter.telemetry import Metrics, log_event
from adapter.values.addresses import Address
from adapter.values.numbering_plans import region_of, zones_of
from adapter.workers.engine import Engine
from adapter.workers.pool import RingerPool

DRAIN_SPARE_S = 2.0
RECORD_SPARE_S = 8.0  # what is cut is written down, twice, and the ledger closes
_NUMBERING = Numbering(region_of=region_of, zones_of=zones_of)


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """The addresses of the two listeners, once bound."""

    public: str
    admin: str


class Adapter:
    """One running adapter: everything that a configuration asks for, wired.

    `source` is where a changed configuration is read from; without it, the adapter never reloads.
    `wall` and `steady` are the clocks whose parting makes the adapter doubt the time.
    """

    def __init__(  # noqa: PLR0913 - a configuration, a store, and every clock, by name
        self,
        config: Config,
        ledger: Ledger,
        *,
        now: Callable[[], datetime] = utc_now,
        source: ConfigFiles | None = None,
        wall: Callable[[], datetime] = utc_now,
        steady: Callable[[], float] = steady_s,
        dropped_lines: Callable[[], int] = lambda: 0,
    ) -> None:
        self.ledger = ledger
        self.metrics = Metrics(dropped_lines)
        self.current = Current(config)
        self._now = now
        clock = WatchedClock(wall=wall, steady=steady, on_change=log_clock)
        self._health = Health(ledger, clock)
        self.engine = Engine()
        self._gates = Gates(current=self.current, numbering=_NUMBERING, is_clock_sure=clock.is_sure)
        self._pool = RingerPool(self.engine, self._ringer, self._lookups(), self._gates)
        self.reloading = Reloading(self.current, ledger, self._pool, source=source, now=now)
        self._attempts_cut = 0
        self._listens_at = config.listen

    def _ringer(self, agent: Agent, config: Config) -> Ringer:
        return Ringer(
            agent=agent,
            sender=Sender(agent, proxy=config.proxy),
            ledger=self.ledger,
            now=self._now,
            jitter=jitter,
            metrics=self.metrics,
        )

    def _lookups(self) -> LookupWorker:
        return LookupWorker(
            current=self.current,
            fetcher=Fetcher(),
            ledger=self.ledger,
            gates=self._gates,
            now=self._now,
            jitter=jitter,
            wake=self.engine.wake,
            metrics=self.metrics,
        )

    def public_app(self) -> Starlette:
        """Return the app of the public listener."""
        pipeline = Pipeline(
            current=self.current,
            ledger=self.ledger,
            captures=Captures(current=self.current, ledger=self.ledger, now=self._now),
            waiting=Waiting(ledger=self.ledger, notices=self.engine.notices),
            wake=self.engine.wake,
            now=self._now,
            metrics=self.metrics,
            gates=self._gates,
        )
        return build_app(public_routes(pipeline, self._health))

    def admin_app(self) -> Starlette:
        """Return the app of the admin listener."""
        return build_admin_app(
            self.current,
            self.ledger,
            metrics=self.metrics,
            in_flight=self.engine.in_flight,
            wake=self.engine.wake,
            wake_all=self.engine.wake_all,
            now=self._now,
            loading=self.reloading.shown,
            listens_at=lambda: self._listens_at,
        )

    async def run(
        self,
        stop: asyncio.Event,
        on_ready: Callable[[Addresses], None],
        *,
        hurry: asyncio.Event | None = None,
    ) -> None:
        """Serve until `stop` is set, then drain, until `hurry` is set: that cuts what is left.

        A lane that dies ends everything with its exception, and so does the ledger's writer.
        """
        config = self.current.config
        await self.reloading.start()
        file = next(iter(config.files), "adapter.yaml")
        with (
            bound(config.listen, key="listen", file=file) as public,
            bound(config.admin_listen, key="admin_listen", file=file) as admin,
        ):
            self._listens_at = Address(host=config.listen.host, port=public.getsockname()[1])
            try:
                await self._serve(public, admin, stop, on_ready, hurry or asyncio.Event())
            finally:
                # After a crash attempts are still under way, and must be written down while the
                # ledger is open: a task that cannot would keep a dead program from ending.
                self._attempts_cut += await self.engine.drain(0.0)
                await self._pool.close()

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
            chores = self._chores(group)
            chores.append(group.create_task(self.ledger.watch(), name="writer"))
            async with (
                listening(self.public_app(), public, self._bounds) as hooks,
                listening(self.admin_app(), admin, Bounds.of_people) as api,
            ):
                haste = self._cut_when(hurry, hooks, api)
                chores.append(group.create_task(haste, name="haste"))
                self._health.phase = ""
                on_ready(Addresses(public=url_of(public), admin=url_of(admin)))
                try:
                    await _first(stop, engine)
                finally:
                    self._health.phase = "stopping"
                    self.engine.notices.close()  # a sender that waits for a call is answered now
                    api.should_exit = hooks.should_exit = True  # both at once
            await self.drain()
            for chore in chores:
                chore.cancel()

    def _chores(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        clean = partial(keep_clean, self.current, self.ledger, self._now)
        chores = (clean, self._health.watch, self.reloading.watch)
        return [group.create_task(keep_going(chore)) for chore in chores]

    def _bounds(self) -> Bounds:
        """Return what the connections of senders may cost, by the settings in force."""
        config = self.current.config
        return Bounds(
            max_connections=config.max_connections,
            max_per_address=config.max_per_address,
            keep_alive_s=config.keep_alive.total_seconds(),
        )

    async def _cut_when(self, hurry: asyncio.Event, *servers: Server) -> None:
        """Cut open requests and attempts under way, once somebody is in a hurry."""
        await hurry.wait()
        for server in servers:
            server.force_exit = True
        self._attempts_cut += await self.engine.drain(0.0)

    def grace_s(self) -> float:
        """Return how long stopping may take: requests, then attempts, then records."""
        return GRACEFUL_S + self._longest_attempt_s() + RECORD_SPARE_S

    def _longest_attempt_s(self) -> float:
        agents = self.current.config.agents.values()
        return max((agent.timeout_s for agent in agents), default=0.0) + DRAIN_SPARE_S

    async def drain(self) -> None:
        """Let the attempts under way end, cut what takes too long, and hang up."""
        self._attempts_cut += await self.engine.drain(self._longest_attempt_s())
        await self._pool.close()
        log_event("drained", attempts_cut=self._attempts_cut)


async def _first(stop: asyncio.Event, engine: asyncio.Task[None]) -> None:
    """Return when asked to stop, or when the engine has ended (it never should)."""
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({asked, engine}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()


async def serve(
    config: Config,
    on_ready: Callable[[Addresses], None],
    *,
    log: LogStream,
    source: ConfigFiles | None = None,
    captures: Sequence[Capture] = (),
) -> None:
    """Run an adapter until SIGTERM or SIGINT; raises LedgerError, ConfigError at start.

    SIGHUP and a changed file make it read its configuration anew. `captures` are open at once. A
    process that does not end within its grace is ended: by then it has nothing left to settle.
    """
    load_tables()
    ledger = Ledger.open(config.database, now=utc_now)
    adapter = Adapter(config, ledger, source=source, dropped_lines=lambda: log.dropped)
    stop, hurry = asyncio.Event(), asyncio.Event()
    watchdog = Watchdog(adapter.grace_s, log.drain)
    with on_signals(stop, hurry, adapter.reloading.ask, watchdog=watchdog), closing(ledger):
        if ledger.recovered:
            log_event("recovered", level=logging.WARNING, calls_uncertain=ledger.recovered)
        for capture in captures:
            await ledger.admin.open_capture(capture, capture.created_at)
            log_opened(capture)
        await adapter.run(stop, on_ready, hurry=hurry)
