"""Settling: what an attempt showed becomes of its call, and of its agent."""

from datetime import timedelta

import pytest

from adapter.errors import IllegalMoveError
from adapter.ledger.calls import claiming
from adapter.ledger.records import Halt
from adapter.model import Call, Claim, Facts, Move, Outcome, Reason, State
from tests.harness.ledger import (
    ADA,
    BEN,
    CLEO,
    FAILED,
    HALTED,
    MINUTE,
    RUNG,
    UNCERTAIN,
    Desk,
    go,
    lead,
)


def switch_of(desk: Desk, agent: str = "sales") -> tuple[bool, str]:
    """Return whether an agent is paused, and what halted it."""
    switch = desk.do(desk.ledger.reads.switches())[agent]
    return switch.is_paused, switch.halted_by


@pytest.mark.parametrize(
    ("outcome", "move"),
    [(Outcome.RUNG, RUNG), (Outcome.REJECTED, FAILED), (Outcome.PERHAPS, UNCERTAIN)],
)
def test_an_attempt_ends_as_it_showed(desk: Desk, outcome: Outcome, move: Move) -> None:
    """The call moves, and the attempt keeps what it showed."""
    desk.accept_one()
    claim = desk.claim_one()
    desk.clock.advance(timedelta(seconds=2))
    settled = desk.do(
        desk.ledger.settle(
            claim,
            ended_at=desk.clock(),
            outcome=outcome,
            http_status=400,
            code="ctc:007",
            move=move,
        )
    )
    found = desk.do(desk.ledger.reads.call(settled.id))
    assert found is not None
    stored, (attempt,) = found
    assert stored == settled
    assert (stored.state, stored.reason) == (move.state, move.reason)
    assert attempt.ended_at == desk.clock()
    assert (attempt.outcome, attempt.http_status, attempt.code) == (outcome, 400, "ctc:007")


def test_an_attempt_is_settled_once(desk: Desk) -> None:
    """A second settling is a bug, and changes nothing."""
    desk.accept_one()
    claim = desk.claim_one()
    settled = desk.settle(claim, Outcome.RUNG, RUNG)
    with pytest.raises(IllegalMoveError, match="not under way"):
        desk.settle(claim, Outcome.PERHAPS, UNCERTAIN)
    assert desk.call(settled.id) == settled


def test_a_halt_holds_all_of_the_agents_calls(desk: Desk) -> None:
    """A wrong key stops the agent, not one call after the other; and names the code."""
    desk.accept(lead(ADA), lead(BEN), lead(CLEO, agent="support"))
    settled = desk.halt(desk.claim_one(limit=1))
    assert (settled.state, settled.reason, settled.detail) == (
        State.HELD,
        Reason.AGENT_HALTED,
        "ctc:003",
    )
    held = desk.accept_one(lead(ADA, key="later"))
    assert (held.state, held.reason, held.detail) == (
        State.HELD,
        Reason.AGENT_HALTED,
        "ctc:003",
    )
    assert desk.ledger.tally.by_agent()["sales"][State.HELD] == 3
    assert desk.ledger.tally.by_agent()["support"][State.WAITING] == 1
    assert desk.claim().next_due == desk.clock() + 5 * MINUTE
    assert desk.do(desk.ledger.reads.next_due("sales")) == desk.clock() + 5 * MINUTE
    assert len(desk.claim(agent="support").claims) == 1


def halted_with(desk: Desk, *phones: str) -> tuple[Call, ...]:
    """Halt the agent by its first call; return all of its calls."""
    calls = desk.accept(*(lead(phone) for phone in phones)).calls
    desk.halt(desk.claim_one(limit=1))
    return calls


def probe(desk: Desk) -> Claim:
    """Wait until the probe is due, and claim it."""
    desk.clock.advance(5 * MINUTE)
    return desk.claim_one()


def test_a_probe_is_the_oldest_call_and_alone(desk: Desk) -> None:
    """Every five minutes one call asks whether the agent is well again."""
    calls = halted_with(desk, ADA, BEN)
    desk.clock.advance(5 * MINUTE - timedelta(milliseconds=1))
    assert desk.claim().claims == ()
    desk.clock.advance(timedelta(milliseconds=1))
    claims = desk.claim()
    assert [claim.call.id for claim in claims.claims] == [calls[0].id]
    assert claims.claims[0].call.uncounted_s == 300
    assert claims.claims[0].number == 2
    assert claims.next_due == desk.clock() + 5 * MINUTE
    assert desk.claim().claims == ()


@pytest.mark.parametrize(
    ("outcome", "move", "is_cured"),
    [
        (Outcome.RUNG, RUNG, True),
        (Outcome.REJECTED, FAILED, True),
        (Outcome.NOT_RUNG, None, True),
        (Outcome.BUSY, None, True),
        (Outcome.UNREACHABLE, None, False),
        (Outcome.PERHAPS, UNCERTAIN, False),
    ],
)
def test_a_probe_that_was_answered_releases_the_rest(
    desk: Desk, outcome: Outcome, move: Move | None, is_cured: bool
) -> None:
    """Only an answer shows that the agent is well; silence shows nothing."""
    _, other = halted_with(desk, ADA, BEN)
    claim = probe(desk)
    settled = desk.settle(claim, outcome, move or desk.retry_at(desk.clock() + MINUTE))
    assert switch_of(desk) == (False, "" if is_cured else "ctc:003")
    released = desk.call(other.id)
    assert released.state is (State.WAITING if is_cured else State.HELD)
    assert (released.due_at == desk.clock()) is is_cured
    if move is None:
        assert settled.state is (State.WAITING if is_cured else State.HELD)
    assert desk.ledger.tally.by_state() == desk.counted()


def test_a_probe_that_fails_keeps_the_halt(desk: Desk) -> None:
    """The next probe comes five minutes later."""
    _, other = halted_with(desk, ADA, BEN)
    desk.halt(probe(desk))
    assert switch_of(desk) == (False, "ctc:003")
    assert desk.call(other.id).state is State.HELD
    assert desk.claim().next_due == desk.clock() + 5 * MINUTE


def test_a_probe_passes_the_gates(desk: Desk) -> None:
    """A call that may not ring is no probe: an ignored one leaves, a later hour stays held."""
    first, second, third = halted_with(desk, ADA, BEN, CLEO)

    def gates(call: Call, facts: Facts) -> Move:
        moves = {
            ADA: Move(state=State.IGNORED, reason=Reason.EXPIRED),
            BEN: desk.retry_at(desk.clock() + MINUTE),
        }
        return moves.get(str(call.phone)) or go(call, facts)

    desk.clock.advance(5 * MINUTE)
    claims = desk.claim(decide=gates)
    assert [claim.call.id for claim in claims.claims] == [third.id]
    assert [call.id for call in claims.moved] == [first.id]
    assert desk.call(second.id).reason == Reason.AGENT_HALTED


def test_a_probe_is_found_behind_many_that_may_not_ring(desk: Desk) -> None:
    """A long list of held calls is looked through in pages, its oldest first."""
    calls = desk.accept(*(lead(ADA, key=str(number)) for number in range(150)), lead(BEN)).calls
    desk.halt(desk.claim_one(limit=1))

    def only_ben(call: Call, facts: Facts) -> Move:
        later = desk.retry_at(desk.clock() + MINUTE)
        return go(call, facts) if call.phone == BEN else later

    desk.clock.advance(5 * MINUTE)
    assert desk.claim_one(decide=only_ben).call.id == calls[-1].id


def test_a_probe_is_sought_in_bounded_time(desk: Desk) -> None:
    """Where thousands are held and none may ring, others get to write all the same."""
    desk.accept(*(lead(ADA, key=str(number)) for number in range(claiming.PAGE * claiming.PAGES)))
    desk.halt(desk.claim_one(limit=1))
    desk.clock.advance(5 * MINUTE)
    later = desk.retry_at(desk.clock() + MINUTE)
    found = desk.claim(decide=lambda *_: later)
    assert (found.claims, found.next_due) == ((), desk.clock() + 5 * MINUTE)


def test_no_call_to_probe_with_is_no_harm(desk: Desk) -> None:
    """A halted agent without calls is asked again later."""
    halted_with(desk, ADA)
    desk.clock.advance(5 * MINUTE)
    expired = Move(state=State.IGNORED, reason=Reason.EXPIRED)
    claims = desk.claim(decide=lambda *_: expired)
    assert (claims.claims, claims.next_due) == ((), desk.clock() + 5 * MINUTE)


def test_an_attempt_from_before_the_halt_cures_nothing(desk: Desk) -> None:
    """What was under way when the key was revoked says nothing about now."""
    desk.accept(lead(ADA), lead(BEN))
    first, second = desk.claim().claims
    desk.clock.advance(MINUTE)
    desk.halt(first)
    desk.settle(second, Outcome.RUNG, RUNG)
    assert switch_of(desk) == (False, "ctc:003")


def test_a_halt_of_an_older_configuration_is_too_late(desk: Desk) -> None:
    """A key that was mended meanwhile is not halted for the old one; the call tries again."""
    desk.accept_one()
    claim = desk.claim_one()
    desk.do(desk.ledger.admin.reconcile({"sales": "f2"}, desk.clock()))
    settled = desk.halt(claim, fingerprint="f1")
    assert switch_of(desk) == (False, "")
    assert desk.call(settled.id).state is State.WAITING


@pytest.mark.parametrize("is_halted", [True, False])
def test_a_retry_is_held_while_its_agent_may_not_ring(desk: Desk, is_halted: bool) -> None:
    """A call never comes back to waiting for an agent that was paused or halted meanwhile."""
    desk.accept(lead(ADA), lead(BEN))
    first, second = desk.claim().claims
    if is_halted:
        desk.halt(second)
    else:
        desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    settled = desk.settle(first, Outcome.UNREACHABLE, desk.retry_at(desk.clock() + MINUTE))
    reason = Reason.AGENT_HALTED if is_halted else Reason.AGENT_PAUSED
    assert (settled.state, settled.reason) == (State.HELD, reason)
    assert desk.call(settled.id) == settled


def test_a_paused_agent_is_not_probed(desk: Desk) -> None:
    """A person's word stands above the machine's."""
    halted_with(desk, ADA)
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    desk.clock.advance(5 * MINUTE)
    claims = desk.claim()
    assert (claims.claims, claims.next_due) == ((), None)


def test_a_halt_knows_when_it_began(desk: Desk) -> None:
    """The switch says by what, since when, and when it will be tried again."""
    desk.accept(lead(ADA), lead(BEN))
    first, second = desk.claim().claims
    began = desk.clock()
    desk.halt(first)
    desk.clock.advance(MINUTE)
    probe_at = desk.clock() + 7 * MINUTE
    desk.settle(
        second,
        Outcome.AGENT_FAULT,
        HALTED,
        Halt(by="401", fingerprint="f1", probe_at=probe_at),
    )
    switch = desk.do(desk.ledger.reads.switches())["sales"]
    assert (switch.halted_by, switch.fingerprint) == ("401", "f1")
    assert (switch.halted_at, switch.probe_at) == (began, probe_at)
    assert {desk.call(claim.call.id).detail for claim in (first, second)} == {"401"}
