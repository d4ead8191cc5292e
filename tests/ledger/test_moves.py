"""The table of legal moves, held by the code and, whatever writes to the file, by the database."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select

from adapter.errors import IllegalMoveError, LedgerError
from adapter.ledger.moves import move_call
from adapter.ledger.tables import calls
from adapter.ledger.writer import Transaction
from adapter.model import LEGAL_MOVES, Call, Move, State
from tests.harness.ledger import Desk

PAIRS = [(old, new) for old in State for new in State if old is not new]
LEGAL = [pair for pair in PAIRS if pair[1] in LEGAL_MOVES[pair[0]]]
ILLEGAL = [pair for pair in PAIRS if pair not in LEGAL]
STAYS = [State.WAITING, State.HELD, State.REFUSED, State.IGNORED]
# What the row needs beside its state, to meet the other constraints of the table.
DRESS = {State.WAITING: "due_at = 1, held_at = NULL", State.HELD: "due_at = NULL, held_at = 1"}
UNDRESS = "due_at = NULL, held_at = NULL"


def move(desk: Desk, call: Call, new: State) -> Call:
    """Ask the ledger's writer for one move."""
    due_at = desk.clock() if new is State.WAITING else None
    wanted = Move(state=new, reason="why", due_at=due_at, detail="what")

    def job(transaction: Transaction) -> Call:
        return move_call(transaction, call, wanted, desk.clock())

    return desk.do(desk.ledger._writer.submit(job))


@pytest.mark.parametrize(("old", "new"), LEGAL)
def test_a_legal_move_is_made_and_counted(desk: Desk, old: State, new: State) -> None:
    """The answer is what is stored, and the tally agrees with the file."""
    moved = move(desk, desk.bring_to(old), new)
    assert (moved.state, moved.reason, moved.detail) == (new, "why", "what")
    assert desk.call(moved.id) == moved
    assert desk.ledger.tally.by_state() == desk.counted()


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
def test_an_illegal_move_raises_and_changes_nothing(desk: Desk, old: State, new: State) -> None:
    """The code refuses what the table does not have."""
    call = desk.bring_to(old)
    with pytest.raises(IllegalMoveError, match=f"from {old} to {new}"):
        move(desk, call, new)
    assert desk.call(call.id) == call
    assert desk.ledger.tally.by_state() == desk.counted()


@pytest.mark.parametrize("state", STAYS)
def test_a_state_may_get_a_new_reason(desk: Desk, state: State) -> None:
    """Rescheduling is no move."""
    moved = move(desk, desk.bring_to(state), state)
    assert (moved.state, moved.reason) == (state, "why")
    assert desk.call(moved.id) == moved


@pytest.mark.parametrize(("old", "new"), LEGAL)
def test_the_database_lets_a_legal_move_pass(desk: Desk, old: State, new: State) -> None:
    """The trigger knows the same table."""
    call = desk.bring_to(old)
    dress = DRESS.get(new, UNDRESS)
    desk.sql(f"UPDATE calls SET state = ?, {dress} WHERE id = ?", new.value, call.id)
    assert desk.call(call.id).state is new


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
def test_the_database_refuses_an_illegal_move(desk: Desk, old: State, new: State) -> None:
    """Nobody can go round the table, not even with a shell on the file."""
    call = desk.bring_to(old)
    dress = DRESS.get(new, UNDRESS)
    with pytest.raises(sqlite3.IntegrityError, match="illegal move"):
        desk.sql(f"UPDATE calls SET state = ?, {dress} WHERE id = ?", new.value, call.id)
    assert desk.call(call.id) == call


@pytest.mark.parametrize(
    "change",
    [
        "state = 'lost'",
        "due_at = NULL",
        "held_at = 1",
        "state = 'held', due_at = NULL",
    ],
)
def test_the_database_refuses_a_call_that_nobody_would_find(desk: Desk, change: str) -> None:
    """A waiting call has a time, a held one a beginning, and no state is unnamed."""
    desk.bring_to(State.WAITING)
    with pytest.raises(sqlite3.IntegrityError):
        desk.sql(f"UPDATE calls SET {change}")


def test_the_database_allows_one_live_attempt_a_call(desk: Desk) -> None:
    """Two attempts of one call can never be under way."""
    call = desk.bring_to(State.SENDING)
    with pytest.raises(sqlite3.IntegrityError):
        desk.sql("INSERT INTO attempts (call, number, started_at) VALUES (?, 2, 0)", call.id)


def test_the_triggers_refusal_is_an_illegal_move_here(desk: Desk) -> None:
    """A move that went round the code is named as what it is."""
    call = desk.bring_to(State.RUNG)

    def job(transaction: Transaction) -> None:
        transaction.connection.execute(calls.update().values(state=State.FAILED.value))

    with pytest.raises(IllegalMoveError, match="legal moves"):
        desk.do(desk.ledger._writer.submit(job))
    assert desk.call(call.id) == call


def test_a_broken_constraint_is_a_ledger_error_without_values(desk: Desk) -> None:
    """The message names the code, never a phone."""
    call = desk.bring_to(State.WAITING)

    def job(transaction: Transaction) -> None:
        row = transaction.connection.execute(select(calls)).one()
        transaction.connection.execute(calls.insert(), row._asdict())

    with pytest.raises(LedgerError, match="SQLITE_CONSTRAINT") as caught:
        desk.do(desk.ledger._writer.submit(job))
    assert str(call.phone) not in f"{caught.value} {caught.value.__cause__}"


def test_a_call_that_moved_meanwhile_is_not_moved_again(desk: Desk) -> None:
    """A move names the state that it leaves; a stale one changes nothing."""
    stale = desk.bring_to(State.WAITING)
    move(desk, stale, State.HELD)
    with pytest.raises(IllegalMoveError, match="was not waiting"):
        move(desk, stale, State.SENDING)


def test_time_held_is_kept_apart(desk: Desk) -> None:
    """Seconds held do not count towards the age of a lead, however often it was held."""
    call = desk.bring_to(State.WAITING)
    for seconds in (90, 30.5):
        call = move(desk, call, State.HELD)
        desk.clock.advance(timedelta(seconds=seconds))
        call = move(desk, call, State.WAITING)
        desk.clock.advance(timedelta(seconds=1000))
    assert desk.call(call.id).uncounted_s == 120.5


def test_a_clock_set_back_takes_no_seconds_away(desk: Desk) -> None:
    """A hold never makes a lead older than it is."""
    call = move(desk, desk.bring_to(State.WAITING), State.HELD)
    desk.clock.advance(timedelta(seconds=-60))
    move(desk, call, State.WAITING)
    assert desk.call(call.id).uncounted_s == 0
