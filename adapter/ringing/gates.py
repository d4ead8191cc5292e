"""What stands between a due call and its attempt: freshness, cooldown, dry run. Pure."""

from datetime import datetime, timedelta

from adapter.agent import Agent, Mode
from adapter.model import Call, Freshness, Move, Reason, State


def is_expired(
    *, occurred_at: datetime, uncounted_s: float, freshness: Freshness, now: datetime
) -> bool:
    """Tell whether a lead is too old to ring; `uncounted_s` are the seconds it was held."""
    age = now - occurred_at
    counted = age - timedelta(seconds=uncounted_s)
    return counted > freshness.expires_after or age > freshness.max_age


def decide_ring(
    call: Call,
    *,
    last_rung_at: datetime | None,
    agent: Agent,
    freshness: Freshness,
    now: datetime,
) -> Move:
    """Return the move of a due call: to `sending`, or to where the first closed gate sends it.

    `last_rung_at` is when this phone was last rung by another call, and None once the cooldown
    is over: the ledger knows both, in the commit that claims the call.
    """
    closed = _closed_gate(call, last_rung_at, agent, freshness, now)
    return closed or Move(state=State.SENDING, reason=call.reason)


def _closed_gate(
    call: Call, last_rung_at: datetime | None, agent: Agent, freshness: Freshness, now: datetime
) -> Move | None:
    if not call.phone:
        return Move(state=State.REFUSED, reason=Reason.PHONE_MISSING)
    if is_expired(
        occurred_at=call.occurred_at, uncounted_s=call.uncounted_s, freshness=freshness, now=now
    ):
        return Move(state=State.IGNORED, reason=Reason.EXPIRED)
    if last_rung_at is not None:
        return Move(state=State.IGNORED, reason=Reason.COOLDOWN)
    if agent.mode is Mode.DRY_RUN:
        return Move(state=State.IGNORED, reason=Reason.DRY_RUN)
    return None
