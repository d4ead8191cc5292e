"""What the ledger can be asked: reads, each on a connection that cannot write."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from adapter.agent import AgentSwitch
from adapter.ledger import reading
from adapter.ledger.calls import captures
from adapter.ledger.holds import blocklist
from adapter.ledger.records import Blocked, CallFilter, Capture, SourceSwitch, WebhookFilter
from adapter.ledger.sqlite.errors import translated
from adapter.model import Attempt, Call, Webhook

T = TypeVar("T")


class Questions:
    """The ledger's reads; `_engines` are the writer's and the readers'."""

    _engines: tuple[Engine, Engine]
    _readers: ThreadPoolExecutor

    async def call(self, call_id: str) -> tuple[Call, tuple[Attempt, ...]] | None:
        """Return a call and its attempts in order; None if there is no such call."""
        return await self._read(partial(reading.call, call_id=call_id))

    async def calls(
        self, which: CallFilter, limit: int, cursor: str | None = None
    ) -> tuple[list[Call], str | None]:
        """Return a page of calls, newest first, and the cursor of the next page, if any."""
        return await self._read(
            partial(reading.calls_page, which=which, limit=limit, cursor=cursor)
        )

    async def webhook(self, webhook_id: str) -> tuple[Webhook, tuple[Call, ...]] | None:
        """Return a webhook with its calls by position; None if there is no such webhook."""
        return await self._read(partial(reading.webhook, webhook_id=webhook_id))

    async def raw_webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook as it was stored, without its calls; None if there is no such."""
        return await self._read(partial(reading.raw_webhook, webhook_id=webhook_id))

    async def webhooks(
        self, which: WebhookFilter, limit: int, cursor: str | None = None
    ) -> tuple[list[Webhook], str | None]:
        """Return a page of webhooks, newest first, without their bodies; and the next cursor."""
        return await self._read(
            partial(reading.webhooks_page, which=which, limit=limit, cursor=cursor)
        )

    async def switches(self) -> Mapping[str, AgentSwitch]:
        """Return by name the switches of all agents that were ever paused, halted or known."""
        return await self._read(reading.switches)

    async def sources(self) -> Mapping[str, SourceSwitch]:
        """Return by name the switches of all sources that were ever paused or stopped."""
        return await self._read(reading.sources)

    async def blocks(
        self, limit: int, cursor: str | None = None
    ) -> tuple[list[Blocked], str | None]:
        """Return a page of blocked numbers, in their order, and the next page's cursor."""
        return await self._read(partial(blocklist.blocks_page, limit=limit, cursor=cursor))

    async def capture(self, name: str, now: datetime) -> Capture | None:
        """Return the capture of this name that is open now, if any."""
        return await self._read(partial(captures.one, name=name, now=now))

    async def captures(self, now: datetime) -> list[Capture]:
        """Return the captures that are open now, in order of their names."""
        return await self._read(partial(captures.every, now=now))

    async def next_due(self, agent: str) -> datetime | None:
        """Return when this agent has something to do; None while it is paused or idle."""
        return await self._read(partial(reading.next_due, agent=agent))

    async def _read(self, query: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._run_query, query)

    def _run_query(self, query: Callable[[Connection], T]) -> T:
        with translated(), self._engines[1].begin() as connection:
            return query(connection)
