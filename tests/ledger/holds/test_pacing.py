"""Limits in the commit that claims: no minute and no day has a call too many."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapter.agent import Pace
from adapter.ledger.records import Claims
from adapter.model import Facts, Move, Outcome, Reason, State
from tests.harness.ledger import (
    ADA,
    BEN,
    CLEO,
    DAY,
    FAILED,
    MINUTE,
    RUNG,
    UNCERTAIN,
    Desk,
    go,
    lead,
)

SECOND = timedelta(seconds=1)
A_SECOND_APART = Pace(min_gap_s=1.0)
HELD_FULL = (State.HELD, Reason.DAILY_LIMIT)


def pace_now(desk: Desk, max_per_day: int | None = 2) -> Pace:
    """Return a limit for the day that the desk's clock shows."""
    today = desk.clock().replace(hour=0, minute=0)
    return Pace(max_per_day=max_per_day, day=today.date().isoformat(), next_day=today + DAY)


def ring(desk: Desk, pace: Pace, outcome: Outcome = Outcome.RUNG, move: Move = RUNG) -> Claims:
    """Claim what may go, and settle it."""
    claims = desk.claim(pace=pace)
    for claim in claims.claims:
        desk.settle(claim, outcome, move)
    return claims


def shown(desk: Desk, *call_ids: str) -> list[tuple[State, str]]:
    """Return the state and reason of each call."""
    return [(desk.call(each).state, desk.call(each).reason) for each in call_ids]


def test_a_paced_agent_is_claimed_once_a_gap(desk: Desk) -> None:
    """However many are due; who is next says what it waits for, and keeps its place."""
    calls = desk.accept(lead(ADA), lead(BEN), lead(CLEO)).calls
    claims = desk.claim(pace=A_SECOND_APART)
    assert [claim.call.phone for claim in claims.claims] == [ADA]
    assert claims.next_due == desk.clock() + SECOND
    assert shown(desk, calls[1].id, calls[2].id) == [
        (State.WAITING, Reason.RATE_LIMITED),
        (State.WAITING, Reason.NEW),
    ]
    assert desk.call(calls[1].id).due_at == calls[1].due_at
    desk.clock.advance(SECOND / 2)
    early = desk.claim(pace=A_SECOND_APART)
    assert (early.claims, early.moved) == ((), ())
    desk.clock.advance(SECOND / 2)
    assert desk.claim(pace=A_SECOND_APART).claims[0].call.phone == BEN


def test_a_pause_is_not_made_up_for(desk: Desk) -> None:
    """After an idle hour there is one call, and the next a gap later."""
    desk.accept(lead(ADA), lead(BEN))
    ring(desk, A_SECOND_APART)
    desk.clock.advance(60 * MINUTE)
    desk.accept(lead(CLEO))
    assert len(desk.claim(pace=A_SECOND_APART).claims) == 1
    assert desk.claim(pace=A_SECOND_APART).claims == ()


def test_the_pace_outlives_the_process(desk: Desk) -> None:
    """A restart is no way round it."""
    desk.accept(lead(ADA), lead(BEN))
    ring(desk, A_SECOND_APART)
    desk.reopen()
    assert desk.claim(pace=A_SECOND_APART).claims == ()


def test_a_clock_set_back_waits_one_gap(desk: Desk) -> None:
    """Not for as long as the clock was wrong."""
    desk.accept(lead(ADA), lead(BEN))
    ring(desk, A_SECOND_APART)
    desk.clock.advance(-60 * MINUTE)
    desk.accept_one(lead(CLEO))
    claims = desk.claim(pace=A_SECOND_APART)
    assert (claims.claims, claims.next_due) == ((), desk.clock() + SECOND)


def test_a_pace_does_not_keep_what_may_not_ring(desk: Desk) -> None:
    """Expired calls leave in passing; the limit is shown at one that would go."""
    desk.accept(lead(ADA))
    ring(desk, A_SECOND_APART)
    calls = desk.accept(lead(BEN), lead(CLEO)).calls

    def only_cleo(call: object, facts: Facts) -> Move:
        found = replace(calls[1]) if getattr(call, "phone", "") == CLEO else None
        return go(found, facts) if found else Move(state=State.IGNORED, reason=Reason.EXPIRED)

    desk.claim(pace=A_SECOND_APART, decide=only_cleo)
    assert shown(desk, *(call.id for call in calls)) == [
        (State.IGNORED, Reason.EXPIRED),
        (State.WAITING, Reason.RATE_LIMITED),
    ]


def test_a_gap_is_kept_to_less_than_a_millisecond(desk: Desk) -> None:
    """What the ledger's times leave out is rounded to the careful side."""
    desk.clock.advance(timedelta(microseconds=1900))
    desk.accept(lead(ADA), lead(BEN))
    first = desk.clock()
    ring(desk, A_SECOND_APART)
    desk.clock.at = first + SECOND - timedelta(microseconds=500)
    assert desk.claim(pace=A_SECOND_APART).claims == ()


def test_a_full_agent_holds_its_calls_until_its_next_day(desk: Desk) -> None:
    """Those that waited and those that come; at midnight its lane releases them."""
    first, second, third = desk.accept(lead(ADA), lead(BEN), lead(CLEO)).calls
    pace = pace_now(desk)
    assert len(ring(desk, pace).claims) == 2
    full = desk.claim(pace=pace)
    assert (full.claims, full.next_due) == ((), pace.next_day)
    late = desk.accept_one(lead("+12025550199"))
    assert shown(desk, third.id, late.id) == [HELD_FULL, HELD_FULL]
    assert desk.do(desk.ledger.reads.switches())["sales"].full_until == pace.next_day
    assert desk.do(desk.ledger.reads.next_due("sales")) == pace.next_day
    desk.reopen()
    assert desk.claim(pace=pace).claims == ()
    desk.clock.at = pace.next_day or desk.clock.at
    claims = desk.claim(pace=pace_now(desk))
    assert [claim.call.id for claim in claims.claims] == [third.id, late.id]
    assert claims.claims[0].call.uncounted_s == 15 * 3600
    assert {desk.call(first.id).state, desk.call(second.id).state} == {State.RUNG}
    assert desk.ledger.tally.by_state() == desk.counted()


def test_a_resume_releases_a_full_agent_and_counts_anew(desk: Desk) -> None:
    """A person's word is worth another day's count."""
    desk.accept(*(lead(f"+120255501{n:02}") for n in range(5)))
    ring(desk, pace_now(desk))
    desk.claim(pace=pace_now(desk))
    assert desk.do(desk.ledger.admin.resume("sales", desk.clock())) == 3
    assert len(ring(desk, pace_now(desk)).claims) == 2
    desk.claim(pace=pace_now(desk))
    assert desk.counted()[State.HELD] == 1


def test_a_resume_of_an_agent_that_is_not_full_keeps_the_count(desk: Desk) -> None:
    """To pause and resume is no way round the limit."""
    desk.accept(lead(ADA), lead(BEN), lead(CLEO))
    desk.settle(desk.claim_one(limit=1, pace=pace_now(desk)), Outcome.RUNG, RUNG)
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    desk.do(desk.ledger.admin.resume("sales", desk.clock()))
    assert len(desk.claim(pace=pace_now(desk)).claims) == 1


@pytest.mark.parametrize(
    ("outcome", "move", "left"),
    [
        (Outcome.RUNG, RUNG, 0),
        (Outcome.PERHAPS, UNCERTAIN, 0),
        (Outcome.REJECTED, FAILED, 2),
    ],
)
def test_only_what_may_have_rung_counts(
    desk: Desk, outcome: Outcome, move: Move, left: int
) -> None:
    """An hour in which the agent cannot be reached costs nothing of the day."""
    desk.accept(lead(ADA), lead(BEN))
    ring(desk, pace_now(desk), outcome, move)
    desk.accept(lead(CLEO), lead("+12025550199"))
    assert len(desk.claim(pace=pace_now(desk)).claims) == left


def test_an_agent_is_not_full_while_an_attempt_is_under_way(desk: Desk) -> None:
    """It may prove that nobody was rung; until then nothing more is claimed."""
    third = desk.accept(lead(ADA), lead(BEN), lead(CLEO)).calls[2]
    pace = pace_now(desk)
    one, two = desk.claim(pace=pace).claims
    unclear = desk.claim(pace=pace)
    assert (unclear.claims, unclear.next_due) == ((), None)
    assert shown(desk, third.id) == [(State.WAITING, Reason.NEW)]
    desk.settle(one, Outcome.RUNG, RUNG)
    desk.settle(two, Outcome.REJECTED, FAILED)
    assert desk.claim(pace=pace).claims[0].call.id == third.id


def test_an_attempt_of_yesterday_is_not_given_back_today(desk: Desk) -> None:
    """It was counted on another day."""
    desk.clock.at = desk.clock().replace(hour=23, minute=59)
    desk.accept(*(lead(f"+120255501{n:02}") for n in range(5)))
    yesterday = desk.claim(limit=1, pace=pace_now(desk)).claims[0]
    desk.clock.advance(2 * MINUTE)
    for claim in desk.claim(pace=pace_now(desk)).claims:
        desk.settle(claim, Outcome.RUNG, RUNG)
    desk.settle(yesterday, Outcome.REJECTED, FAILED)
    assert desk.claim(pace=pace_now(desk)).claims == ()


@pytest.mark.parametrize("limit", [None, 3])
def test_a_raised_limit_releases(desk: Desk, limit: int | None) -> None:
    """A new configuration is as good as a resume."""
    third = desk.accept(lead(ADA), lead(BEN), lead(CLEO)).calls[2]
    ring(desk, pace_now(desk))
    desk.claim(pace=pace_now(desk))
    assert shown(desk, third.id) == [HELD_FULL]
    pace = pace_now(desk, limit) if limit else Pace()
    assert desk.claim(pace=pace).claims[0].call.id == third.id


def test_a_full_agent_that_is_paused_stays_paused(desk: Desk) -> None:
    """The end of one hold is not the end of the other."""
    third = desk.accept(lead(ADA), lead(BEN), lead(CLEO)).calls[2]
    ring(desk, pace_now(desk))
    desk.claim(pace=pace_now(desk))
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    assert shown(desk, third.id) == [(State.HELD, Reason.AGENT_PAUSED)]
    desk.clock.advance(DAY)
    assert desk.claim(pace=pace_now(desk)).next_due is None
    assert shown(desk, third.id) == [(State.HELD, Reason.AGENT_PAUSED)]


def full_and_halted(desk: Desk) -> datetime:
    """Bring the agent to be full, and halted by what was under way; return when to probe."""
    desk.accept(lead(ADA), lead(BEN), lead(CLEO))
    halting, ringing = desk.claim(pace=pace_now(desk)).claims
    desk.halt(halting)
    desk.settle(ringing, Outcome.RUNG, RUNG)
    return desk.clock() + 5 * MINUTE


def test_a_probe_counts_and_keeps_the_limits(desk: Desk) -> None:
    """A halted agent is probed within its limits; a probe that rings fills it."""
    probe_at = full_and_halted(desk)
    desk.clock.at = probe_at
    (probe,) = desk.claim(pace=pace_now(desk)).claims
    desk.halt(probe)
    desk.clock.advance(10 * MINUTE)
    one = replace(pace_now(desk, 1))
    assert desk.claim(pace=one).claims == ()
    assert desk.do(desk.ledger.reads.next_due("sales")) == one.next_day
    desk.clock.at = one.next_day or desk.clock.at
    assert len(desk.claim(pace=pace_now(desk, 1)).claims) == 1


def test_a_probe_keeps_the_gap(desk: Desk) -> None:
    """Five minutes are shorter than the gap of an agent that rings every ten."""
    slow = Pace(min_gap_s=600.0)
    desk.accept(lead(ADA), lead(BEN))
    desk.halt(desk.claim_one(pace=slow))
    claimed_at = desk.clock()
    desk.clock.advance(5 * MINUTE)
    claims = desk.claim(pace=slow)
    assert (claims.claims, claims.next_due) == ((), claimed_at + 10 * MINUTE)


def test_a_full_day_ends_when_it_was_said_to(desk: Desk) -> None:
    """Also if the agent was given a time zone meanwhile in which it is still the same day."""
    third = desk.accept(lead(ADA), lead(BEN), lead(CLEO)).calls[2]
    pace = pace_now(desk)
    ring(desk, pace)
    desk.claim(pace=pace)
    assert shown(desk, third.id) == [HELD_FULL]
    assert pace.next_day is not None
    desk.clock.at = pace.next_day
    west = replace(pace, next_day=pace.next_day + 5 * 60 * MINUTE)
    assert desk.claim(pace=west).claims[0].call.id == third.id
