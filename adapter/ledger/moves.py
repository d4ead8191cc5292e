"""The one place that changes a call's state: the table of legal moves as prepared statements.

Promise: every move is checked against the table here and by a trigger in the database, frees the
dedupe keys that the new state may not hold, keeps the time that does not count, and is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    Update,
    bindparam,
    case,
    func,
    literal_column,
    null,
    update,
)

from adapter.errors import IllegalMoveError
from adapter.ledger.dedupe import free_keys_of_unrung
from adapter.ledger.rows import Moment, whole_ms
from adapter.ledger.sqlite.dialect import Prepared, greatest, least
from adapter.ledger.tables import calls
from adapter.ledger.writer import Transaction
from adapter.model import (
    HOLDS_KEYS,
    LEGAL_MOVES,
    MAY_HAVE_RUNG,
    Call,
    Move,
    Reason,
    State,
    check_move,
)

# The parameters of every move.
_AT = bindparam("at", type_=Moment)


_REASON = bindparam("to_reason", type_=Text())


_EVERY_MOVE = {
    "reason": _REASON,
    "detail": bindparam("to_detail"),
    "due_at": bindparam("to_due_at", type_=Moment),
    "updated_at": _AT,
}


_Values = dict[str, Any]


_ENTERING: Mapping[State, _Values] = {
    State.SENDING: {
        "attempts": calls.c.attempts + 1,
        "rang_before": calls.c.rang_at,
        "rang_at": _AT,
    },
    State.HELD: {"held_at": _AT},
    State.WAITING: {"shut_at": case((_REASON.op("=")(Reason.OUTSIDE_HOURS.value), _AT))},
}


_LEAVING_HELD: _Values = {
    # A clock set back must not make a lead older than it is.
    "uncounted_ms": calls.c.uncounted_ms + greatest(0, _AT - calls.c.held_at),
    "held_at": null(),
}


_LEAVING_WAITING: _Values = {
    # Once it is due, its agent's hours have begun, and what it waits for is something else.
    "uncounted_ms": calls.c.uncounted_ms
    + greatest(0, least(_AT, calls.c.due_at) - func.coalesce(calls.c.shut_at, _AT)),
    "shut_at": null(),
}


_DID_NOT_RING: _Values = {"rang_at": calls.c.rang_before}


_NEVER_RANG: _Values = {"rang_at": null(), "rang_before": null()}


def _leaving(old: State, new: State) -> _Values:
    if old is State.HELD:
        return _LEAVING_HELD
    if old is State.WAITING:
        return _LEAVING_WAITING
    if old is State.SENDING and new not in MAY_HAVE_RUNG:
        return _DID_NOT_RING
    if old is State.UNCERTAIN and new is State.FAILED:
        return _NEVER_RANG
    return {}


def state_is(state: State) -> ColumnElement[bool]:
    """Return the condition with the word in the text: partial indexes need that."""
    return calls.c.state == literal_column(f"'{state}'")


def _prepare(old: State, new: State) -> Update:
    values: dict[str, Any] = {**_EVERY_MOVE}
    if old is not new:
        values |= {"state": literal_column(f"'{new}'")}
    if old is not new or old is State.WAITING:
        values |= _leaving(old, new) | _ENTERING.get(new, {})
    return update(calls).where(state_is(old)).values(values)


# Rescheduling, and a new reason for an old state, are no moves and always legal.
_STAYS = {(state, state) for state in (State.WAITING, State.HELD, State.REFUSED, State.IGNORED)}


_MOVES = {(old, new) for old, targets in LEGAL_MOVES.items() for new in targets}


_PREPARED = {pair: _prepare(*pair) for pair in _MOVES | _STAYS}


_ONE_BY_ONE = {
    pair: Prepared(statement.where(calls.c.id == bindparam("call_id")))
    for pair, statement in _PREPARED.items()
}


def move_call(transaction: Transaction, call: Call, move: Move, now: datetime) -> Call:
    """Move one call and return it as it is now; see `move_calls`."""
    return move_calls(transaction, [(call, move)], now)[0]


def move_calls(
    transaction: Transaction, moves: Sequence[tuple[Call, Move]], now: datetime
) -> list[Call]:
    """Apply moves, all from one state to one state; return the calls as they are now.

    IllegalMoveError if the table has no such move or a call is no longer in its old state.
    The gain of `uncounted_s` is in what comes back only if it was in what came (`rows.call_at`).
    """
    if not moves:
        return []
    old, new = moves[0][0].state, moves[0][1].state
    if (old, new) not in _STAYS:
        check_move(old, new)
    at = whole_ms(now)
    rows = [_call_parameters(call, move, at) for call, move in moves]
    if _ONE_BY_ONE[old, new].run_each(transaction.connection, rows) != len(rows):
        raise IllegalMoveError(f"a call that was to go from {old} to {new} was not {old}")
    if old in HOLDS_KEYS and new not in HOLDS_KEYS:
        free_keys_of_unrung(transaction, [call.id for call, _ in moves])
    for call, _ in moves:
        transaction.count(call.agent, old, -1)
        transaction.count(call.agent, new, 1)
    return [_moved(call, move, at) for call, move in moves]


def bulk_move(old: State, new: State, *where: ColumnElement[bool]) -> Update:
    """Prepare a move of all of an agent's calls that meet a condition, for `move_all`.

    Calls whose agent a look-up has yet to tell count as those of the agent None.
    """
    return (
        _PREPARED[old, new]
        .where(calls.c.agent.is_not_distinct_from(bindparam("agent_name", type_=Text())), *where)
        .execution_options(old=old, new=new)
    )


def move_all(
    transaction: Transaction,
    prepared: Update,
    agent: str | None,
    move: Move,
    now: datetime,
    **more: object,
) -> int:
    """Apply a move prepared by `bulk_move`; return how many calls it moved.

    Only for moves between states that hold dedupe keys: none is freed here. `more` are the
    parameters of the condition.
    """
    options = prepared.get_execution_options()
    values = _parameters(move, whole_ms(now)) | {"agent_name": agent} | more
    moved = transaction.connection.execute(prepared, values).rowcount
    transaction.count(agent, options["old"], -moved)
    transaction.count(agent, options["new"], moved)
    return moved


def _call_parameters(call: Call, move: Move, at: datetime) -> dict[str, object]:
    return _parameters(move, at) | {"call_id": call.id}


def _parameters(move: Move, at: datetime) -> dict[str, object]:
    return {
        "to_reason": move.reason,
        "to_detail": move.detail,
        "to_due_at": move.due_at,
        "at": at,
    }


def _moved(call: Call, move: Move, at: datetime) -> Call:
    is_start = move.state is State.SENDING
    return replace(
        call,
        state=move.state,
        reason=move.reason,
        detail=move.detail,
        due_at=None if move.due_at is None else whole_ms(move.due_at),
        attempts=call.attempts + is_start,
        updated_at=at,
    )


BLOCKED = Move(state=State.IGNORED, reason=Reason.BLOCKED)
