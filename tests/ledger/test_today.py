"""A day so far: what is pending whenever it came, what else came, what rang."""

from datetime import timedelta

from adapter.ledger.today import CallCount, Ring, WebhookCount
from adapter.model import Outcome, State
from tests.harness.ledger import BEN, DAY, RUNG, Desk


def test_a_day_has_what_waits_and_what_came_since_it_began(desk: Desk) -> None:
    """A call of last week that is in doubt counts; one that was refused then does not."""
    desk.bring_to(State.REFUSED)
    desk.bring_to(State.UNCERTAIN)
    desk.clock.advance(7 * DAY)
    began_at = desk.clock()
    assert desk.do(desk.ledger.reads.today(began_at)).webhooks == ()
    desk.bring_to(State.REFUSED)
    desk.bring_to(State.RUNG, BEN)
    today = desk.do(desk.ledger.reads.today(began_at))
    assert {(count.state, count.count) for count in today.calls} == {
        ("uncertain", 1),
        ("refused", 1),
        ("rung", 1),
    }
    assert all(isinstance(count, CallCount) and count.source == "crm" for count in today.calls)
    assert sum(count.count for count in today.webhooks) == 2
    assert all(isinstance(count, WebhookCount) for count in today.webhooks)


def test_a_ring_counts_on_the_day_it_rang(desk: Desk) -> None:
    """A lead of last night that rings this morning is this morning's, and its wait is told."""
    night = desk.accept_one()
    began_at = desk.clock.advance(timedelta(hours=16))
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    assert desk.call(night.id).state is State.RUNG
    (ring,) = desk.do(desk.ledger.reads.today(began_at)).rings
    assert ring == Ring(at=began_at, after_s=16 * 3600.0)
    assert desk.do(desk.ledger.reads.today(began_at + DAY)).rings == ()
