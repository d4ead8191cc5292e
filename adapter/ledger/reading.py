"""Reads, each on a connection that cannot write."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from adapter.agent import AgentSwitch
from adapter.ledger.calls.due import earliest_due
from adapter.ledger.records import CallFilter, SourceSwitch, WebhookFilter
from adapter.ledger.sqlite.rows import AnyRow, attempt_of, call_of, lane_of, source_of, webhook_of
from adapter.ledger.sqlite.tables import agents, attempts, calls, webhooks
from adapter.ledger.sqlite.tables import sources as source_table
from adapter.ledger.sqlite.transaction import Lane
from adapter.model import Attempt, Call, Webhook

_CALL = select(calls).where(calls.c.id == bindparam("call_id"))
_ATTEMPTS = (
    select(attempts).where(attempts.c.call == bindparam("call_id")).order_by(attempts.c.number)
)
_WEBHOOK = select(webhooks).where(webhooks.c.id == bindparam("webhook_id"))
_CALLS = select(calls).where(calls.c.webhook == bindparam("webhook_id")).order_by(calls.c.position)
_WITHOUT_BODY = select(*(column for column in webhooks.c if column.name != "body"))


def call(connection: Connection, call_id: str) -> tuple[Call, tuple[Attempt, ...]] | None:
    """Return a call and its attempts."""
    row = connection.execute(_CALL, {"call_id": call_id}).one_or_none()
    if row is None:
        return None
    tried = connection.execute(_ATTEMPTS, {"call_id": call_id})
    return call_of(row), tuple(map(attempt_of, tried))


def calls_page(
    connection: Connection, which: CallFilter, limit: int, cursor: str | None
) -> tuple[list[Call], str | None]:
    """Return a page of calls, newest first."""
    query = select(calls)
    wanted = {
        calls.c.state: which.state,
        calls.c.source: which.source,
        calls.c.agent: which.agent,
        calls.c.phone: which.phone,
        calls.c.reason: which.reason,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == str(value))
    if which.since is not None:
        query = query.where(calls.c.created_at >= which.since)
    if cursor is not None:
        query = query.where(calls.c.id < cursor)
    rows, following = _page(connection, query.order_by(calls.c.id.desc()), limit)
    return [call_of(row) for row in rows], following


def webhook(connection: Connection, webhook_id: str) -> tuple[Webhook, tuple[Call, ...]] | None:
    """Return a webhook and its calls."""
    found = raw_webhook(connection, webhook_id)
    if found is None:
        return None
    made = connection.execute(_CALLS, {"webhook_id": webhook_id})
    return found, tuple(map(call_of, made))


def raw_webhook(connection: Connection, webhook_id: str) -> Webhook | None:
    """Return a webhook."""
    row = connection.execute(_WEBHOOK, {"webhook_id": webhook_id}).one_or_none()
    return None if row is None else webhook_of(row, row.body)


def webhooks_page(
    connection: Connection, which: WebhookFilter, limit: int, cursor: str | None
) -> tuple[list[Webhook], str | None]:
    """Return a page of webhooks, newest first, without bodies: a page of those may be large."""
    query = _WITHOUT_BODY
    wanted = {
        webhooks.c.state: which.state,
        webhooks.c.source: which.source,
        webhooks.c.reason: which.reason,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == str(value))
    if which.since is not None:
        query = query.where(webhooks.c.received_at >= which.since)
    if cursor is not None:
        query = query.where(webhooks.c.id < cursor)
    rows, following = _page(connection, query.order_by(webhooks.c.id.desc()), limit)
    return [webhook_of(row, b"") for row in rows], following


def switches(connection: Connection) -> dict[str, AgentSwitch]:
    """Return the switches of all agents by name."""
    return {row.name: lane_of(row).switch for row in connection.execute(select(agents))}


def sources(connection: Connection) -> dict[str, SourceSwitch]:
    """Return the switches of sources by name."""
    return {row.name: source_of(row) for row in connection.execute(select(source_table))}


def next_due(connection: Connection, agent: str) -> datetime | None:
    """Return when an agent has something to do."""
    row = connection.execute(select(agents).where(agents.c.name == agent)).one_or_none()
    lane = lane_of(row) if row else Lane(switch=AgentSwitch(name=agent))
    return lane.next_due(earliest_due(connection, agent))


def _page(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    limit: int,
) -> tuple[list[AnyRow], str | None]:
    # One row more than asked for tells whether there is another page.
    rows = list(connection.execute(query.limit(limit + 1)).all())
    has_more = len(rows) > limit
    return rows[:limit], rows[limit - 1].id if has_more else None
