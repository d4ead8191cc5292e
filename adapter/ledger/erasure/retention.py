"""Retention: old webhooks go once their calls have ended; those that wait for someone stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, exists, select, tuple_

from adapter.ledger.rows import AnyRow, Moment
from adapter.ledger.tables import attempts, calls, dedupe_keys, webhooks
from adapter.ledger.writer import Transaction
from adapter.model import PENDING, State

_OLD = (
    select(webhooks.c.id)
    .where(webhooks.c.received_at < bindparam("before", type_=Moment))
    .where(~exists().where(calls.c.webhook == webhooks.c.id, calls.c.state.in_(sorted(PENDING))))
    .order_by(webhooks.c.received_at)
    .limit(bindparam("most"))
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_THEIR_CALLS = select(calls.c.id, calls.c.agent, calls.c.state).where(calls.c.webhook.in_(_IDS))
_DROP_ATTEMPTS = delete(attempts).where(attempts.c.call.in_(_IDS))
_DROP_CALLS = delete(calls).where(calls.c.webhook.in_(_IDS))
_DROP_WEBHOOKS = delete(webhooks).where(webhooks.c.id.in_(_IDS))
_NAME = tuple_(dedupe_keys.c.source, dedupe_keys.c.digest)
_DROP_KEYS = delete(dedupe_keys).where(
    _NAME.in_(
        select(dedupe_keys.c.source, dedupe_keys.c.digest)
        .where(dedupe_keys.c.until <= bindparam("now", type_=Moment))
        .limit(bindparam("most"))
    )
)


def clean(transaction: Transaction, before: datetime, limit: int, now: datetime) -> int:
    """Delete ended webhooks received before, and as many expired keys; return how many webhooks."""
    connection = transaction.connection
    connection.execute(_DROP_KEYS, {"now": now, "most": limit})
    ids = list(connection.execute(_OLD, {"before": before, "most": limit}).scalars())
    if ids:
        gone = connection.execute(_THEIR_CALLS, {"ids": ids}).all()
        connection.execute(_DROP_ATTEMPTS, {"ids": [row.id for row in gone]})
        connection.execute(_DROP_CALLS, {"ids": ids})
        connection.execute(_DROP_WEBHOOKS, {"ids": ids})
        _uncount(transaction, gone)
    return len(ids)


def _uncount(transaction: Transaction, gone: Sequence[AnyRow]) -> None:
    for row in gone:
        transaction.count(row.agent, State(row.state), -1)
