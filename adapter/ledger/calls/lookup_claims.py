"""Look-ups: which calls' records to ask for, and when.

Promise: a call is asked for by one at a time, since a claim is a lease, committed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select, update

from adapter.ledger.calls.remapping import judge_webhook
from adapter.ledger.holds.sources import put_source, source_switch, turn_source, undenied
from adapter.ledger.moves import move_call, state_is
from adapter.ledger.records import LookupClaim, LookupClaims, SourceSwitch
from adapter.ledger.rows import AnyRow, Moment, call_at
from adapter.ledger.sqlite.dialect import Prepared
from adapter.ledger.tables import calls
from adapter.ledger.tables import sources as source_table
from adapter.ledger.writer import Transaction
from adapter.model import Call, Move, Reason, State

PROBE_EVERY = timedelta(minutes=5)
PAGE = 100

_OF_SOURCE = calls.c.source == bindparam("source")
_NEEDS = calls.c.lookups.is_not(None)
_WAITS = (state_is(State.WAITING), _NEEDS)
DUE = Prepared(
    select(calls)
    .where(_OF_SOURCE, *_WAITS, calls.c.due_at <= bindparam("now", type_=Moment))
    .order_by(calls.c.due_at, calls.c.id)
    .limit(bindparam("page"))
)
_DENIED = Prepared(
    select(calls)
    .where(_OF_SOURCE, state_is(State.HELD), _NEEDS)
    # In turn: one record that is forbidden must not keep the others from being tried.
    .order_by(calls.c.lookups, calls.c.id)
    .limit(bindparam("page"))
)
_EARLIEST = Prepared(select(func.min(calls.c.due_at).label("due_at")).where(_OF_SOURCE, *_WAITS))
_LEASE = Prepared(
    update(calls)
    .where(calls.c.id == bindparam("call_id"), *_WAITS)
    .values(lookups=calls.c.lookups + 1, due_at=bindparam("until", type_=Moment))
)
_ASKING = (
    select(calls.c.source)
    .where(_NEEDS, or_(state_is(State.WAITING), state_is(State.HELD)))
    .distinct()
)
_KNOWN = select(source_table.c.name)
_END_LEASES = (
    update(calls)
    .where(*_WAITS, calls.c.due_at > bindparam("at", type_=Moment))
    .values(due_at=bindparam("at", type_=Moment))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupRequest:
    """The request of a source's lane: due calls, as many as it has room for, leased for so long.

    `decide` returns the move of a call that is too old to be asked for, else None.
    """

    source: str
    limit: int
    now: datetime
    lease: timedelta
    decide: Callable[[Call], Move | None]


def claim_lookups(transaction: Transaction, request: LookupRequest) -> LookupClaims:
    """Lease due calls; of a source that is denied one call, when its next try is due."""
    switch = source_switch(transaction, request.source)
    if switch.block() or request.limit <= 0:
        return LookupClaims(claims=(), next_due=None)
    is_probe = bool(switch.denied_by)
    rows = (
        _rows_to_probe(transaction, switch, request)
        if is_probe
        else _due_rows(transaction, request)
    )
    going, moved = list[Call](), list[Call]()
    for row in rows:
        call = release_hold(transaction, call_at(row, request.now), request.now)
        move = request.decide(call)
        if move is None:
            going.append(_lease(transaction, call, request))
        else:
            moved.append(move_and_judge(transaction, call, move, request.now))
        if going and is_probe:
            put_source(transaction, replace(switch, probe_at=request.now + PROBE_EVERY))
            break
    return LookupClaims(
        claims=tuple(LookupClaim(call=call, fingerprint=switch.fingerprint) for call in going),
        next_due=_next_due(transaction, request.source),
        moved=tuple(moved),
    )


def reconcile_lookups(
    transaction: Transaction, fingerprints: Mapping[str, str], now: datetime
) -> tuple[str, ...]:
    """Compare with the configured look-ups (source → fingerprint), at start and at each reload.

    Those denied under another configuration are released. Returns the sources that have look-ups,
    or calls that need one.
    """
    connection = transaction.connection
    asking = {name for name, fingerprint in fingerprints.items() if fingerprint}
    asking |= set(connection.execute(_ASKING).scalars())
    for name in sorted({*asking, *connection.execute(_KNOWN).scalars()}):
        before = source_switch(transaction, name)
        found = fingerprints.get(name, "")
        well_at = before.well_at if found == before.fingerprint else None
        after = replace(before, fingerprint=found, well_at=well_at)
        if after.denied_by and after.denied_fingerprint != after.fingerprint:
            turn_source(transaction, undenied(after), now)
        elif after != before:
            put_source(transaction, after)
    return tuple(sorted(asking))


def end_leases(transaction: Transaction, now: datetime) -> None:
    """Make all calls that wait for a look-up due at once: the process that leased them is gone."""
    transaction.connection.execute(_END_LEASES, {"at": now})


def release_hold(transaction: Transaction, call: Call, now: datetime) -> Call:
    """Return a call that waits, also where it was held."""
    if call.state is State.WAITING:
        return call
    release = Move(state=State.WAITING, reason=Reason.LOOKUP, due_at=now)
    return move_call(transaction, call, release, now)


def move_and_judge(transaction: Transaction, call: Call, move: Move, now: datetime) -> Call:
    """Move a call, and bring its webhook's state up to date."""
    moved = move_call(transaction, call, move, now)
    if moved.state in (State.REFUSED, State.IGNORED):  # else its webhook is `mapped`, as it was
        judge_webhook(transaction, moved.webhook)
    return moved


def _due_rows(transaction: Transaction, request: LookupRequest) -> list[AnyRow]:
    return _query_rows(transaction, DUE, request, request.limit)


def _rows_to_probe(
    transaction: Transaction, switch: SourceSwitch, request: LookupRequest
) -> list[AnyRow]:
    """Return the calls of which one is to be tried: the last try's, if it was cut off, first."""
    if switch.probe_at is not None and switch.probe_at > request.now:
        return []
    rows = [
        *_query_rows(transaction, DUE, request, 1),
        *_query_rows(transaction, _DENIED, request, PAGE),
    ]
    if not rows:
        put_source(transaction, replace(switch, probe_at=request.now + PROBE_EVERY))
    return rows


def _query_rows(
    transaction: Transaction, query: Prepared, request: LookupRequest, page: int
) -> list[AnyRow]:
    values = {"source": request.source, "now": request.now, "page": page}
    return query.rows(transaction.connection, values)


def _lease(transaction: Transaction, call: Call, request: LookupRequest) -> Call:
    until = request.now + request.lease
    _LEASE.run(transaction.connection, {"call_id": call.id, "until": until})
    return replace(call, lookups=(call.lookups or 0) + 1, due_at=until)


def _next_due(transaction: Transaction, name: str) -> datetime | None:
    switch = source_switch(transaction, name)
    if switch.denied_by:
        return switch.probe_at
    (row,) = _EARLIEST.rows(transaction.connection, {"source": name})
    due_at: datetime | None = row.due_at
    return due_at
