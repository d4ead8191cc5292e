"""An agent's limits: claims are spread over a minute and counted for a day, in their own commit.

The day's count is of what rang or may have: an attempt that proved that no phone rang is given
back. So an agent is full only once nothing of it is under way.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from adapter.agent import Pace
from adapter.ledger.holds.agents import align, lane, put_lane
from adapter.ledger.moves import state_is
from adapter.ledger.sqlite.columns import MILLISECOND, whole_ms
from adapter.ledger.sqlite.statements import Prepared
from adapter.ledger.sqlite.tables import calls
from adapter.ledger.sqlite.transaction import Lane, Transaction
from adapter.model import Call, State

_SENDING = Prepared(
    select(calls.c.id).where(calls.c.agent == bindparam("agent"), state_is(State.SENDING)).limit(1)
)


def keep_day(transaction: Transaction, agent: str, pace: Pace, now: datetime) -> None:
    """Hold the calls of an agent that has rung as often as a day allows; release them after it."""
    found = lane(transaction, agent)
    if pace.max_per_day is None and found.switch.full_until is None:
        return
    counted = _counted(found, pace, now)
    full_until = _full_until(transaction, counted, pace)
    after = replace(counted, switch=replace(counted.switch, full_until=full_until))
    if after == found:
        return
    put_lane(transaction, after)
    if after.block() != found.block():
        align(transaction, agent, now)


def _counted(found: Lane, pace: Pace, now: datetime) -> Lane:
    full_until = found.switch.full_until
    is_over = full_until is not None and now >= full_until
    if found.day == pace.day and not is_over:
        return found
    return replace(found, day=pace.day, day_count=0, day_began_at=whole_ms(now))


def _full_until(transaction: Transaction, found: Lane, pace: Pace) -> datetime | None:
    if _left_today(found, pace) > 0:
        return None
    is_settled = not _SENDING.rows(transaction.connection, {"agent": found.switch.name})
    return pace.next_day if is_settled else found.switch.full_until


def room(found: Lane, pace: Pace, limit: int, now: datetime) -> int:
    """Return how many calls may be claimed now, of those that there is room for."""
    if pace.min_gap_s:
        limit = min(limit, 1 if (paced_at(found, pace, now) or now) <= now else 0)
    return max(0, min(limit, _left_today(found, pace)))


def paced_at(found: Lane, pace: Pace, now: datetime) -> datetime | None:
    """Return the earliest moment of the next claim; None where the agent is not paced, or fresh."""
    if not pace.min_gap_s or found.last_claimed_at is None:
        return None
    # A clock set back must not make it wait for longer than one gap.
    return min(found.last_claimed_at, now) + timedelta(seconds=pace.min_gap_s)


def charge(transaction: Transaction, agent: str, pace: Pace, claimed: int, now: datetime) -> None:
    """Count what has been claimed."""
    if claimed and (pace.min_gap_s or pace.max_per_day is not None):
        found = lane(transaction, agent)
        # Rounded up: a gap must not lose what the ledger's milliseconds leave out.
        at = whole_ms(now + MILLISECOND - timedelta(microseconds=1))
        put_lane(
            transaction,
            replace(found, day_count=found.day_count + claimed, last_claimed_at=at),
        )


def next_due(
    found: Lane, pace: Pace, waiting_due: datetime | None, now: datetime
) -> datetime | None:
    """Return when this agent has something to do; None if only an attempt's end can tell."""
    due_at = found.next_due(waiting_due)
    if due_at is None or (found.switch.full_until is None and _left_today(found, pace) <= 0):
        return None
    return max(due_at, paced_at(found, pace, now) or due_at)


def refunded(found: Lane, call: Call) -> Lane:
    """Return the agent with an attempt given back that did not ring, if its day still counts it."""
    is_counted = found.day_began_at is not None and call.updated_at >= found.day_began_at
    if not is_counted or found.day_count <= 0:
        return found
    return replace(found, day_count=found.day_count - 1)


def _left_today(found: Lane, pace: Pace) -> int:
    return 1_000_000_000 if pace.max_per_day is None else pace.max_per_day - found.day_count
