"""Claiming: which calls are due, the fence before an attempt, and the cooldown, in one commit.

Promise: a call is `sending`, and its attempt is on disk, before anyone holds its Claim; two calls
to one person within the cooldown cannot both be claimed, since each claim sees those before it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)

from adapter.agent import Pace
from adapter.ledger.holds.agents import (
    agent_record,
    count_claims,
    keep_daily_limit,
    next_due,
    put_agent_record,
    room,
)
from adapter.ledger.moves import move_call, move_calls, state_is
from adapter.ledger.records import Claims
from adapter.ledger.rows import AnyRow, Moment, attempt_of, call_at
from adapter.ledger.sqlite.dialect import Prepared
from adapter.ledger.tables import attempts, blocked, calls
from adapter.ledger.writer import Transaction
from adapter.model import Attempt, Call, Claim, Facts, Move, Reason, State

PROBE_EVERY = timedelta(minutes=5)
PAGE = 100
PAGES = 20  # then others may write; what is left is due at once, and claimed next time
LONGEST_ATTEMPT = timedelta(days=1)

_OTHER = calls.alias("other")
_RUNG_SINCE = bindparam("rung_since", type_=Moment)
# `rang_at` is set exactly while a call has rung or may have, even if it was replayed since.
_LAST_RUNG = (
    select(func.max(_OTHER.c.rang_at))
    .where(
        _OTHER.c.person == calls.c.person,
        _OTHER.c.id != calls.c.id,
        # While it rings it counts, though the agent should take longer than the cooldown.
        _OTHER.c.rang_at > bindparam("ringing_since", type_=Moment),
        # Written out: SQLite plans a parameter beside partial indexes anew at each execution.
        or_(_OTHER.c.rang_at > _RUNG_SINCE, _OTHER.c.state == literal_column("'sending'")),
    )
    .scalar_subquery()
    .label("last_rung_at")
)
_IS_BLOCKED = exists().where(blocked.c.person == calls.c.person).label("is_blocked")
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
_START = Prepared(insert(attempts))
_UNENDED = {"ended_at": None, "outcome": None, "http_status": None, "code": None}
_EARLIER = (
    select(attempts)
    .where(attempts.c.call.in_(bindparam("ids", expanding=True)), attempts.c.ended_at.is_not(None))
    .order_by(attempts.c.call, attempts.c.number)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimRequest:
    """The request of a ringer: calls of an agent that are due now, as many as it has room for."""

    agent: str
    limit: int
    now: datetime
    cooldown: timedelta
    decide: Callable[[Call, Facts], Move]
    pace: Pace

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the statements that look for its calls."""
        rung_since = self.now - self.cooldown
        # Bounded, for the index: no attempt lasts as long. Without a cooldown none forbids another.
        longest = LONGEST_ATTEMPT if self.cooldown > timedelta() else timedelta()
        return {
            "agent": self.agent,
            "now": self.now,
            "rung_since": rung_since,
            "ringing_since": rung_since - longest,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimBatch:
    """The calls that a claim has found so far; `persons` are those that it will ring, and when.

    `room` is how many calls may go; `is_paced` says that more may not because of max_per_minute.
    """

    room: int = 0
    is_paced: bool = False
    going: list[Call] = field(default_factory=list)
    moved: list[Call] = field(default_factory=list)
    persons: dict[str | None, datetime] = field(default_factory=dict)


def claim(transaction: Transaction, request: ClaimRequest) -> Claims:
    """Take due calls to `sending` as `decide` allows; a halted agent's one probe when it is due."""
    keep_daily_limit(transaction, request.agent, request.pace, request.now)
    batch = _batch_of(transaction, request) if request.limit > 0 else ClaimBatch()
    claims = _start_attempts(transaction, batch.going, request.now)
    count_claims(transaction, request.agent, request.pace, len(claims), request.now)
    found = agent_record(transaction, request.agent)
    due = earliest_due(transaction.connection, request.agent) if found.block() is None else None
    return Claims(
        claims=claims,
        next_due=next_due(found, request.pace, due, request.now),
        moved=tuple(batch.moved),
    )


def _batch_of(transaction: Transaction, request: ClaimRequest) -> ClaimBatch:
    found = agent_record(transaction, request.agent)
    batch = ClaimBatch(
        room=room(found, request.pace, request.limit, request.now),
        is_paced=request.pace.min_gap_s > 0,
    )
    if found.block() is None:
        return _fill(transaction, request, batch)
    probe_at = next_due(found, request.pace, None, request.now)
    if not found.switch.halted_by or probe_at is None or probe_at > request.now:
        return ClaimBatch()
    switch = replace(found.switch, probe_at=request.now + PROBE_EVERY)
    put_agent_record(transaction, replace(found, switch=switch))
    return _probe_batch(transaction, request)


def _fill(transaction: Transaction, request: ClaimRequest, batch: ClaimBatch) -> ClaimBatch:
    page = batch.room + batch.is_paced
    for _ in range(PAGES if page else 0):
        rows = _due_rows(transaction, request, page)
        if not _sort_rows(transaction, rows, request, batch) or len(rows) < page:
            break
        page = PAGE
    return batch


def _sort_rows(
    transaction: Transaction, rows: Sequence[AnyRow], request: ClaimRequest, batch: ClaimBatch
) -> bool:
    """Sort rows into those that go and those that move elsewhere; tell whether to look on."""
    chosen: list[tuple[Call, Move]] = []
    is_done = False
    for row in rows:
        is_full = len(batch.going) + len(chosen) == batch.room
        is_done = is_full and not batch.is_paced
        if is_done:
            break
        call = call_at(row, request.now)
        move = request.decide(call, _facts(row, batch))
        if move.state is not State.SENDING:
            batch.moved.append(move_call(transaction, call, move, request.now))
        elif is_full:
            _show_limit(transaction, call, request, batch)
            is_done = True
            break
        else:
            chosen.append((call, move))
            if request.cooldown:
                batch.persons[row.person] = request.now
    batch.going.extend(move_calls(transaction, chosen, request.now))
    return not is_done and (batch.is_paced or len(batch.going) < batch.room)


def _facts(row: AnyRow, batch: ClaimBatch) -> Facts:
    return Facts(
        last_rung_at=batch.persons.get(row.person, row.last_rung_at), is_blocked=row.is_blocked
    )


def _show_limit(
    transaction: Transaction, call: Call, request: ClaimRequest, batch: ClaimBatch
) -> None:
    """Say of the next call in line what it waits for; it keeps its place."""
    if call.reason != Reason.RATE_LIMITED:
        move = Move(state=State.WAITING, reason=Reason.RATE_LIMITED, due_at=call.due_at)
        batch.moved.append(move_call(transaction, call, move, request.now))


def _probe_batch(transaction: Transaction, request: ClaimRequest) -> ClaimBatch:
    batch, after = ClaimBatch(), ""
    for _ in range(PAGES):
        rows = _halted_rows(transaction, request, after)
        for row in rows:
            _try_probe(transaction, row, request, batch)
            if batch.going:
                return batch
        if len(rows) < PAGE:
            break
        after = rows[-1].id
    return batch


def _try_probe(
    transaction: Transaction, row: AnyRow, request: ClaimRequest, batch: ClaimBatch
) -> None:
    call, now = call_at(row, request.now), request.now
    move = request.decide(call, _facts(row, batch))
    if move.state is State.SENDING:
        release = Move(state=State.WAITING, reason=Reason.RETRY, due_at=now)
        released = move_call(transaction, call, release, now)
        batch.going.append(move_call(transaction, released, move, now))
    elif move.state is not State.WAITING:  # a later hour is no reason to leave the hold
        batch.moved.append(move_call(transaction, call, move, now))


def _start_attempts(
    transaction: Transaction, going: Sequence[Call], now: datetime
) -> tuple[Claim, ...]:
    if not going:
        return ()
    rows = [
        {"call": call.id, "number": call.attempts, "started_at": now, **_UNENDED} for call in going
    ]
    earlier = _earlier_attempts(transaction, [call.id for call in going if call.attempts > 1])
    _START.run_each(transaction.connection, rows)
    return tuple(
        Claim(call=call, number=call.attempts, earlier=tuple(earlier.get(call.id, ())))
        for call in going
    )


def _earlier_attempts(
    transaction: Transaction, call_ids: Sequence[str]
) -> dict[str, list[Attempt]]:
    found: dict[str, list[Attempt]] = {}
    if call_ids:
        for row in transaction.connection.execute(_EARLIER, {"ids": call_ids}):
            found.setdefault(row.call, []).append(attempt_of(row))
    return found


def _due_rows(transaction: Transaction, request: ClaimRequest, page: int) -> list[AnyRow]:
    """Return up to `page` due calls, fresh before retries, each with its gates' facts."""
    rows = DUE.rows(transaction.connection, {**request.parameters, "page": page})
    return sorted(rows, key=lambda row: (row.attempts > 0, row.due_at, row.id))[:page]


def _halted_rows(transaction: Transaction, request: ClaimRequest, after: str) -> list[AnyRow]:
    """Return a page of the calls that the agent's halt holds, oldest first, after an id."""
    values = {**request.parameters, "after": after, "page": PAGE}
    return list(transaction.connection.execute(_HALTED, values).all())


def earliest_due(connection: Connection, agent: str) -> datetime | None:
    """Return when the agent's earliest waiting call is due; None if none waits."""
    rows = _EARLIEST.rows(connection, {"agent": agent})
    return min((row.due_at for row in rows if row.due_at is not None), default=None)
