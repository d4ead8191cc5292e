"""Taking up a changed configuration while leads arrive: all of it, or, if it is broken, none.

The routes and lanes read one value, `Current.config`; replacing it is the whole switch. Attempts
under way end as they began.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapter.clock import iso
from adapter.compiler.load import Loaded
from adapter.compiler.watch import ConfigFiles, Mark
from adapter.config.config import Config, Current
from adapter.errors import ConfigError, LedgerError, Problem
from adapter.ledger.ledger import Ledger
from adapter.mapping.lookup import fingerprint
from adapter.telemetry import log_event
from adapter.workers.pool import NewRingers, RingerPool

LOOK_EVERY_S = 1.0
NEEDS_RESTART = ("listen", "admin_listen", "database")
_NO_CLIENT = Problem(
    file="environment",
    line=1,
    column=1,
    key="SSL_CERT_FILE",
    message="the trusted authorities cannot be read, so no agent can be reached",
)


class Reloading:
    """Watches the files, loads them anew, and takes up what is sound."""

    def __init__(
        self,
        current: Current,
        ledger: Ledger,
        pool: RingerPool,
        *,
        source: ConfigFiles | None,
        now: Callable[[], datetime],
    ) -> None:
        self._current = current
        self._ledger = ledger
        self._pool = pool
        self._source = source
        self._now = now
        self._asked = asyncio.Event()
        self._loaded_at = now()
        self._files: tuple[str, ...] = current.config.files
        self._refused: tuple[Problem, ...] = ()
        self._needs_restart: tuple[str, ...] = ()
        self._seen: frozenset[Mark] | None = None

    def ask(self) -> None:
        """Reload soon, whether or not a file has changed (SIGHUP)."""
        self._asked.set()

    def shown(self) -> dict[str, Any]:
        """Return what `/api/status` says of the configuration."""
        return {
            "loaded_at": iso(self._loaded_at),
            "files": list(self._current.config.files),
            "refused": [str(problem) for problem in self._refused] or None,
            "restart_needed": list(self._needs_restart),
        }

    async def start(self) -> None:
        """Bring ledger and lanes into agreement with the configuration of the start.

        ConfigError where no client of an agent can be made.
        """
        config = self._current.config
        new, problem = self._prepared(config)
        if new is None:
            raise ConfigError([problem])
        await self._take_up(config, new)

    async def watch(self) -> None:
        """Reload whenever the files have changed or somebody asked."""
        if self._source is None:
            return
        if self._seen is None:  # else a change that could not be taken up is still to come
            self._seen = self._source.look(self._files)
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._asked.wait()
            except TimeoutError:
                pass
            found = self._source.look(self._files)
            if found != self._seen or self._asked.is_set():
                self._asked.clear()
                await self._reload(await asyncio.to_thread(self._source.load))
                self._seen = found

    async def _reload(self, loaded: Loaded) -> None:
        self._files = loaded.files or self._files
        if loaded.config is None:
            self._refuse(loaded.problems)
            return
        new, problem = self._prepared(loaded.config)
        if new is None:
            self._refuse([problem])
            return
        self._refused = ()
        old = self._current.config
        kept = {name: getattr(old, name) for name in NEEDS_RESTART}
        self._needs_restart = tuple(
            name for name in NEEDS_RESTART if getattr(loaded.config, name) != kept[name]
        )
        await self._take_up(replace(loaded.config, **kept), new)
        self._loaded_at = self._now()
        log_event("configuration_reloaded", restart_needed=list(self._needs_restart))

    def _refuse(self, problems: Sequence[Problem]) -> None:
        self._refused = tuple(problems)
        for problem in problems:
            log_event("configuration_refused", level=logging.ERROR, problem=str(problem))

    def _prepared(self, config: Config) -> tuple[NewRingers | None, Problem]:
        """Make the clients of a configuration, before anything is switched."""
        try:
            return self._pool.prepare(config), _NO_CLIENT
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return None, replace(_NO_CLIENT, message=f"{_NO_CLIENT.message}: {reason}")

    async def _take_up(self, config: Config, new: NewRingers) -> None:
        """Switch; a ledger that is out of order delays only what it has to record."""
        agents = {name: agent.fingerprint for name, agent in config.agents.items()}
        sources = {name: fingerprint(each.mapping.lookups) for name, each in config.sources.items()}
        while True:
            try:
                await self._ledger.admin.reconcile(agents, self._now())
                looking = await self._ledger.admin.reconcile_lookups(sources, self._now())
                break
            except LedgerError as error:
                log_event("ledger_unavailable", level=logging.ERROR, error=str(error))
                await asyncio.sleep(LOOK_EVERY_S)
        self._current.config = config
        await self._pool.take_up(config, looking, new)
