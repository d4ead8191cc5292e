"""A source's burst and pause, and how its hold goes with its agents'."""

from datetime import timedelta

import pytest

from adapter.ledger.records import SourceSwitch
from adapter.model import Outcome, Reason, State
from tests.harness.ledger import ADA, BEN, CLEO, DAY, MINUTE, RUNG, Desk, lead, refused

WAITS = (State.WAITING, Reason.NEW, "")
BURST = (State.HELD, Reason.SOURCE_BURST, "")
PAUSED_SOURCE = (State.HELD, Reason.SOURCE_BURST, "paused")
PAUSED = (State.HELD, Reason.AGENT_PAUSED, "")
HALTED = (State.HELD, Reason.AGENT_HALTED, "ctc:003")


def shown(desk: Desk, call_id: str) -> tuple[State, str, str]:
    """Return the state, reason and detail of a call; the tally must agree with all of them."""
    call = desk.call(call_id)
    assert desk.ledger.tally.by_state() == desk.counted()
    return call.state, call.reason, call.detail


def flood(desk: Desk, count: int, burst: int = 3, source: str = "crm") -> list[str]:
    """Accept so many webhooks at once, each with a lead of its own; return the calls' ids."""
    taken = desk.counted()
    first = sum(taken.values())
    leads = [lead(f"+120255501{first + n:02}") for n in range(count)]
    return [desk.accept_one(each, source=source, burst=burst).id for each in leads]


def pause_source(desk: Desk, source: str = "crm") -> int:
    """Pause a source, as a person does."""
    return desk.do(desk.ledger.admin.pause_source(source, desk.clock()))


def resume_source(desk: Desk, source: str = "crm") -> int:
    """Let a source go on, as a person does."""
    return desk.do(desk.ledger.admin.resume_source(source, desk.clock()))


def test_a_burst_holds_the_sources_calls(desk: Desk) -> None:
    """Those that wait and those to come, from the webhook that is one too many; others' go on."""
    other = desk.accept_one(lead(ADA), source="forms")
    calls = flood(desk, 3)
    assert [shown(desk, each) for each in calls] == [WAITS] * 3
    calls += flood(desk, 2)
    assert [shown(desk, each) for each in calls] == [BURST] * 5
    assert shown(desk, other.id) == WAITS
    assert [claim.call.id for claim in desk.claim().claims] == [other.id]
    assert desk.do(desk.ledger.reads.sources()) == {"crm": SourceSwitch(name="crm", is_burst=True)}


def test_a_burst_lasts_until_a_person_ends_it(desk: Desk) -> None:
    """Not until the flood does, nor until the process does."""
    flood(desk, 4)
    desk.reopen()
    desk.clock.advance(DAY)
    (late,) = flood(desk, 1)
    assert shown(desk, late) == BURST
    assert resume_source(desk) == 5
    assert shown(desk, late) == WAITS
    assert desk.call(late).uncounted_s == 0


def test_after_a_resume_a_burst_is_counted_anew(desk: Desk) -> None:
    """What a person has looked at is no part of the next one."""
    flood(desk, 4)
    desk.clock.advance(timedelta(milliseconds=1))
    resume_source(desk)
    desk.clock.advance(timedelta(milliseconds=1))
    assert [shown(desk, each) for each in flood(desk, 3)] == [WAITS] * 3
    assert [shown(desk, each) for each in flood(desk, 1)] == [BURST]


@pytest.mark.parametrize(
    ("waited", "is_burst"),
    [(timedelta(seconds=59, milliseconds=999), True), (timedelta(seconds=60), False)],
)
def test_a_burst_is_of_one_minute(desk: Desk, waited: timedelta, is_burst: bool) -> None:
    """Any minute, not one by the clock."""
    flood(desk, 3)
    desk.clock.advance(waited)
    (call,) = flood(desk, 1)
    assert shown(desk, call) == (BURST if is_burst else WAITS)


def test_a_clock_set_back_makes_no_burst(desk: Desk) -> None:
    """Webhooks of the hour that comes again are not of this minute."""
    flood(desk, 3)
    desk.clock.advance(-60 * MINUTE)
    assert [shown(desk, each) for each in flood(desk, 1)] == [WAITS]


def test_every_stored_webhook_counts(desk: Desk) -> None:
    """Also those that ring nobody; another source's do not."""
    for _ in range(3):
        desk.accept(refused(), burst=3)
        desk.accept(refused(), source="forms")
    assert [shown(desk, each) for each in flood(desk, 1)] == [BURST]


def test_without_a_brake_nothing_is_a_burst(desk: Desk) -> None:
    """A mapping need not have one."""
    calls = desk.accept(*(lead(f"+120255501{n:02}") for n in range(50))).calls
    assert {shown(desk, call.id) for call in calls} == {WAITS}
    assert desk.do(desk.ledger.reads.sources()) == {}


def test_a_paused_source_takes_webhooks_and_rings_nobody(desk: Desk) -> None:
    """Its calls say that a person paused it, and the time does not count."""
    waiting = desk.accept_one(lead(ADA))
    assert pause_source(desk) == 1
    late = desk.accept_one(lead(BEN))
    assert [shown(desk, each.id) for each in (waiting, late)] == [PAUSED_SOURCE] * 2
    assert desk.claim().claims == ()
    desk.clock.advance(MINUTE)
    assert resume_source(desk) == 2
    assert [claim.call.uncounted_s for claim in desk.claim().claims] == [60, 60]


def test_a_retry_of_a_paused_source_is_held(desk: Desk) -> None:
    """What was under way when it was paused does not slip through."""
    call = desk.accept_one()
    claim = desk.claim_one()
    pause_source(desk)
    desk.settle(claim, Outcome.UNREACHABLE, desk.retry_at(desk.clock() + MINUTE))
    assert shown(desk, call.id) == PAUSED_SOURCE
    resume_source(desk)
    assert shown(desk, call.id) == (State.WAITING, Reason.RETRY, "")


def test_a_replay_for_a_paused_source_is_held(desk: Desk) -> None:
    """A replay passes the source's switch like any other call."""
    call = desk.bring_to(State.FAILED)
    pause_source(desk)
    desk.do(desk.ledger.admin.replay(call.id, lead(), now=desk.clock()))
    assert shown(desk, call.id) == PAUSED_SOURCE


def test_who_halts_the_agent_is_held_for_its_source_first(desk: Desk) -> None:
    """A call is never released by the agent's cure while its source is paused."""
    call = desk.accept_one()
    claim = desk.claim_one()
    pause_source(desk)
    desk.halt(claim)
    assert shown(desk, call.id) == PAUSED_SOURCE
    resume_source(desk)
    assert shown(desk, call.id) == HALTED


@pytest.mark.parametrize("is_source_first", [True, False])
def test_two_holds_end_one_by_one(desk: Desk, is_source_first: bool) -> None:
    """In whichever order they end, a call waits only when both have."""
    both, mine, yours = (
        desk.accept_one(lead(ADA)),
        desk.accept_one(lead(BEN, agent="support")),
        desk.accept_one(lead(CLEO), source="forms"),
    )
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    assert shown(desk, both.id) == PAUSED
    pause_source(desk)
    assert [shown(desk, each.id) for each in (both, mine, yours)] == [
        PAUSED_SOURCE,
        PAUSED_SOURCE,
        PAUSED,
    ]
    if is_source_first:
        assert resume_source(desk) == 1
        assert [shown(desk, each.id) for each in (both, mine, yours)] == [PAUSED, WAITS, PAUSED]
        assert desk.do(desk.ledger.admin.resume("sales", desk.clock())) == 2
    else:
        assert desk.do(desk.ledger.admin.resume("sales", desk.clock())) == 1
        assert [shown(desk, each.id) for each in (both, mine, yours)] == [
            PAUSED_SOURCE,
            PAUSED_SOURCE,
            WAITS,
        ]
        assert resume_source(desk) == 2
    assert {shown(desk, each.id) for each in (both, mine, yours)} == {WAITS}


def test_a_halted_agents_probe_is_not_of_a_paused_source(desk: Desk) -> None:
    """The probe is the oldest call that may ring."""
    desk.accept_one(lead(ADA))
    held = desk.accept_one(lead(BEN))
    other = desk.accept_one(lead(CLEO), source="forms")
    desk.settle(desk.claim_one(limit=1), Outcome.RUNG, RUNG)
    halting = desk.accept_one(lead("+12025550199"), source="forms")
    desk.sql("UPDATE calls SET due_at = 0 WHERE id = ?", halting.id)
    desk.halt(desk.claim_one(limit=1))
    pause_source(desk)
    desk.clock.advance(5 * MINUTE)
    assert shown(desk, held.id) == PAUSED_SOURCE
    assert desk.claim_one().call.id == other.id


def test_a_burst_of_a_paused_source_ends_with_the_pause(desk: Desk) -> None:
    """One resume is enough; the calls say what a person did."""
    pause_source(desk)
    calls = flood(desk, 5)
    assert {shown(desk, each) for each in calls} == {PAUSED_SOURCE}
    resume_source(desk)
    assert {shown(desk, each) for each in calls} == {WAITS}
