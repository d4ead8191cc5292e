"""Which calls of an agent are due, and when the next will be."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from adapter.ledger.moves import state_is
from adapter.ledger.sqlite.columns import Moment
from adapter.ledger.sqlite.rows import AnyRow
from adapter.ledger.sqlite.statements import Prepared
from adapter.ledger.sqlite.tables import blocked, calls
from adapter.model import Reason, State

LONGEST_ATTEMPT = timedelta(days=1)
_OTHER = calls.alias("other")
_RUNG_SINCE = bindparam("rung_since", type_=Moment)
# `rang_at` is set exactly while a call has rung or may have, even if it was replayed since.
_LAST_RUNG = (
    select(func.max(_OTHER.c.rang_at))
    .where(
        _OTHER.c.phone == calls.c.phone,
        _OTHER.c.id != calls.c.id,
        # While it rings it counts, though the agent should take longer than the cooldown.
        _OTHER.c.rang_at > bindparam("ringing_since", type_=Moment),
        or_(_OTHER.c.rang_at > _RUNG_SINCE, _OTHER.c.state == State.SENDING.value),
    )
    .scalar_subquery()
    .label("last_rung_at")
)
_IS_BLOCKED = exists().where(blocked.c.phone == calls.c.phone).label("is_blocked")
_AGENT = calls.c.agent == bindparam("agent")
# The words of the two partial indexes, to the letter.
_FRESH: ColumnElement[Any] = literal_column("attempts = 0 AND lookups IS NULL")
_RETRY: ColumnElement[Any] = literal_column("attempts > 0 AND lookups IS NULL")


def _due(kind: ColumnElement[Any]) -> Select[Any]:
    page = (
        select(calls, _LAST_RUNG, _IS_BLOCKED)
        .where(_AGENT, state_is(State.WAITING), kind)
        .where(calls.c.due_at <= bindparam("now", type_=Moment))
        .order_by(calls.c.due_at, calls.c.id)
        .limit(bindparam("page"))
        .subquery()
    )
    return select(page)


def _earliest(kind: ColumnElement[Any]) -> Select[Any]:
    return select(func.min(calls.c.due_at).label("due_at")).where(
        _AGENT, state_is(State.WAITING), kind
    )


DUE = Prepared(union_all(_due(_FRESH), _due(_RETRY)))
_EARLIEST = Prepared(union_all(_earliest(_FRESH), _earliest(_RETRY)))
_HALTED = (
    select(calls, _LAST_RUNG, _IS_BLOCKED)
    .where(_AGENT, state_is(State.HELD), calls.c.reason == Reason.AGENT_HALTED)
    .where(calls.c.id > bindparam("after"))
    .order_by(calls.c.id)
    .limit(bindparam("page"))
)


def due_rows(
    connection: Connection, agent: str, *, now: datetime, rung_since: datetime, page: int
) -> list[AnyRow]:
    """Return up to `page` due calls, fresh before retries, each with its gates' facts."""
    values = {"agent": agent, "now": now, "page": page, **_rung(rung_since, now)}
    rows = DUE.rows(connection, values)
    return sorted(rows, key=lambda row: (row.attempts > 0, row.due_at, row.id))[:page]


def halted_rows(  # noqa: PLR0913 - the parameters of one statement
    connection: Connection,
    agent: str,
    *,
    after: str,
    now: datetime,
    rung_since: datetime,
    page: int,
) -> list[AnyRow]:
    """Return up to `page` calls that the agent's halt holds, oldest first, after an id."""
    values = {"agent": agent, "after": after, "page": page, **_rung(rung_since, now)}
    return list(connection.execute(_HALTED, values).all())


def _rung(rung_since: datetime, now: datetime) -> dict[str, datetime]:
    # Bounded, for the index: no attempt lasts as long. Without a cooldown none forbids another.
    ringing_since = rung_since - LONGEST_ATTEMPT if rung_since < now else rung_since
    return {"rung_since": rung_since, "ringing_since": ringing_since}


def earliest_due(connection: Connection, agent: str) -> datetime | None:
    """Return when the agent's earliest waiting call is due; None if none waits."""
    rows = _EARLIEST.rows(connection, {"agent": agent})
    return min((row.due_at for row in rows if row.due_at is not None), default=None)
