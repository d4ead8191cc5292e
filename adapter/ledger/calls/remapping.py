"""A stored call made anew: by a replay, or by what a look-up was answered."""

from dataclasses import replace

from sqlalchemy import bindparam, not_, or_, select, update

from adapter.ledger.calls.accepting import keep_numbers, numbers_of
from adapter.ledger.moves import state_is
from adapter.ledger.rows import AnyRow, call_of, whole_ms
from adapter.ledger.sqlite.dialect import Prepared
from adapter.ledger.tables import calls, webhooks
from adapter.ledger.writer import Transaction
from adapter.model import Call, MappedCall, State, verdict
from adapter.values.numbering_plans import person_of

CALLS = select(calls).where(calls.c.webhook == bindparam("webhook_id")).order_by(calls.c.position)
_REMAP = (
    update(calls)
    .where(calls.c.id == bindparam("call_id"))
    .values(
        agent=bindparam("to_agent"),
        phone=bindparam("to_phone"),
        person=bindparam("to_person"),
        variables=bindparam("to_variables", type_=calls.c.variables.type),
        occurred_at=bindparam("to_occurred_at", type_=calls.c.occurred_at.type),
        timezone=bindparam("to_timezone"),
        lookups=bindparam("to_lookups", type_=calls.c.lookups.type),
        duplicate_of=bindparam("to_duplicate_of"),
    )
)
# The one call that tells a webhook's state: one that was to ring, else one ignored, else the first.
TELLING = Prepared(
    select(calls.c.state, calls.c.reason)
    .where(calls.c.webhook == bindparam("webhook_id"))
    .order_by(
        or_(state_is(State.REFUSED), state_is(State.IGNORED)),
        not_(state_is(State.IGNORED)),
        calls.c.position,
    )
    .limit(1)
)
_VERDICT = (
    update(webhooks)
    .where(webhooks.c.id == bindparam("webhook_id"))
    .values(state=bindparam("to_state"), reason=bindparam("to_reason"))
)


def remap(
    transaction: Transaction, row: AnyRow, mapped: MappedCall, *, duplicate_of: str | None = None
) -> Call:
    """Put what a mapping made into a stored call, whose state stays; return it as it is now.

    A call that has rung keeps the phone that it rang until another one is found: it counts for
    that phone's cooldown.
    """
    call = call_of(row)
    phone = mapped.phone or (call.phone if row.rang_at is not None else None)
    occurred_at = whole_ms(mapped.occurred_at) if mapped.occurred_at else row.occurred_at
    lookups = 0 if mapped.is_before_lookup else None
    values = {
        "call_id": call.id,
        "to_agent": mapped.agent,
        "to_phone": phone,
        "to_person": person_of(phone) if phone else None,
        "to_variables": dict(mapped.variables),
        "to_occurred_at": occurred_at,
        "to_timezone": mapped.timezone,
        "to_lookups": lookups,
        "to_duplicate_of": duplicate_of,
    }
    transaction.connection.execute(_REMAP, values)
    keep_numbers(transaction, call.webhook, call.position, numbers_of(mapped))
    transaction.count(call.agent, call.state, -1)
    transaction.count(mapped.agent, call.state, 1)
    return replace(
        call,
        agent=mapped.agent,
        phone=phone,
        variables=mapped.variables,
        occurred_at=occurred_at,
        timezone=mapped.timezone,
        lookups=lookups,
        duplicate_of=duplicate_of,
    )


def judge_webhook(transaction: Transaction, webhook_id: str, reason: str = "") -> None:
    """Bring a webhook's state up to date with its calls; `reason` is its own, for without any."""
    rows = TELLING.rows(transaction.connection, {"webhook_id": webhook_id})
    telling = [MappedCall(state=State(row.state), reason=row.reason) for row in rows]
    state, why = verdict(telling, reason)
    values = {"webhook_id": webhook_id, "to_state": state.value, "to_reason": str(why)}
    transaction.connection.execute(_VERDICT, values)
