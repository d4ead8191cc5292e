"""Promises about what a due call must pass before its attempt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapter.agent import Agent, Mode, Secret
from adapter.model import Call, Freshness, Reason, State
from adapter.ringing.gates import decide_ring, is_expired

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FRESHNESS = Freshness(expires_after=timedelta(hours=24), max_age=timedelta(days=7))
AGENT = Agent(name="sales", endpoint="https://x.example", api_key=Secret("k"), secret=Secret("s"))
CALL = Call(
    id="c1",
    webhook="w1",
    position=0,
    source="hubspot",
    agent="sales",
    phone="+12025550123",
    variables={},
    state=State.WAITING,
    reason=Reason.BUSY,
    duplicate_of=None,
    attempts=0,
    due_at=NOW,
    occurred_at=NOW,
    uncounted_s=0.0,
    created_at=NOW,
    updated_at=NOW,
)
OLD = replace(CALL, occurred_at=NOW - timedelta(days=2))
JUST_NOW = NOW - timedelta(seconds=5)
DRY = replace(AGENT, mode=Mode.DRY_RUN)


@pytest.mark.parametrize(
    ("age", "held", "expired"),
    [
        (timedelta(hours=24), timedelta(0), False),
        (timedelta(hours=24, seconds=1), timedelta(0), True),
        (timedelta(hours=30), timedelta(hours=6), False),
        (timedelta(hours=30, seconds=1), timedelta(hours=6), True),
        (timedelta(days=7), timedelta(days=6.5), False),
        (timedelta(days=7, seconds=1), timedelta(days=6.5), True),
        (timedelta(hours=-1), timedelta(0), False),
    ],
)
def test_a_lead_expires_by_counted_age_or_by_absolute_age(
    age: timedelta, held: timedelta, expired: bool
) -> None:
    """Time held does not count towards `expires_after`, but does towards `max_age`."""
    found = is_expired(
        occurred_at=NOW - age, uncounted_s=held.total_seconds(), freshness=FRESHNESS, now=NOW
    )
    assert found is expired


@pytest.mark.parametrize(
    ("call", "last_rung_at", "agent", "state", "reason"),
    [
        (CALL, None, AGENT, State.SENDING, Reason.BUSY),
        (CALL, None, replace(AGENT, mode=Mode.REDIRECT), State.SENDING, Reason.BUSY),
        (CALL, None, DRY, State.IGNORED, Reason.DRY_RUN),
        (CALL, JUST_NOW, AGENT, State.IGNORED, Reason.COOLDOWN),
        (CALL, JUST_NOW, DRY, State.IGNORED, Reason.COOLDOWN),
        (OLD, JUST_NOW, DRY, State.IGNORED, Reason.EXPIRED),
        (replace(OLD, phone=None), None, AGENT, State.REFUSED, Reason.PHONE_MISSING),
    ],
)
def test_the_first_closed_gate_decides(
    call: Call, last_rung_at: datetime | None, agent: Agent, state: State, reason: str
) -> None:
    """Phone, freshness, cooldown, dry run, in this order; then it is sent for its old reason."""
    move = decide_ring(call, last_rung_at=last_rung_at, agent=agent, freshness=FRESHNESS, now=NOW)
    assert (move.state, move.reason, move.due_at) == (state, reason, None)
