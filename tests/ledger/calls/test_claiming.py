"""Claiming: who goes next, who has to wait, and that nobody goes twice."""

from datetime import datetime, timedelta

import pytest

from adapter.model import Call, Facts, Move, Outcome, Reason, State
from tests.harness.ledger import ADA, BEN, CLEO, FAILED, MINUTE, RUNG, UNCERTAIN, Desk, go, lead


def test_a_claimed_call_is_sending_with_a_live_attempt(desk: Desk) -> None:
    """The fence is in the file before anyone holds the claim."""
    call = desk.accept_one()
    claim = desk.claim_one()
    stored, tried = desk.do(desk.ledger.reads.call(call.id)) or (None, ())
    assert stored == claim.call
    assert (claim.call.state, claim.number, claim.earlier) == (State.SENDING, 1, ())
    (attempt,) = tried
    assert (attempt.number, attempt.started_at) == (1, desk.clock())
    assert (attempt.ended_at, attempt.outcome) == (None, None)


def test_a_call_is_claimed_once(desk: Desk) -> None:
    """Whoever asks second gets nothing."""
    desk.accept_one()
    assert len(desk.claim().claims) == 1
    assert desk.claim().claims == ()


def test_agents_have_lanes_of_their_own(desk: Desk) -> None:
    """One agent's claim takes no other agent's calls."""
    desk.accept(lead(ADA), lead(BEN, agent="support"))
    assert desk.claim_one(agent="support").call.phone == BEN
    assert desk.claim_one().call.phone == ADA


def test_the_limit_holds_and_the_rest_is_due(desk: Desk) -> None:
    """A claim takes no more than there is room for, and says that more is due."""
    desk.accept(lead(ADA), lead(BEN), lead(CLEO))
    claims = desk.claim(limit=2)
    assert [claim.call.phone for claim in claims.claims] == [ADA, BEN]
    assert claims.next_due == desk.clock()
    assert desk.claim(limit=0).claims == ()


def test_fresh_leads_go_before_retries(desk: Desk) -> None:
    """An agent's bad hour does not keep new people waiting behind old ones."""
    desk.accept_one(lead(ADA))
    desk.settle(desk.claim_one(), Outcome.UNREACHABLE, desk.retry_at(desk.clock() + MINUTE))
    desk.clock.advance(2 * MINUTE)
    desk.accept_one(lead(BEN))
    assert [claim.call.phone for claim in desk.claim().claims] == [BEN, ADA]


def test_a_retry_waits_until_it_is_due(desk: Desk) -> None:
    """The claim says when to come back, and brings the attempts before."""
    desk.accept_one()
    due_at = desk.clock() + MINUTE
    desk.settle(desk.claim_one(), Outcome.UNREACHABLE, desk.retry_at(due_at))
    early = desk.claim()
    assert (early.claims, early.next_due) == ((), due_at)
    assert desk.do(desk.ledger.reads.next_due("sales")) == due_at
    desk.clock.advance(MINUTE)
    claim = desk.claim_one()
    assert (claim.number, claim.call.attempts) == (2, 2)
    assert [(each.number, each.outcome) for each in claim.earlier] == [(1, Outcome.UNREACHABLE)]


def test_nothing_to_do_has_no_time(desk: Desk) -> None:
    """An idle lane sleeps until it is woken."""
    assert desk.claim().next_due is None
    assert desk.do(desk.ledger.reads.next_due("sales")) is None


COOLDOWNS = {
    "rung": (Outcome.RUNG, RUNG, False),
    "uncertain": (Outcome.PERHAPS, UNCERTAIN, False),
    "failed": (Outcome.REJECTED, FAILED, True),
}


@pytest.mark.parametrize(("outcome", "move", "may_ring"), COOLDOWNS.values(), ids=COOLDOWNS)
def test_a_phone_that_rang_is_left_alone_for_the_cooldown(
    desk: Desk, outcome: Outcome, move: Move, may_ring: bool
) -> None:
    """Cooldown spans sources and agents, and counts what may have rung."""
    desk.accept_one()
    desk.settle(desk.claim_one(), outcome, move)
    desk.clock.advance(9 * MINUTE)
    second = desk.accept_one(lead(ADA, key="b", agent="support"), source="forms")
    claims = desk.claim(agent="support")
    assert bool(claims.claims) is may_ring
    if not may_ring:
        assert [call.id for call in claims.moved] == [second.id]
        assert desk.call(second.id).reason == Reason.COOLDOWN


def test_a_phone_that_is_ringing_is_left_alone(desk: Desk) -> None:
    """An attempt under way counts, even one claimed in the same breath."""
    desk.accept(lead(ADA, key="a"), lead(ADA, key="b"), lead(BEN))
    first, third = desk.claim().claims
    assert (first.call.phone, third.call.phone) == (ADA, BEN)
    late = desk.accept_one(lead(ADA, key="c"))
    assert desk.claim().moved[0].id == late.id


def test_a_phone_that_rings_for_longer_than_the_cooldown_is_left_alone(desk: Desk) -> None:
    """An agent that takes its time does not have the same person rung by another."""
    desk.accept_one()
    desk.claim_one(cooldown=MINUTE)
    desk.clock.advance(2 * MINUTE)
    late = desk.accept_one(lead(ADA, key="b", agent="support"))
    assert desk.claim(agent="support", cooldown=MINUTE).moved[0].id == late.id


@pytest.mark.parametrize(
    ("waited", "cooldown", "claimed"),
    [
        (10 * MINUTE - timedelta(milliseconds=1), 10 * MINUTE, 0),
        (10 * MINUTE, 10 * MINUTE, 1),
        (timedelta(0), timedelta(0), 1),
    ],
)
def test_the_cooldown_ends(
    desk: Desk, waited: timedelta, cooldown: timedelta, claimed: int
) -> None:
    """After the cooldown the phone may ring again; without one, at once."""
    desk.accept_one()
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    desk.clock.advance(waited)
    desk.accept(lead(ADA, key="b"))
    assert len(desk.claim(cooldown=cooldown).claims) == claimed


def test_without_a_cooldown_one_claim_may_ring_a_phone_twice(desk: Desk) -> None:
    """A cooldown of nothing forbids nothing."""
    desk.accept(lead(ADA, key="a"), lead(ADA, key="b"))
    assert len(desk.claim(cooldown=timedelta(0)).claims) == 2


def test_a_replayed_call_still_counts_for_others(desk: Desk) -> None:
    """That a person asked for another ring does not undo the first."""
    call = desk.bring_to(State.RUNG)
    desk.do(desk.ledger.admin.replay(call.id, lead(ADA), now=desk.clock()))
    other = desk.accept_one(lead(ADA, key="b", agent="support"))
    desk.claim(agent="support")
    assert desk.call(other.id).reason == Reason.COOLDOWN
    assert desk.claim_one().call.id == call.id  # itself it does not forbid


def test_a_ring_that_was_none_gives_way_to_the_one_before(desk: Desk) -> None:
    """An attempt that did not ring leaves the time of an earlier one that did."""
    call = desk.bring_to(State.RUNG)
    desk.do(desk.ledger.admin.replay(call.id, lead(ADA), now=desk.clock()))
    desk.clock.advance(MINUTE)
    desk.settle(desk.claim_one(), Outcome.REJECTED, FAILED)
    desk.accept_one(lead(ADA, key="b"))
    seen: list[datetime | None] = []

    def look(call: Call, facts: Facts) -> Move:
        seen.append(facts.last_rung_at)
        return go(call, facts)

    desk.claim(decide=look)
    assert seen == [desk.clock() - MINUTE]


def test_what_may_not_go_makes_room_for_what_may(desk: Desk) -> None:
    """A claim looks past expired calls until it is full."""
    desk.accept(*(lead(ADA, key=str(number)) for number in range(5)), lead(BEN))

    def only_ben(call: Call, facts: Facts) -> Move:
        if call.phone == BEN:
            return go(call, facts)
        return Move(state=State.IGNORED, reason=Reason.EXPIRED)

    claims = desk.claim(limit=1, decide=only_ben)
    assert [claim.call.phone for claim in claims.claims] == [BEN]
    assert len(claims.moved) == 5


def test_a_page_is_left_when_the_claim_is_full(desk: Desk) -> None:
    """What a full claim has looked at but not taken stays as it is."""
    calls = desk.accept(lead(ADA), lead(BEN), lead(CLEO)).calls

    def all_but_ada(call: Call, facts: Facts) -> Move:
        later = desk.retry_at(desk.clock() + MINUTE)
        return later if call.phone == ADA else go(call, facts)

    claims = desk.claim(limit=1, decide=all_but_ada)
    assert [claim.call.phone for claim in claims.claims] == [BEN]
    assert desk.call(calls[2].id) == calls[2]


def test_a_rescheduled_call_waits(desk: Desk) -> None:
    """A gate may put a call off."""
    call = desk.accept_one()
    later = desk.clock() + 60 * MINUTE
    claims = desk.claim(decide=lambda *_: desk.retry_at(later))
    assert (claims.claims, claims.next_due) == ((), later)
    assert desk.call(call.id).due_at == later


def test_a_gate_that_never_ends_does_not_stop_the_others(desk: Desk) -> None:
    """One claim looks at a bounded number of calls."""
    desk.accept_one()
    claims = desk.claim(limit=1, decide=lambda *_: desk.retry_at(desk.clock()))
    assert (claims.claims, claims.next_due) == ((), desk.clock())


def test_a_bug_in_a_gate_goes_to_its_caller(desk: Desk) -> None:
    """The writer lives on, and the call waits on."""
    call = desk.accept_one()

    def broken(call: Call, facts: Facts) -> Move:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desk.claim(decide=broken)
    assert desk.claim_one().call.id == call.id
