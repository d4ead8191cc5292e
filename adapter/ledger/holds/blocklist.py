"""Numbers that are never rung: blocked by a person.

Promise: once a block is committed no attempt to its number begins; what waits or is held is ended
in the same commit.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select

from adapter.ledger.moves import BLOCKED, move_call, state_is
from adapter.ledger.records import Blocked, Blocking
from adapter.ledger.rows import call_at
from adapter.ledger.sqlite.dialect import Prepared, insert
from adapter.ledger.tables import blocked, calls
from adapter.ledger.writer import Transaction
from adapter.model import State
from adapter.values.numbering_plans import person_of

_ADD = Prepared(insert(blocked).on_conflict_do_nothing())


_NOTE = Prepared(
    blocked.update().where(blocked.c.person == bindparam("whose")).values(note=bindparam("to_note"))
)


_DROP = Prepared(delete(blocked).where(blocked.c.person == bindparam("whose")))


_YET_TO_RING = Prepared(
    select(calls).where(
        calls.c.person == bindparam("whose"), or_(state_is(State.WAITING), state_is(State.HELD))
    )
)


def block(transaction: Transaction, phones: Sequence[str], note: str, now: datetime) -> Blocking:
    """Block numbers, and end their calls that wait or are held; a new note replaces the old.

    A number with two spellings is blocked in both, and stands in the list as it came first.
    """
    connection = transaction.connection
    rows = [
        {"phone": phone, "person": person_of(phone), "created_at": now, "note": note}
        for phone in phones
    ]
    added = sum(_ADD.run(connection, row) for row in rows)
    persons = [row["person"] for row in rows]
    if note:
        _NOTE.run_each(connection, [{"whose": person, "to_note": note} for person in persons])
    ended = sum(_end_calls(transaction, person, now) for person in persons)
    return Blocking(added=added, calls=ended)


def unblock(transaction: Transaction, phones: Sequence[str]) -> int:
    """Let numbers be rung again; return how many were blocked."""
    return sum(_DROP.run(transaction.connection, {"whose": person_of(phone)}) for phone in phones)


def _end_calls(transaction: Transaction, person: object, now: datetime) -> int:
    rows = _YET_TO_RING.rows(transaction.connection, {"whose": person})
    for row in rows:
        move_call(transaction, call_at(row, now), BLOCKED, now)
    return len(rows)


def blocks_page(
    connection: Connection, limit: int, cursor: str | None, persons: Sequence[str] | None = None
) -> tuple[list[Blocked], str | None]:
    """Return a page of blocked numbers, in order of the numbers, and the next page's cursor.

    With `persons` only those that are one of them.
    """
    query = select(blocked).order_by(blocked.c.phone).limit(limit + 1)
    if persons is not None:
        query = query.where(blocked.c.person.in_(persons))
    if cursor is not None:
        query = query.where(blocked.c.phone > cursor)
    rows = connection.execute(query).all()
    page = [Blocked(phone=r.phone, created_at=r.created_at, note=r.note) for r in rows[:limit]]
    return page, page[-1].phone if len(rows) > limit else None
