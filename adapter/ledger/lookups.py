"""Look-ups: which calls' records to ask for, and what becomes of a call with the answer.

Promise: a call is asked for by one at a time, since a claim is a lease, committed; an answer that
comes after its lease, or to a call that was held meanwhile, changes nothing. With the answer a call
takes its dedupe keys and meets its gates in one commit, as at intake.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select, update

from adapter.ledger.blocklist import BLOCKED, is_blocked
from adapter.ledger.columns import Moment, whole_ms
from adapter.ledger.keys import claim_keys
from adapter.ledger.moves import move_call, state_is
from adapter.ledger.prepared import Prepared
from adapter.ledger.remapping import judge_webhook, remap
from adapter.ledger.rows import AnyRow, call_at
from adapter.ledger.sources import hold_of, put_source, source, turn, undenied
from adapter.ledger.tables import calls
from adapter.ledger.tables import sources as source_table
from adapter.ledger.transaction import Transaction
from adapter.ledger.words import LookupClaim, LookupClaims, SourceSwitch
from adapter.model import Call, MappedCall, Move, Reason, State

PROBE_EVERY = timedelta(minutes=5)
PAGE = 100
_FORBIDDEN = "403"  # of a record, perhaps; a 401 is of whoever asks

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
_CALL = Prepared(select(calls).where(calls.c.id == bindparam("call_id")))
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
class LookupWish:
    """What a source's lane asks for: due calls, as many as it has room for, leased for so long.

    `decide` returns the move of a call that is too old to be asked for, else None.
    """

    source: str
    limit: int
    now: datetime
    lease: timedelta
    decide: Callable[[Call], Move | None]


def claim_lookups(transaction: Transaction, wish: LookupWish) -> LookupClaims:
    """Lease due calls; of a source that is denied one call, when its next try is due."""
    switch = source(transaction, wish.source)
    if switch.block() or wish.limit <= 0:
        return LookupClaims(claims=(), next_due=None)
    is_probe = bool(switch.denied_by)
    rows = _probed(transaction, switch, wish) if is_probe else _due(transaction, wish)
    going, moved = list[Call](), list[Call]()
    for row in rows:
        call = _freed(transaction, call_at(row, wish.now), wish.now)
        move = wish.decide(call)
        if move is None:
            going.append(_leased(transaction, call, wish))
        else:
            moved.append(_ended(transaction, call, move, wish.now))
        if going and is_probe:
            put_source(transaction, replace(switch, probe_at=wish.now + PROBE_EVERY))
            break
    return LookupClaims(
        claims=tuple(LookupClaim(call=call, fingerprint=switch.fingerprint) for call in going),
        next_due=_next_due(transaction, wish.source),
        moved=tuple(moved),
    )


def answer_lookup(
    transaction: Transaction, claim: LookupClaim, mapped: MappedCall, is_well: bool, now: datetime
) -> Call | None:
    """Make a call whole with its record; None where the answer comes too late to count.

    `is_well` says that the vendor was asked, and answered.
    """
    if _row_of(transaction, claim) is None:
        return None
    if is_well:
        _show_well(transaction, claim, now)
    row = _freed_row(transaction, claim, now)
    is_to_ring = mapped.state is State.WAITING and not is_blocked(transaction, mapped.phone)
    holder = _key_holder(transaction, row, mapped, now) if is_to_ring else None
    call = remap(transaction, row, mapped, duplicate_of=holder)
    return _ended(transaction, call, _move(transaction, call, mapped, now), now)


def miss_lookup(  # noqa: PLR0913, PLR0917 - what a try without an answer showed
    transaction: Transaction,
    claim: LookupClaim,
    move: Move,
    denied_by: str,
    is_well: bool,
    now: datetime,
) -> Call | None:
    """Move a call whose record was not had; `denied_by` holds all of its source that need one.

    `is_well` says that the vendor answered and did not deny. None where it comes too late to count.
    """
    row = _row_of(transaction, claim)
    if row is None:
        return None
    switch = source(transaction, claim.call.source)
    if _denies(switch, claim, denied_by):
        denied = replace(
            switch,
            denied_by=denied_by,
            denied_fingerprint=claim.fingerprint,
            probe_at=now + PROBE_EVERY,
        )
        turn(transaction, denied, now)
    elif is_well:
        _show_well(transaction, claim, now)
    call = call_at(_read(transaction, claim.call.id), now)
    return _ended(transaction, call, move, now) if call.state is State.WAITING else call


def _key_holder(
    transaction: Transaction, row: AnyRow, mapped: MappedCall, now: datetime
) -> str | None:
    """Claim a call's keys, or none but those that it has, and return who holds one of them."""
    with transaction.connection.begin_nested() as attempt:
        holder = claim_keys(transaction, row.source, row.id, mapped.keys, now)
        if holder is not None:
            attempt.rollback()
    return holder


def _denies(switch: SourceSwitch, claim: LookupClaim, denied_by: str) -> bool:
    """Whether a denial is the source's: neither an old configuration's nor one record's own.

    Who is let in to other records, and was since this one's lead came, is forbidden this record.
    """
    is_records_own = (
        denied_by == _FORBIDDEN
        and switch.well_at is not None
        and switch.well_at >= claim.call.created_at
    )
    return bool(denied_by) and claim.fingerprint == switch.fingerprint and not is_records_own


def reconcile_lookups(
    transaction: Transaction, fingerprints: Mapping[str, str], now: datetime
) -> tuple[str, ...]:
    """Compare with the configured look-ups (source → fingerprint), at start and at each reload.

    Those denied under another configuration are released. Returns the sources that have look-ups,
    or calls that need one.
    """
    connection = transaction.connection
    asking = {name for name, each in fingerprints.items() if each}
    asking |= set(connection.execute(_ASKING).scalars())
    for name in sorted({*asking, *connection.execute(_KNOWN).scalars()}):
        before = source(transaction, name)
        found = fingerprints.get(name, "")
        well_at = before.well_at if found == before.fingerprint else None
        after = replace(before, fingerprint=found, well_at=well_at)
        if after.denied_by and after.denied_fingerprint != after.fingerprint:
            turn(transaction, undenied(after), now)
        elif after != before:
            put_source(transaction, after)
    return tuple(sorted(asking))


def end_leases(transaction: Transaction, now: datetime) -> None:
    """Make whatever waits for a look-up due at once: who had leased it is gone."""
    transaction.connection.execute(_END_LEASES, {"at": now})


def _due(transaction: Transaction, wish: LookupWish) -> list[AnyRow]:
    return _rows(transaction, DUE, wish, wish.limit)


def _probed(transaction: Transaction, switch: SourceSwitch, wish: LookupWish) -> list[AnyRow]:
    """Return the calls of which one is to be tried: the last try's, if it was cut off, first."""
    if switch.probe_at is not None and switch.probe_at > wish.now:
        return []
    rows = [*_rows(transaction, DUE, wish, 1), *_rows(transaction, _DENIED, wish, PAGE)]
    if not rows:
        put_source(transaction, replace(switch, probe_at=wish.now + PROBE_EVERY))
    return rows


def _rows(transaction: Transaction, query: Prepared, wish: LookupWish, page: int) -> list[AnyRow]:
    values = {"source": wish.source, "now": wish.now, "page": page}
    return query.rows(transaction.connection, values)


def _freed(transaction: Transaction, call: Call, now: datetime) -> Call:
    if call.state is State.WAITING:
        return call
    release = Move(state=State.WAITING, reason=Reason.LOOKUP, due_at=now)
    return move_call(transaction, call, release, now)


def _leased(transaction: Transaction, call: Call, wish: LookupWish) -> Call:
    until = wish.now + wish.lease
    _LEASE.run(transaction.connection, {"call_id": call.id, "until": until})
    return replace(call, lookups=(call.lookups or 0) + 1, due_at=until)


def _ended(transaction: Transaction, call: Call, move: Move, now: datetime) -> Call:
    moved = move_call(transaction, call, move, now)
    if moved.state in (State.REFUSED, State.IGNORED):  # else its webhook is `mapped`, as it was
        judge_webhook(transaction, moved.webhook)
    return moved


def _move(transaction: Transaction, call: Call, mapped: MappedCall, now: datetime) -> Move:
    """Return where a call goes that was looked up, as `intake.place` decides of a new one."""
    if mapped.state is not State.WAITING:
        return Move(state=mapped.state, reason=mapped.reason, detail=mapped.detail)
    if is_blocked(transaction, mapped.phone):
        return BLOCKED
    if call.duplicate_of is not None:
        return Move(state=State.IGNORED, reason=Reason.DUPLICATE)
    hold = hold_of(transaction, call.source, call.agent)
    due_at = mapped.due_at or now
    return hold or Move(
        state=State.WAITING, reason=mapped.reason, detail=mapped.detail, due_at=due_at
    )


def _next_due(transaction: Transaction, name: str) -> datetime | None:
    switch = source(transaction, name)
    if switch.denied_by:
        return switch.probe_at
    (row,) = _EARLIEST.rows(transaction.connection, {"source": name})
    due_at: datetime | None = row.due_at
    return due_at


def _row_of(transaction: Transaction, claim: LookupClaim) -> AnyRow | None:
    """Return a claim's call as it is stored, if the claim still holds.

    It does, although another call's answer denied the source meanwhile.
    """
    row = _read(transaction, claim.call.id)
    if row is None or row.lookups != claim.call.lookups:
        return None
    is_denied = row.state == State.HELD and row.reason == Reason.LOOKUP_DENIED
    return row if row.state == State.WAITING or is_denied else None


def _freed_row(transaction: Transaction, claim: LookupClaim, now: datetime) -> AnyRow:
    """Return a claim's call as it is stored, waiting also where its source is denied."""
    _freed(transaction, call_at(_read(transaction, claim.call.id), now), now)
    return _read(transaction, claim.call.id)


def _read(transaction: Transaction, call_id: str) -> AnyRow | None:
    return next(iter(_CALL.rows(transaction.connection, {"call_id": call_id})), None)


def _show_well(transaction: Transaction, claim: LookupClaim, now: datetime) -> None:
    """Note that the vendor lets us in, and release what a denial holds."""
    switch = source(transaction, claim.call.source)
    if claim.fingerprint != switch.fingerprint:
        return
    if switch.denied_by:
        turn(transaction, replace(undenied(switch), well_at=whole_ms(now)), now)
    else:
        put_source(transaction, replace(switch, well_at=whole_ms(now)))
