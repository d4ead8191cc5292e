"""Retention: what has ended goes, what waits for someone stays."""

import pytest

from adapter.ledger.records import CallFilter
from adapter.model import PENDING, Outcome, State
from tests.harness.ledger import ADA, BEN, DAY, RUNG, Desk, lead, refused


@pytest.mark.parametrize("state", State)
def test_only_ended_calls_go(desk: Desk, state: State) -> None:
    """A call that waits for a person, an agent or an answer outlives its retention."""
    call = desk.bring_to(state)
    desk.clock.advance(31 * DAY)
    went = desk.do(desk.ledger.clean(desk.clock() - 30 * DAY))
    assert went == (0 if state in PENDING else 1)
    assert (desk.do(desk.ledger.reads.call(call.id)) is None) is bool(went)
    assert (desk.do(desk.ledger.reads.webhook(call.webhook)) is None) is bool(went)
    assert desk.ledger.tally.by_state() == desk.counted()
    assert desk.sql("SELECT count(*) FROM attempts WHERE call = ?", call.id) == [
        (0 if went or call.attempts == 0 else call.attempts,)
    ]


def test_a_webhook_goes_whole_or_not_at_all(desk: Desk) -> None:
    """One call that still waits keeps its webhook and its siblings."""
    accepted = desk.accept(refused(), lead())
    desk.clock.advance(31 * DAY)
    assert desk.do(desk.ledger.clean(desk.clock())) == 0
    assert desk.do(desk.ledger.reads.webhook(accepted.webhook.id)) == (
        accepted.webhook,
        accepted.calls,
    )


def test_what_is_young_stays(desk: Desk) -> None:
    """`before` is the first moment that is kept."""
    desk.accept(refused())
    assert desk.do(desk.ledger.clean(desk.clock())) == 0


def test_cleaning_comes_in_small_steps(desk: Desk) -> None:
    """A big clean-up does not keep webhooks waiting: the oldest go first, `limit` at a time."""
    calls = []
    for _ in range(3):
        calls.append(desk.accept_one(refused()))
        desk.clock.advance(DAY)
    steps = [desk.do(desk.ledger.clean(desk.clock(), limit=2)) for _ in range(3)]
    assert steps == [2, 1, 0]
    assert desk.do(desk.ledger.reads.calls(CallFilter(), 10))[0] == []


def test_keys_outlive_their_call(desk: Desk) -> None:
    """A retry after retention is still a duplicate within its window."""
    call = desk.accept_one()
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    desk.clock.advance(DAY / 2)
    assert desk.do(desk.ledger.clean(desk.clock())) == 1
    assert desk.accept_one().duplicate_of == call.id


def test_expired_keys_go(desk: Desk) -> None:
    """Keys leave with their window, those of waiting calls too."""
    desk.accept_one(lead(ADA))
    desk.clock.advance(DAY / 2)
    desk.accept_one(lead(BEN))
    desk.clock.advance(DAY / 2)
    desk.do(desk.ledger.clean(desk.clock() - 30 * DAY))
    assert desk.sql("SELECT digest FROM dedupe_keys") == [(f"key of {BEN}",)]
