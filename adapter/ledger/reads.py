"""The ledger's reads, each on a connection that cannot write."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    bindparam,
    func,
    literal_column,
    select,
)

from adapter.agent import AgentSwitch
from adapter.clock import first_id
from adapter.ledger.calls import captures
from adapter.ledger.calls.claiming import earliest_due
from adapter.ledger.holds import blocklist
from adapter.ledger.numbers import is_call_of, is_webhook_of
from adapter.ledger.records import (
    AgentRecord,
    Blocked,
    CallFilter,
    Capture,
    SourceSwitch,
    WebhookFilter,
)
from adapter.ledger.rows import (
    EPOCH,
    AnyRow,
    agent_record_of,
    attempt_of,
    call_of,
    source_of,
    webhook_of,
)
from adapter.ledger.sqlite.dialect import translated
from adapter.ledger.tables import agents, attempts, calls, webhooks
from adapter.ledger.tables import sources as source_table
from adapter.ledger.today import Today, read_today
from adapter.model import Attempt, Call, Webhook

T = TypeVar("T")
READERS = 2
# By as much may a clock that was set have parted an id from the time of its row.
_SLACK = timedelta(days=1)

_CALL = select(calls).where(calls.c.id == bindparam("call_id"))
_ATTEMPTS = (
    select(attempts).where(attempts.c.call == bindparam("call_id")).order_by(attempts.c.number)
)
_WEBHOOK = select(webhooks).where(webhooks.c.id == bindparam("webhook_id"))
_CALLS = select(calls).where(calls.c.webhook == bindparam("webhook_id")).order_by(calls.c.position)
# Written out, so that the index of calls to be tried again is the one that is read.
_RETRYING = (
    select(calls.c.agent, calls.c.detail, func.count())
    .where(literal_column("state = 'waiting' AND attempts > 0 AND lookups IS NULL"))
    .where(literal_column("reason = 'retry'"))
    .group_by(calls.c.agent, calls.c.detail)
)
_WITHOUT_BODY = select(*(column for column in webhooks.c if column.name != "body"))


class Reads:
    """The ledger's reads, each in a thread beside the writer's; `engine` cannot write."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")

    def close(self) -> None:
        """Finish what is being read, then end the threads. Idempotent."""
        self._threads.shutdown()

    async def call(self, call_id: str) -> tuple[Call, tuple[Attempt, ...]] | None:
        """Return a call and its attempts in order; None if there is no such call."""
        return await self.run(partial(read_call, call_id=call_id))

    async def calls(
        self, which: CallFilter, limit: int, cursor: str | None = None
    ) -> tuple[list[Call], str | None]:
        """Return a page of calls, newest first, and the cursor of the next page, if any."""
        return await self.run(partial(read_calls_page, which=which, limit=limit, cursor=cursor))

    async def webhook(self, webhook_id: str) -> tuple[Webhook, tuple[Call, ...]] | None:
        """Return a webhook with its calls by position; None if there is no such webhook."""
        return await self.run(partial(read_webhook, webhook_id=webhook_id))

    async def raw_webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook as it was stored, without its calls; None if there is no such."""
        return await self.run(partial(read_raw_webhook, webhook_id=webhook_id))

    async def webhooks(
        self, which: WebhookFilter, limit: int, cursor: str | None = None
    ) -> tuple[list[Webhook], str | None]:
        """Return a page of webhooks, newest first, without their bodies; and the next cursor."""
        return await self.run(partial(read_webhooks_page, which=which, limit=limit, cursor=cursor))

    async def switches(self) -> Mapping[str, AgentSwitch]:
        """Return by name the switches of all agents that were ever paused, halted or known."""
        return await self.run(read_switches)

    async def retrying(self) -> Mapping[str, Mapping[str, int]]:
        """Return by agent how many calls wait for another try, by what the last one showed."""
        return await self.run(read_retrying)

    async def sources(self) -> Mapping[str, SourceSwitch]:
        """Return by name the switches of all sources that were ever paused or stopped."""
        return await self.run(read_sources)

    async def blocks(
        self, limit: int, cursor: str | None = None, persons: Sequence[str] | None = None
    ) -> tuple[list[Blocked], str | None]:
        """Return a page of blocked numbers (of these persons), in order, and the next cursor."""
        return await self.run(
            partial(blocklist.blocks_page, limit=limit, cursor=cursor, persons=persons)
        )

    async def capture(self, name: str, now: datetime) -> Capture | None:
        """Return the capture of this name that is open now, if any."""
        return await self.run(partial(captures.find_open, name=name, now=now))

    async def captures(self, now: datetime) -> list[Capture]:
        """Return the captures that are open now, in order of their names."""
        return await self.run(partial(captures.all_open, now=now))

    async def today(self, began_at: datetime) -> Today:
        """Return what came and what rang on the day that began at this moment."""
        return await self.run(partial(read_today, began_at=began_at))

    async def next_due(self, agent: str) -> datetime | None:
        """Return when this agent has something to do; None while it is paused or idle."""
        return await self.run(partial(read_next_due, agent=agent))

    async def run(self, query: Callable[[Connection], T]) -> T:
        """Return what a query reads, all of it at one moment."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._answer, query)

    def _answer(self, query: Callable[[Connection], T]) -> T:
        with translated(), self._engine.begin() as connection:
            return query(connection)


def read_call(connection: Connection, call_id: str) -> tuple[Call, tuple[Attempt, ...]] | None:
    """Return a call and its attempts."""
    row = connection.execute(_CALL, {"call_id": call_id}).one_or_none()
    if row is None:
        return None
    tried = connection.execute(_ATTEMPTS, {"call_id": call_id})
    return call_of(row), tuple(map(attempt_of, tried))


def read_calls_page(
    connection: Connection, which: CallFilter, limit: int, cursor: str | None
) -> tuple[list[Call], str | None]:
    """Return a page of calls, newest first."""
    query = select(calls)
    wanted = {
        calls.c.source: which.source,
        calls.c.agent: which.agent,
        calls.c.reason: which.reason,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == str(value))
    if which.states:
        query = query.where(calls.c.state.in_(map(str, which.states)))
    query = _between(query, calls, calls.c.created_at, which)
    if which.numbers is not None:
        query = query.where(is_call_of(connection, which.numbers))
    if cursor is not None:
        query = query.where(calls.c.id < cursor)
    rows, following = _page(connection, query.order_by(calls.c.id.desc()), limit)
    return [call_of(row) for row in rows], following


def read_webhook(
    connection: Connection, webhook_id: str
) -> tuple[Webhook, tuple[Call, ...]] | None:
    """Return a webhook and its calls."""
    found = read_raw_webhook(connection, webhook_id)
    if found is None:
        return None
    made = connection.execute(_CALLS, {"webhook_id": webhook_id})
    return found, tuple(map(call_of, made))


def read_raw_webhook(connection: Connection, webhook_id: str) -> Webhook | None:
    """Return a webhook."""
    row = connection.execute(_WEBHOOK, {"webhook_id": webhook_id}).one_or_none()
    return None if row is None else webhook_of(row, row.body)


def read_webhooks_page(
    connection: Connection, which: WebhookFilter, limit: int, cursor: str | None
) -> tuple[list[Webhook], str | None]:
    """Return a page of webhooks, newest first, without bodies: a page of those may be large."""
    query = _WITHOUT_BODY
    wanted = {
        webhooks.c.source: which.source,
        webhooks.c.reason: which.reason,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == str(value))
    if which.states:
        query = query.where(webhooks.c.state.in_(map(str, which.states)))
    query = _between(query, webhooks, webhooks.c.received_at, which)
    if which.numbers is not None:
        query = query.where(is_webhook_of(connection, which.numbers))
    if cursor is not None:
        query = query.where(webhooks.c.id < cursor)
    rows, following = _page(connection, query.order_by(webhooks.c.id.desc()), limit)
    return [webhook_of(row, b"") for row in rows], following


def read_switches(connection: Connection) -> dict[str, AgentSwitch]:
    """Return the switches of all agents by name."""
    return {row.name: agent_record_of(row).switch for row in connection.execute(select(agents))}


def read_retrying(connection: Connection) -> dict[str, dict[str, int]]:
    """Return by agent how many calls wait for another try, by what the last one showed."""
    counts: dict[str, dict[str, int]] = {}
    for agent, why, count in connection.execute(_RETRYING):
        counts.setdefault(agent, {})[why] = count
    return counts


def read_sources(connection: Connection) -> dict[str, SourceSwitch]:
    """Return the switches of sources by name."""
    return {row.name: source_of(row) for row in connection.execute(select(source_table))}


def read_next_due(connection: Connection, agent: str) -> datetime | None:
    """Return when an agent has something to do."""
    row = connection.execute(select(agents).where(agents.c.name == agent)).one_or_none()
    record = agent_record_of(row) if row else AgentRecord(switch=AgentSwitch(name=agent))
    return record.next_due(earliest_due(connection, agent))


def _between(
    query: Select[*tuple[Any, ...]],
    table: Table,
    moment: ColumnElement[datetime],
    which: CallFilter | WebhookFilter,
) -> Select[*tuple[Any, ...]]:
    """Narrow to a time. An id is made when its row is: a span is found by the ids of its days."""
    if which.since is not None:
        query = query.where(moment >= which.since, table.c.id >= _id_near(which.since, -_SLACK))
    if which.until is not None:
        query = query.where(moment < which.until, table.c.id < _id_near(which.until, _SLACK))
    return query


def _id_near(moment: datetime, slack: timedelta) -> str:
    """Return the first id of a moment and the slack; the nearest one that ids have."""
    try:
        return first_id(max(moment + slack, EPOCH))
    except OverflowError:
        return first_id(moment)


def _page(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    limit: int,
) -> tuple[list[AnyRow], str | None]:
    # One row more than asked for tells whether there is another page.
    rows = list(connection.execute(query.limit(limit + 1)).all())
    has_more = len(rows) > limit
    return rows[:limit], rows[limit - 1].id if has_more else None
