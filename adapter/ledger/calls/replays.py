"""Replays: a person asks to ring a call again, or records what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from adapter.errors import ConflictError
from adapter.ledger.calls.accepting import (
    Draft,
    insert_calls,
    keep_numbers,
    numbers_of,
    place,
)
from adapter.ledger.calls.captures import check_may_ring
from adapter.ledger.calls.remapping import CALLS, judge_webhook, remap
from adapter.ledger.dedupe import Repeats, claim_keys, is_blocked
from adapter.ledger.holds.sources import hold_of
from adapter.ledger.moves import BLOCKED, move_call
from adapter.ledger.records import Replayed
from adapter.ledger.rows import AnyRow, call_of, webhook_of
from adapter.ledger.tables import calls, dedupe_keys, webhooks
from adapter.ledger.writer import Transaction
from adapter.model import (
    MAY_HAVE_RUNG,
    REPLAYABLE,
    Call,
    DedupeKey,
    MappedCall,
    Move,
    Reason,
    State,
)

_CALL = select(calls).where(calls.c.id == bindparam("call_id"))
_WEBHOOK = select(webhooks).where(webhooks.c.id == bindparam("webhook_id"))
_DROP_OTHER_KEYS = delete(dedupe_keys).where(
    dedupe_keys.c.call == bindparam("call_id"),
    dedupe_keys.c.digest.not_in(bindparam("digests", expanding=True)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookReplay:
    """A webhook mapped anew: its drafts, its own reason, and the states to replay calls from."""

    webhook_id: str
    drafts: tuple[Draft, ...]
    reason: str
    states: Collection[State]


def resolve(
    transaction: Transaction, call_id: str, rung: bool, now: datetime, note: str = ""
) -> Call:
    """Move an uncertain call to `rung` or `failed` on a person's word, whose note is its detail."""
    call = call_of(_stored_row(transaction, call_id))
    if call.state is not State.UNCERTAIN:
        raise ConflictError(f"only an uncertain call can be resolved, and this one is {call.state}")
    move = (
        Move(state=State.RUNG, reason=Reason.RESOLVED_RUNG, detail=note)
        if rung
        else Move(state=State.FAILED, reason=Reason.RESOLVED_NOT_RUNG, detail=note)
    )
    return move_call(transaction, call, move, now)


def replay(
    transaction: Transaction, call_id: str, mapped: MappedCall, repeats: Repeats, now: datetime
) -> Replayed:
    """Replay one call and bring its webhook's state up to date."""
    row = _stored_row(transaction, call_id)
    replayed = _replay_one(transaction, row, mapped, repeats, now)
    judge_webhook(transaction, row.webhook, "")
    return replayed


def replay_webhook(
    transaction: Transaction, webhook_replay: WebhookReplay, now: datetime
) -> tuple[Replayed, ...]:
    """Replay the calls of a webhook that are in `states`, and store those that are new to it."""
    named = {"webhook_id": webhook_replay.webhook_id}
    stored = transaction.connection.execute(_WEBHOOK, named).one_or_none()
    if stored is None:
        raise ConflictError("there is no such webhook: it may be past its retention")
    rows = {row.position: row for row in transaction.connection.execute(CALLS, named)}
    check_may_ring(webhook_of(stored, b""), rows)
    answers = [
        _replay_or_say(transaction, rows[draft.position], draft, webhook_replay.states, now)
        for draft in webhook_replay.drafts
        if draft.position in rows
    ]
    source = webhook_of(stored, stored.body)
    new = [draft for draft in webhook_replay.drafts if draft.position not in rows]
    added = [place(transaction, source, draft, now) for draft in new]
    insert_calls(transaction, added)
    for draft in new:
        keep_numbers(transaction, source.id, draft.position, numbers_of(draft.mapped))
    if answers and not added and all(answer.conflict for answer in answers):
        raise ConflictError("; ".join(sorted({answer.conflict for answer in answers})))
    judge_webhook(transaction, webhook_replay.webhook_id, webhook_replay.reason)
    return (*answers, *(Replayed(call=call, may_have_rung=False) for call in added))


def _stored_row(transaction: Transaction, call_id: str) -> AnyRow:
    row = transaction.connection.execute(_CALL, {"call_id": call_id}).one_or_none()
    if row is None:
        raise ConflictError("there is no such call: it may be past its retention")
    return row


def _replay_or_say(
    transaction: Transaction, row: AnyRow, draft: Draft, states: Collection[State], now: datetime
) -> Replayed:
    may_have_rung = row.rang_at is not None
    if row.state not in states:
        conflict = f"a call that is {row.state} was left as it is; replay it by its own id"
        return Replayed(call=call_of(row), may_have_rung=may_have_rung, conflict=conflict)
    try:
        with transaction.connection.begin_nested():
            return _replay_one(transaction, row, draft.mapped, draft.repeats, now)
    except ConflictError as error:
        return Replayed(call=call_of(row), may_have_rung=may_have_rung, conflict=str(error))


def _replay_one(
    transaction: Transaction, row: AnyRow, mapped: MappedCall, repeats: Repeats, now: datetime
) -> Replayed:
    call, may_have_rung = call_of(row), row.rang_at is not None
    mapped = _unless_blocked(transaction, mapped)
    _check_replay(call, mapped)
    if mapped.state is State.WAITING:
        keys = (*mapped.keys, *repeats.keys_at(call.position))
        _claim_again(transaction, call, mapped.phone, keys, now)
        if not mapped.is_before_lookup:  # else it is not known yet which are its own
            _drop_other_keys(transaction, call, keys)
    call = remap(transaction, row, mapped)
    move = Move(
        state=mapped.state,
        reason=mapped.reason,
        detail=mapped.detail,
        due_at=mapped.due_at or now if mapped.state is State.WAITING else None,
    )
    hold = hold_of(transaction, call.source, call.agent, is_before_lookup=mapped.is_before_lookup)
    steps = [move, hold] if hold and mapped.state is State.WAITING else [move]
    if mapped.state not in (State.WAITING, call.state):
        # The table's way from one ended state to another leads through `waiting`.
        steps = [Move(state=State.WAITING, reason=Reason.NEW, due_at=now), move]
    for step in steps:
        call = move_call(transaction, call, step, now)
    return Replayed(call=call, may_have_rung=may_have_rung)


def _unless_blocked(transaction: Transaction, mapped: MappedCall) -> MappedCall:
    if mapped.state is not State.WAITING or not is_blocked(transaction, mapped.phone):
        return mapped
    return replace(mapped, state=BLOCKED.state, reason=BLOCKED.reason, due_at=None)


def _check_replay(call: Call, mapped: MappedCall) -> None:
    if call.state not in REPLAYABLE:
        raise ConflictError(f"a call that is {call.state} cannot be replayed: it has not ended")
    if call.state in MAY_HAVE_RUNG and mapped.state is not State.WAITING:
        # To store the refusal would lose that the phone may have rung.
        raise ConflictError(
            f"this call would now be {mapped.state} ({mapped.reason}): it stays {call.state}"
        )


def _claim_again(
    transaction: Transaction,
    call: Call,
    phone: str | None,
    keys: Sequence[DedupeKey],
    now: datetime,
) -> None:
    holder = claim_keys(transaction, call.source, call.id, phone, keys, now)
    if holder is not None:
        raise ConflictError(f"the dedupe key of this call is held by call {holder}")


def _drop_other_keys(transaction: Transaction, call: Call, keys: Sequence[DedupeKey]) -> None:
    values = {"call_id": call.id, "digests": [key.digest for key in keys]}
    transaction.connection.execute(_DROP_OTHER_KEYS, values)
