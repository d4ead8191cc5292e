"""The end of a look-up: the move of its call, and of its source's switch.

Promise: an answer that comes after its lease, or to a call that a person held meanwhile, changes
nothing. With the answer a call takes its dedupe keys and meets its gates in one commit, as at
intake.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select

from adapter.ledger.calls.lookup_claims import PROBE_EVERY, move_and_judge, release_hold
from adapter.ledger.calls.remapping import remap
from adapter.ledger.dedupe import claim_keys, is_blocked
from adapter.ledger.holds.sources import hold_of, put_source, source_switch, turn_source, undenied
from adapter.ledger.moves import BLOCKED
from adapter.ledger.records import LookupClaim, SourceSwitch
from adapter.ledger.rows import AnyRow, call_at, whole_ms
from adapter.ledger.sqlite.dialect import Prepared
from adapter.ledger.tables import calls
from adapter.ledger.writer import Transaction
from adapter.model import Call, MappedCall, Move, Reason, State

_FORBIDDEN = "403"  # of a record, perhaps; a 401 is of the asker

_CALL = Prepared(select(calls).where(calls.c.id == bindparam("call_id")))


def answer_lookup(
    transaction: Transaction, claim: LookupClaim, mapped: MappedCall, is_well: bool, now: datetime
) -> Call | None:
    """Make a call whole with its record; None where the answer comes too late to count.

    `is_well` says that the vendor was asked, and answered.
    """
    if _claimed_row(transaction, claim) is None:
        return None
    if is_well:
        _show_well(transaction, claim, now)
    row = _waiting_row(transaction, claim, now)
    is_to_ring = mapped.state is State.WAITING and not is_blocked(transaction, mapped.phone)
    holder = _key_holder(transaction, row, mapped, now) if is_to_ring else None
    call = remap(transaction, row, mapped, duplicate_of=holder)
    return move_and_judge(transaction, call, _next_move(transaction, call, mapped, now), now)


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
    row = _claimed_row(transaction, claim)
    if row is None:
        return None
    switch = source_switch(transaction, claim.call.source)
    if _denies(switch, claim, denied_by):
        denied = replace(
            switch,
            denied_by=denied_by,
            denied_fingerprint=claim.fingerprint,
            probe_at=now + PROBE_EVERY,
        )
        turn_source(transaction, denied, now)
    elif is_well:
        _show_well(transaction, claim, now)
    call = call_at(_stored_row(transaction, claim.call.id), now)
    return move_and_judge(transaction, call, move, now) if call.state is State.WAITING else call


def _key_holder(
    transaction: Transaction, row: AnyRow, mapped: MappedCall, now: datetime
) -> str | None:
    """Claim a call's keys, or none but those that it has, and return who holds one of them."""
    with transaction.connection.begin_nested() as attempt:
        holder = claim_keys(transaction, row.source, row.id, mapped.phone, mapped.keys, now)
        if holder is not None:
            attempt.rollback()
    return holder


def _next_move(transaction: Transaction, call: Call, mapped: MappedCall, now: datetime) -> Move:
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


def _denies(switch: SourceSwitch, claim: LookupClaim, denied_by: str) -> bool:
    """Whether a denial is the source's: neither an old configuration's nor one record's own.

    An asker that was let in to other records since this one's lead came is forbidden this record.
    """
    is_records_own = (
        denied_by == _FORBIDDEN
        and switch.well_at is not None
        and switch.well_at >= claim.call.created_at
    )
    return bool(denied_by) and claim.fingerprint == switch.fingerprint and not is_records_own


def _show_well(transaction: Transaction, claim: LookupClaim, now: datetime) -> None:
    """Note that the vendor lets us in, and release what a denial holds."""
    switch = source_switch(transaction, claim.call.source)
    if claim.fingerprint != switch.fingerprint:
        return
    if switch.denied_by:
        turn_source(transaction, replace(undenied(switch), well_at=whole_ms(now)), now)
    else:
        put_source(transaction, replace(switch, well_at=whole_ms(now)))


def _claimed_row(transaction: Transaction, claim: LookupClaim) -> AnyRow | None:
    """Return a claim's call as it is stored, if the claim still holds.

    It does, although another call's answer denied the source meanwhile.
    """
    row = _stored_row(transaction, claim.call.id)
    if row is None or row.lookups != claim.call.lookups:
        return None
    is_denied = row.state == State.HELD and row.reason == Reason.LOOKUP_DENIED
    return row if row.state == State.WAITING or is_denied else None


def _waiting_row(transaction: Transaction, claim: LookupClaim, now: datetime) -> AnyRow:
    """Return a claim's call as it is stored, waiting also where its source is denied."""
    release_hold(transaction, call_at(_stored_row(transaction, claim.call.id), now), now)
    return _stored_row(transaction, claim.call.id)


def _stored_row(transaction: Transaction, call_id: str) -> AnyRow | None:
    return next(iter(_CALL.rows(transaction.connection, {"call_id": call_id})), None)
