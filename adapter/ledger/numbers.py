"""Finding by a number: the webhooks and calls that were kept with it.

Promise: whoever wrote is found, though no call was made: the number was invalid, a guard turned it
away, or nobody has a mapping for it. `calls/accepting.py` keeps the hashes.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, tuple_

from adapter.ledger.calls.accepting import NO_CALL, hashes_of
from adapter.ledger.sqlite.dialect import Prepared
from adapter.ledger.tables import calls, numbers, webhooks
from adapter.ledger.writer import Transaction

_OF_CALL = Prepared(
    delete(numbers).where(
        numbers.c.webhook == bindparam("webhook_id"), numbers.c.position == bindparam("place")
    )
)
_OF_NUMBER = Prepared(delete(numbers).where(numbers.c.hash == bindparam("hashed")))


def is_webhook_of(connection: Connection, terms: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition of webhooks that one of these terms finds."""
    found = select(numbers.c.webhook).where(numbers.c.hash.in_(hashes_of(connection, terms)))
    return webhooks.c.id.in_(found)


def is_call_of(connection: Connection, terms: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition of calls that one of these terms finds."""
    found = select(numbers.c.webhook, numbers.c.position)
    found = found.where(numbers.c.hash.in_(hashes_of(connection, terms)))
    return tuple_(calls.c.webhook, calls.c.position).in_(found)


def drop_numbers(
    transaction: Transaction,
    terms: Sequence[str],
    webhook_ids: Iterable[str],
    places: Sequence[tuple[str, int]],
) -> None:
    """Delete by what a person was found, whatever their calls were found by, and raw webhooks."""
    connection = transaction.connection
    _OF_NUMBER.run_each(connection, [{"hashed": h} for h in hashes_of(connection, terms)])
    erased = [*places, *((webhook_id, NO_CALL) for webhook_id in webhook_ids)]
    _OF_CALL.run_each(connection, [{"webhook_id": w, "place": place} for w, place in erased])
