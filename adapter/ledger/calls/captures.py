"""Captures: a source without a mapping may send for a while, and what it sends is only stored.

Promise: a captured webhook is in the file before its sender hears of it, a capture never holds
more than its share of the disk, and no call ever comes of it.
"""

from collections.abc import Sequence, Sized
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from adapter.errors import ConflictError
from adapter.ledger.calls.accepting import NO_CALL, insert_webhook, keep_numbers
from adapter.ledger.records import Capture, Taking
from adapter.ledger.rows import AnyRow, Moment, whole_ms
from adapter.ledger.sqlite.dialect import Prepared, upsert
from adapter.ledger.tables import captures
from adapter.ledger.writer import Transaction
from adapter.model import Reason, Webhook, WebhookState

MOST_WEBHOOKS = 100

_NOW = bindparam("now", type_=Moment)
_UPSERT = Prepared(upsert(captures))
_DROP = Prepared(delete(captures).where(captures.c.name == bindparam("which")))
_DROP_EXPIRED = Prepared(delete(captures).where(captures.c.until <= _NOW))
_OF_TOKEN = (
    captures.c.name == bindparam("which"),
    captures.c.digest == bindparam("token_digest"),
    captures.c.until > _NOW,
)
_COUNT_ONE = Prepared(
    update(captures)
    .where(*_OF_TOKEN, captures.c.webhooks < bindparam("most"))
    .values(webhooks=captures.c.webhooks + 1)
)
_FIND = Prepared(select(captures.c.name).where(*_OF_TOKEN))
_ONE = select(captures).where(captures.c.name == bindparam("which"), captures.c.until > _NOW)
_ALL = select(captures).where(captures.c.until > _NOW).order_by(captures.c.name)


def open_capture(transaction: Transaction, capture: Capture, now: datetime) -> None:
    """Store a capture in place of an earlier one of its name, and drop those that are over."""
    _DROP_EXPIRED.run(transaction.connection, {"now": now})
    _UPSERT.run(
        transaction.connection,
        {
            "name": capture.name,
            "digest": capture.digest,
            "until": capture.until,
            "created_at": capture.created_at,
            "webhooks": capture.webhooks,
        },
    )


def close_capture(transaction: Transaction, name: str, now: datetime) -> bool:
    """End a capture; return whether it was open."""
    _DROP_EXPIRED.run(transaction.connection, {"now": now})
    return _DROP.run(transaction.connection, {"which": name}) > 0


def take(
    transaction: Transaction,
    webhook: Webhook,
    digest: str,
    now: datetime,
    found_by: Sequence[str] = (),
) -> Taking:
    """Store a webhook as captured, if a capture of its source has this digest, time and room.

    `found_by` are the numbers in it.
    """
    named = {"which": webhook.source, "token_digest": digest, "now": now}
    if _COUNT_ONE.run(transaction.connection, named | {"most": MOST_WEBHOOKS}):
        insert_webhook(transaction, _captured(webhook))
        keep_numbers(transaction, webhook.id, NO_CALL, found_by)
        return Taking.TAKEN
    return Taking.FULL if _FIND.rows(transaction.connection, named) else Taking.CLOSED


def find_open(connection: Connection, name: str, now: datetime) -> Capture | None:
    """Return the open capture of a name."""
    row = connection.execute(_ONE, {"which": name, "now": now}).one_or_none()
    return _capture_of(row) if row else None


def all_open(connection: Connection, now: datetime) -> list[Capture]:
    """Return all open captures in order of their names."""
    return [_capture_of(row) for row in connection.execute(_ALL, {"now": now})]


def check_may_ring(webhook: Webhook, calls: Sized) -> None:
    """Raise ConflictError for a captured webhook: it never rings, even if it has a mapping now.

    A guard's reason may be `captured` too, but what it turned away has calls.
    """
    is_captured = (webhook.state, webhook.reason) == (WebhookState.IGNORED, Reason.CAPTURED)
    if is_captured and not calls:
        raise ConflictError(
            "it was captured, and a captured webhook never rings: write the mapping, look with "
            f"`adapter try {webhook.source} {webhook.id}`, and if it shall ring, post it with "
            f"`adapter send {webhook.source} {webhook.id}`"
        )


def _captured(webhook: Webhook) -> Webhook:
    return replace(
        webhook,
        state=WebhookState.IGNORED,
        reason=Reason.CAPTURED,
        received_at=whole_ms(webhook.received_at),
    )


def _capture_of(row: AnyRow) -> Capture:
    return Capture(
        name=row.name,
        digest=row.digest,
        until=row.until,
        created_at=row.created_at,
        webhooks=row.webhooks,
    )
