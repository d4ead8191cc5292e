"""Accepting a webhook: its row, its calls, their dedupe keys and numbers, in one transaction.

Promise: an accepted webhook is in the file before its sender hears of it, and of calls that share
a key within its window exactly one is to ring. Each is found by its numbers, which are kept as
hashes under the ledger's own key.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from adapter.ledger.dedupe import Repeats, claim_keys, is_blocked
from adapter.ledger.holds.sources import hold_of, watch_burst
from adapter.ledger.moves import BLOCKED
from adapter.ledger.records import Accepted
from adapter.ledger.rows import whole_ms
from adapter.ledger.sqlite.dialect import Prepared, insert
from adapter.ledger.tables import calls as call_table
from adapter.ledger.tables import number_key, numbers
from adapter.ledger.tables import webhooks as webhook_table
from adapter.ledger.writer import Transaction
from adapter.model import Call, MappedCall, Move, Reason, State, Webhook, verdict
from adapter.values.numbering_plans import person_of

# The place of a number that belongs to none of a webhook's calls.
NO_CALL = -1
_HASH_BYTES = 16

_INSERT_WEBHOOK = Prepared(insert(webhook_table))
_INSERT_CALL = Prepared(insert(call_table))
_INSERT_NUMBER = Prepared(insert(numbers).on_conflict_do_nothing())
_SECRET = Prepared(select(number_key.c.secret))


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A mapped call with its id and place, ready to be stored."""

    id: str
    position: int
    mapped: MappedCall
    repeats: Repeats


def draft(
    calls: Sequence[MappedCall], repeats: Repeats, new_id: Callable[[], str]
) -> tuple[Draft, ...]:
    """Give mapped calls their ids, once and outside any job: a job may run twice."""
    return tuple(
        Draft(id=new_id(), position=position, mapped=mapped, repeats=repeats)
        for position, mapped in enumerate(calls)
    )


def accept(  # noqa: PLR0913, PLR0917 - what is stored, and when
    transaction: Transaction,
    webhook: Webhook,
    drafts: Sequence[Draft],
    now: datetime,
    burst: int | None = None,
    found_by: Sequence[str] = (),
) -> Accepted:
    """Store a webhook and its calls; the webhook's state follows from what became of them.

    A source that sends more than `burst` webhooks in a minute has its calls held from then on.
    `found_by` are the numbers of a webhook without calls.
    """
    if burst is not None:
        watch_burst(transaction, webhook.source, burst, now)
    calls = [place(transaction, webhook, draft, now) for draft in drafts]
    state, reason = verdict(calls, webhook.reason)
    stored = replace(webhook, state=state, reason=reason, received_at=whole_ms(webhook.received_at))
    insert_webhook(transaction, stored)
    insert_calls(transaction, calls)
    keep_numbers(transaction, webhook.id, NO_CALL, found_by)
    for draft in drafts:
        keep_numbers(transaction, webhook.id, draft.position, numbers_of(draft.mapped))
    return Accepted(webhook=stored, calls=tuple(calls))


def place(transaction: Transaction, webhook: Webhook, draft: Draft, now: datetime) -> Call:
    """Decide how a draft is to be stored, and claim its keys if it is to ring."""
    call = _new_call(webhook, draft, now)
    if call.state is not State.WAITING:
        return call
    if is_blocked(transaction, call.phone):
        return _as_moved(call, BLOCKED)
    keys = (*draft.mapped.keys, *draft.repeats.keys_at(draft.position))
    holder = claim_keys(transaction, call.source, call.id, call.phone, keys, now)
    if holder is not None:
        return replace(
            call,
            state=State.IGNORED,
            reason=Reason.DUPLICATE,
            duplicate_of=holder,
            due_at=None,
        )
    hold = hold_of(transaction, call.source, call.agent, is_before_lookup=call.is_before_lookup)
    return _as_moved(call, hold) if hold else call


def insert_webhook(transaction: Transaction, webhook: Webhook) -> None:
    """Store a webhook as it is."""
    _INSERT_WEBHOOK.run(transaction.connection, _webhook_row(webhook))


def insert_calls(transaction: Transaction, calls: Sequence[Call]) -> None:
    """Store new calls and count them."""
    if calls:
        _INSERT_CALL.run_each(transaction.connection, [_call_row(call) for call in calls])
    for call in calls:
        transaction.count(call.agent, call.state, 1)


def keep_numbers(
    transaction: Transaction, webhook_id: str, position: int, terms: Sequence[str]
) -> None:
    """Keep by what a call can be found: persons, and digits that are no number."""
    rows = [
        {"hash": hashed, "webhook": webhook_id, "position": position}
        for hashed in hashes_of(transaction.connection, terms)
    ]
    _INSERT_NUMBER.run_each(transaction.connection, rows)


def hashes_of(connection: Connection, terms: Sequence[str]) -> list[bytes]:
    """Return what the ledger keeps of persons and digits."""
    if not terms:
        return []
    (key,) = _SECRET.rows(connection, {})
    return [hmac.digest(key.secret, term.encode(), "sha256")[:_HASH_BYTES] for term in terms]


def numbers_of(mapped: MappedCall) -> tuple[str, ...]:
    """Return by what a call can be found, its phone first."""
    own = (person_of(mapped.phone),) if mapped.phone else ()
    return *own, *mapped.numbers


def _as_moved(call: Call, move: Move) -> Call:
    return replace(call, state=move.state, reason=move.reason, detail=move.detail, due_at=None)


def _new_call(webhook: Webhook, draft: Draft, now: datetime) -> Call:
    mapped, at = draft.mapped, whole_ms(now)
    return Call(
        id=draft.id,
        webhook=webhook.id,
        position=draft.position,
        source=webhook.source,
        agent=mapped.agent,
        phone=mapped.phone,
        variables=mapped.variables,
        state=mapped.state,
        reason=mapped.reason,
        duplicate_of=None,
        attempts=0,
        due_at=whole_ms(mapped.due_at or now) if mapped.state is State.WAITING else None,
        occurred_at=whole_ms(mapped.occurred_at or webhook.received_at),
        uncounted_s=0.0,
        created_at=at,
        updated_at=at,
        detail=mapped.detail,
        timezone=mapped.timezone,
        lookups=0 if mapped.is_before_lookup else None,
    )


def _call_row(call: Call) -> dict[str, object]:
    return {
        "id": call.id,
        "webhook": call.webhook,
        "position": call.position,
        "source": call.source,
        "agent": call.agent,
        "phone": call.phone,
        "person": person_of(call.phone) if call.phone else None,
        "variables": dict(call.variables),
        "state": call.state.value,
        "reason": str(call.reason),
        "detail": call.detail,
        "duplicate_of": call.duplicate_of,
        "attempts": 0,
        "due_at": call.due_at,
        "occurred_at": call.occurred_at,
        "uncounted_ms": 0,
        "held_at": call.created_at if call.state is State.HELD else None,
        "shut_at": call.created_at if _is_shut(call) else None,
        "rang_at": None,
        "rang_before": None,
        "created_at": call.created_at,
        "updated_at": call.updated_at,
        "timezone": call.timezone,
        "lookups": call.lookups,
    }


def _is_shut(call: Call) -> bool:
    return call.state is State.WAITING and call.reason == Reason.OUTSIDE_HOURS


def _webhook_row(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "source": webhook.source,
        "received_at": webhook.received_at,
        "method": webhook.method,
        "query": webhook.query,
        "headers": webhook.headers,
        "body": webhook.body,
        "state": webhook.state.value,
        "reason": str(webhook.reason),
    }
