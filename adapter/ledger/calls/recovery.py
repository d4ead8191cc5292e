"""Starting again after any end of the process: sweep what was cut off, count what is there."""

from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, func, select, update

from adapter.ledger.calls.lookup_claims import end_leases
from adapter.ledger.moves import move_calls, state_is
from adapter.ledger.rows import Moment, call_of
from adapter.ledger.sqlite.dialect import upsert
from adapter.ledger.tables import attempts, calls, pulse
from adapter.ledger.writer import Tally, Transaction
from adapter.model import Move, Outcome, Reason, State

_CUT_OFF = select(calls).where(state_is(State.SENDING))
_END_ALL = (
    update(attempts)
    .where(attempts.c.ended_at.is_(None))
    .values(ended_at=bindparam("at", type_=Moment), outcome=Outcome.PERHAPS.value)
)
_COUNTS = select(calls.c.agent, calls.c.state, func.count()).group_by(calls.c.agent, calls.c.state)
_BEAT = upsert(pulse)


def recover(engine: Engine, now: datetime | None) -> tuple[Tally, int]:
    """Sweep, unless `now` is None, and count; return the tally and how many calls it swept."""
    with engine.begin() as connection:
        swept = sweep(Transaction(connection), now) if now else 0
        if now:
            end_leases(Transaction(connection), now)
        return load_tally(connection), swept


def sweep(transaction: Transaction, now: datetime) -> int:
    """Make every call that was `sending` `uncertain`: it may have rung. Return how many."""
    move = Move(state=State.UNCERTAIN, reason=Reason.PROCESS_DIED)
    cut_off = [(call_of(row), move) for row in transaction.connection.execute(_CUT_OFF)]
    if cut_off:
        transaction.connection.execute(_END_ALL, {"at": now})
        move_calls(transaction, cut_off, now)
    return len(cut_off)


def load_tally(connection: Connection) -> Tally:
    """Count the calls by agent and state."""
    rows = connection.execute(_COUNTS)
    return Tally({(agent, State(state)): count for agent, state, count in rows})


def beat(transaction: Transaction, now: datetime) -> None:
    """Write one row, to see that the machine lets us."""
    transaction.connection.execute(_BEAT, {"id": 1, "at": now})
