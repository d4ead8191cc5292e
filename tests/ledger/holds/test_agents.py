"""Pausing, resuming and reconciling: calls always agree with their agent's switch."""

from datetime import timedelta

import pytest

from adapter.agent import AgentSwitch
from adapter.model import Outcome, Reason, State
from tests.harness.ledger import ADA, BEN, CLEO, MINUTE, Desk, lead


def reasons(desk: Desk, *call_ids: str) -> list[tuple[State, str]]:
    """Return the state and reason of each call."""
    return [(desk.call(each).state, desk.call(each).reason) for each in call_ids]


PAUSED = (State.HELD, Reason.AGENT_PAUSED)
MISSING = (State.HELD, Reason.AGENT_MISSING)
HALTED = (State.HELD, Reason.AGENT_HALTED)
FRESH = (State.WAITING, Reason.NEW)


def test_a_pause_holds_and_a_resume_releases(desk: Desk) -> None:
    """What waited is due at once, and the time between does not count."""
    call = desk.accept_one()
    assert desk.do(desk.ledger.admin.pause("sales", desk.clock())) == 1
    assert reasons(desk, call.id) == [PAUSED]
    assert desk.claim().claims == ()
    desk.clock.advance(MINUTE)
    assert desk.do(desk.ledger.admin.resume("sales", desk.clock())) == 1
    claim = desk.claim_one()
    assert (claim.call.id, claim.call.uncounted_s) == (call.id, 60)


def test_a_pause_outlives_the_process(desk: Desk) -> None:
    """An operator's word is durable."""
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    switches = desk.do(desk.reopen().reads.switches())
    assert switches == {"sales": AgentSwitch(name="sales", is_paused=True)}


def test_a_retry_that_was_held_is_still_a_retry(desk: Desk) -> None:
    """Released calls keep their place behind fresh ones."""
    call = desk.accept_one()
    desk.settle(desk.claim_one(), Outcome.UNREACHABLE, desk.retry_at(desk.clock() + MINUTE))
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    desk.do(desk.ledger.admin.resume("sales", desk.clock()))
    assert reasons(desk, call.id) == [(State.WAITING, Reason.RETRY)]


@pytest.mark.parametrize("is_reconciled", [True, False])
def test_everyone_is_all_known_agents(desk: Desk, is_reconciled: bool) -> None:
    """Pausing all pauses every configured agent, whether it has calls or not."""
    if is_reconciled:
        desk.do(desk.ledger.admin.reconcile({"sales": "a", "support": "b"}, desk.clock()))
    named = () if is_reconciled else ("sales", "support")
    call = desk.accept_one()
    assert desk.do(desk.ledger.admin.pause(None, desk.clock(), agents=named)) == 1
    switches = desk.do(desk.ledger.reads.switches())
    assert {name: switch.is_paused for name, switch in switches.items()} == {
        "sales": True,
        "support": True,
    }
    assert desk.do(desk.ledger.admin.resume(None, desk.clock())) == 1
    assert reasons(desk, call.id) == [FRESH]


def test_a_resume_cures_a_halt_too(desk: Desk) -> None:
    """A person need not wait for the probe."""
    call = desk.accept_one()
    desk.halt(desk.claim_one())
    assert desk.do(desk.ledger.admin.resume("sales", desk.clock())) == 1
    assert desk.claim_one().call.id == call.id


def test_a_cure_leaves_a_pause(desk: Desk) -> None:
    """Clearing a halt does not overrule a person."""
    call = desk.accept_one()
    desk.halt(desk.claim_one())
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    assert reasons(desk, call.id) == [HALTED]
    assert desk.do(desk.ledger.admin.cure("sales", desk.clock())) == 0
    assert reasons(desk, call.id) == [PAUSED]
    assert desk.call(call.id).detail == ""


def test_a_cure_releases_and_counts(desk: Desk) -> None:
    """Cure says how many calls it freed."""
    desk.accept(lead(ADA), lead(BEN))
    desk.halt(desk.claim_one(limit=1))
    assert desk.do(desk.ledger.admin.cure("sales", desk.clock())) == 2
    assert desk.do(desk.ledger.reads.switches()) == {"sales": AgentSwitch(name="sales")}


def test_calls_of_a_missing_agent_are_held_until_it_is_back(desk: Desk) -> None:
    """An agent taken out of the configuration loses no lead."""
    desk.do(desk.ledger.admin.reconcile({"sales": "f1", "support": "f1"}, desk.clock()))
    gone, kept = desk.accept(lead(ADA), lead(BEN, agent="support")).calls
    desk.do(desk.ledger.admin.reconcile({"support": "f1"}, desk.clock()))
    late = desk.accept_one(lead(CLEO))
    assert reasons(desk, gone.id, kept.id, late.id) == [MISSING, FRESH, MISSING]
    assert desk.claim().claims == ()
    desk.clock.advance(timedelta(seconds=30))
    desk.do(desk.ledger.admin.reconcile({"sales": "f2", "support": "f1"}, desk.clock()))
    assert reasons(desk, gone.id, late.id) == [FRESH, FRESH]
    assert desk.call(gone.id).uncounted_s == 30


def test_calls_of_an_agent_never_known_are_found(desk: Desk) -> None:
    """Reconciling looks at the calls, not only at the agents that it knows."""
    call = desk.accept_one(lead(agent="typo"))
    desk.do(desk.ledger.admin.reconcile({"sales": "f1"}, desk.clock()))
    assert reasons(desk, call.id) == [MISSING]


def test_a_missing_agent_that_is_resumed_stays_missing(desk: Desk) -> None:
    """Nobody would claim the calls of an agent that is not there."""
    call = desk.accept_one()
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    desk.do(desk.ledger.admin.reconcile({}, desk.clock()))
    desk.do(desk.ledger.admin.resume("sales", desk.clock()))
    assert reasons(desk, call.id) == [MISSING]
    assert desk.do(desk.ledger.reads.next_due("sales")) is None


@pytest.mark.parametrize(("fingerprint", "expected"), [("f1", HALTED), ("f2", FRESH)])
def test_a_changed_configuration_cures(
    desk: Desk, fingerprint: str, expected: tuple[State, str]
) -> None:
    """Only a change of what was halted is a cure; a restart is none."""
    desk.do(desk.ledger.admin.reconcile({"sales": "f1"}, desk.clock()))
    call = desk.accept_one()
    halted = desk.halt(desk.claim_one())
    desk.do(desk.reopen().admin.reconcile({"sales": fingerprint}, desk.clock()))
    expected_now = expected if expected is HALTED else (State.WAITING, Reason.RETRY)
    assert reasons(desk, call.id) == [expected_now]
    assert halted.id == call.id
    assert desk.ledger.tally.by_state() == desk.counted()
