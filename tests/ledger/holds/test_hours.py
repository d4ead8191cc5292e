"""Waiting for an agent's hours: it does not make a lead older."""

from dataclasses import replace
from datetime import timedelta

from adapter.model import Call, Facts, MappedCall, Move, Reason, State
from tests.harness.ledger import ADA, MINUTE, Desk, go, lead

HOUR = 60 * MINUTE


def waiting_for_hours(desk: Desk, hours: int = 8) -> MappedCall:
    """Return a lead that came outside the hours, and is due so many hours later."""
    due_at = desk.clock() + hours * HOUR
    return replace(lead(ADA), reason=Reason.OUTSIDE_HOURS, due_at=due_at, timezone="Europe/Madrid")


def seen_by_gates(desk: Desk) -> Call:
    """Return the one due call as its gates see it."""
    seen: list[Call] = []

    def look(call: Call, facts: Facts) -> Move:
        seen.append(call)
        return go(call, facts)

    (claim,) = desk.claim(decide=look).claims
    assert claim.call.uncounted_s == seen[0].uncounted_s == desk.call(seen[0].id).uncounted_s
    return seen[0]


def test_a_lead_waits_for_the_hours_from_the_start(desk: Desk) -> None:
    """It is stored so, with its zone, and is not claimed before."""
    call = desk.accept_one(waiting_for_hours(desk))
    assert (call.state, call.reason) == (State.WAITING, Reason.OUTSIDE_HOURS)
    assert call.due_at == desk.clock() + 8 * HOUR
    assert desk.call(call.id) == call
    assert call.timezone == "Europe/Madrid"
    early = desk.claim()
    assert (early.claims, early.next_due) == ((), call.due_at)


def test_the_time_until_it_is_due_does_not_count(desk: Desk) -> None:
    """What it waits for afterwards, such as a free line, does."""
    desk.accept_one(waiting_for_hours(desk))
    desk.clock.advance(9 * HOUR)
    assert seen_by_gates(desk).uncounted_s == 8 * 3600


def test_a_gate_puts_off_and_puts_off_again(desk: Desk) -> None:
    """Each wait is added once."""
    call = desk.accept_one()

    def shut(call: Call, facts: Facts) -> Move:
        due_at = desk.clock() + HOUR
        return Move(state=State.WAITING, reason=Reason.OUTSIDE_HOURS, due_at=due_at)

    for _ in range(3):
        assert desk.claim(decide=shut).moved[0].id == call.id
        desk.clock.advance(HOUR)
    assert seen_by_gates(desk).uncounted_s == 3 * 3600


def test_a_hold_within_is_added_without_a_gap_or_an_overlap(desk: Desk) -> None:
    """Shut, then held, then due: the two spans lie end to end."""
    call = desk.accept_one(waiting_for_hours(desk))
    desk.clock.advance(2 * HOUR)
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    assert desk.call(call.id).uncounted_s == 2 * 3600
    desk.clock.advance(3 * HOUR)
    desk.do(desk.ledger.admin.resume("sales", desk.clock()))
    desk.clock.advance(timedelta(minutes=30))
    assert seen_by_gates(desk).uncounted_s == 5 * 3600


def test_a_replay_may_wait_for_the_hours_too(desk: Desk) -> None:
    """It is due when its gates said."""
    call = desk.bring_to(State.FAILED)
    mapped = waiting_for_hours(desk, hours=3)
    replayed = desk.do(desk.ledger.admin.replay(call.id, mapped, now=desk.clock())).call
    assert (replayed.reason, replayed.due_at) == (Reason.OUTSIDE_HOURS, mapped.due_at)
    assert (replayed.timezone, desk.call(call.id)) == ("Europe/Madrid", replayed)
    desk.clock.advance(3 * HOUR)
    assert seen_by_gates(desk).uncounted_s == 3 * 3600


def test_a_lead_for_a_paused_agent_is_held(desk: Desk) -> None:
    """A hold goes before the hours."""
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    call = desk.accept_one(waiting_for_hours(desk))
    assert (call.state, call.due_at) == (State.HELD, None)
    assert desk.call(call.id) == call
