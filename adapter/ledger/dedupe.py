"""Dedupe keys, of which each is held by one call of a source at a time; and blocked numbers.

Promise: a key is claimed in the commit that stores its call, and the primary key of the table
makes the claim exclusive; no order of arrival lets two calls hold it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, exists, or_, select

from adapter.ledger.sqlite.dialect import Prepared, insert
from adapter.ledger.tables import blocked, calls, dedupe_keys
from adapter.ledger.writer import Transaction
from adapter.model import DedupeKey
from adapter.values.numbering_plans import person_of

IDEMPOTENCY_WINDOW = timedelta(days=4)  # of a sender's Idempotency-Key


_FRESH = insert(dedupe_keys)


# Take a key that is free, whose window has ended, or that is the call's own already.
_CLAIM = Prepared(
    _FRESH.on_conflict_do_update(
        index_elements=["source", "digest"],
        set_={"call": _FRESH.excluded.call, "until": _FRESH.excluded.until},
        where=or_(
            dedupe_keys.c.until <= bindparam("now", type_=dedupe_keys.c.until.type),
            dedupe_keys.c.call == _FRESH.excluded.call,
        ),
    )
)


_HOLDER = Prepared(
    select(dedupe_keys.c.call).where(
        dedupe_keys.c.source == bindparam("source"), dedupe_keys.c.digest == bindparam("digest")
    )
)


# What an earlier version claimed for the same lead. Its key did not tell people apart: the holder
# may be somebody else, and only one whose number nobody knows any more counts as the same.
_OLD_HOLDER = Prepared(
    select(dedupe_keys.c.call)
    .join(calls, calls.c.id == dedupe_keys.c.call, isouter=True)
    .where(
        dedupe_keys.c.source == bindparam("source"),
        dedupe_keys.c.digest == bindparam("digest"),
        dedupe_keys.c.until > bindparam("now", type_=dedupe_keys.c.until.type),
        dedupe_keys.c.call != bindparam("call"),
        or_(calls.c.person.is_(None), calls.c.person == bindparam("whose")),
    )
)


_FREE = Prepared(delete(dedupe_keys).where(dedupe_keys.c.call == bindparam("holder")))


_HAS_RUNG = select(calls.c.id).where(
    calls.c.id == bindparam("holder"), calls.c.rang_at.is_not(None)
)


_FREE_UNRUNG = Prepared(
    delete(dedupe_keys).where(dedupe_keys.c.call == bindparam("holder"), ~exists(_HAS_RUNG))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeats:
    """The marks of a whole webhook that a repeat shares: its signature, its Idempotency-Key."""

    proof: str | None = None
    idempotency: str | None = None
    proof_window: timedelta = timedelta(0)
    idempotency_window: timedelta = timedelta(0)

    def keys_at(self, position: int) -> tuple[DedupeKey, ...]:
        """Return the keys of one item; the position keeps items of a webhook apart."""
        kinds = (
            ("proof", self.proof, self.proof_window),
            ("idempotency", self.idempotency, self.idempotency_window),
        )
        return tuple(
            DedupeKey(digest=_digest(kind, position, text), window=window)
            for kind, text, window in kinds
            if text is not None
        )


def claim_keys(  # noqa: PLR0913, PLR0917 - who claims what, for whom
    transaction: Transaction,
    source: str,
    call_id: str,
    phone: str | None,
    keys: Iterable[DedupeKey],
    now: datetime,
) -> str | None:
    """Claim all keys for a call, or none; return None, or the call that holds one of them.

    Those in an old form are looked up alone: they are a repeat where `phone` is the same person's.
    A call that already holds keys must be in a savepoint: a refusal frees those too.
    """
    for key in {key.digest: key for key in keys}.values():
        values = {
            "source": source,
            "digest": key.digest,
            "call": call_id,
            "until": now + key.window,
            "now": now,
            "whose": person_of(phone or ""),
        }
        holder = _holder(transaction, values, is_old=key.is_old)
        if holder is not None:
            free_keys(transaction, [call_id])
            return holder
    return None


def _holder(transaction: Transaction, values: Mapping[str, Any], *, is_old: bool) -> str | None:
    """Claim a key, or look an old one up; return the other call that holds it, if one does."""
    connection = transaction.connection
    if not is_old and _CLAIM.run(connection, values):
        return None
    rows = (_OLD_HOLDER if is_old else _HOLDER).rows(connection, values)
    return str(rows[0].call) if rows else None


def free_keys(transaction: Transaction, call_ids: Collection[str]) -> None:
    """Give free every key that these calls hold."""
    _FREE.run_each(transaction.connection, [{"holder": call_id} for call_id in call_ids])


def free_keys_of_unrung(transaction: Transaction, call_ids: Collection[str]) -> None:
    """Give free the keys of ended calls, but for those that have rung, or may have.

    A replay may end otherwise than the first ring did; the sender's repeat is one all the same.
    """
    _FREE_UNRUNG.run_each(transaction.connection, [{"holder": call_id} for call_id in call_ids])


def _digest(kind: str, position: int, text: str) -> str:
    return sha256(f"{kind}\0{position}\0{text}".encode(errors="surrogatepass")).hexdigest()


_BLOCKED_PERSON = Prepared(select(blocked.c.phone).where(blocked.c.person == bindparam("whose")))


def is_blocked(transaction: Transaction, phone: str | None) -> bool:
    """Whether a number is blocked, in either spelling."""
    return bool(phone and _BLOCKED_PERSON.rows(transaction.connection, {"whose": person_of(phone)}))
