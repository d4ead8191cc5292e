"""Blocked numbers: never rung, whatever asks for it."""

import pytest

from adapter.errors import ConflictError
from adapter.ledger.records import Blocked, Blocking
from adapter.model import MAY_HAVE_RUNG, REPLAYABLE, Outcome, Reason, State
from tests.harness.ledger import ADA, BEN, CLEO, DAY, MINUTE, Desk, ignored, lead

BLOCKED = (State.IGNORED, Reason.BLOCKED)


def block(desk: Desk, *phones: str, note: str = "") -> Blocking:
    """Block numbers, as a person does."""
    return desk.do(desk.ledger.admin.block(phones, desk.clock(), note=note))


def shown(desk: Desk, call_id: str) -> tuple[State, str]:
    """Return the state and reason of a call; the tally must agree with all of them."""
    call = desk.call(call_id)
    assert desk.ledger.tally.by_state() == desk.counted()
    return call.state, call.reason


def test_a_block_ends_what_waits_and_what_is_held(desk: Desk) -> None:
    """At once, for all sources and agents; others' calls go on."""
    waiting = desk.accept_one(lead(ADA))
    other = desk.accept_one(lead(BEN))
    desk.do(desk.ledger.admin.pause("support", desk.clock()))
    held = desk.accept_one(lead(ADA, agent="support"), source="forms")
    assert block(desk, ADA, CLEO) == Blocking(added=2, calls=2)
    assert [shown(desk, each.id) for each in (waiting, held)] == [BLOCKED, BLOCKED]
    assert [claim.call.id for claim in desk.claim().claims] == [other.id]


def test_a_block_gives_keys_free(desk: Desk) -> None:
    """After it is lifted, a lead that comes again may ring."""
    desk.accept_one(lead(ADA))
    block(desk, ADA)
    desk.do(desk.ledger.admin.unblock([ADA]))
    assert desk.accept_one(lead(ADA)).state is State.WAITING


def test_a_lead_of_a_blocked_number_is_ignored(desk: Desk) -> None:
    """From the start, and as itself: it is no duplicate of the one before."""
    block(desk, ADA)
    for _ in range(2):
        call = desk.accept_one(lead(ADA))
        assert (call.state, call.reason, call.duplicate_of) == (*BLOCKED, None)
        assert desk.call(call.id) == call
    assert desk.sql("SELECT * FROM dedupe_keys") == []
    assert desk.do(desk.ledger.admin.unblock([ADA, BEN])) == 1
    assert desk.accept_one(lead(ADA)).state is State.WAITING


def test_a_block_outlives_the_process(desk: Desk) -> None:
    """It is a promise to a person."""
    block(desk, ADA)
    desk.reopen()
    assert shown(desk, desk.accept_one(lead(ADA)).id) == BLOCKED


def test_an_attempt_under_way_is_the_last(desk: Desk) -> None:
    """It cannot be called back; its retry does not go out."""
    call = desk.accept_one(lead(ADA))
    claim = desk.claim_one()
    assert block(desk, ADA) == Blocking(added=1, calls=0)
    desk.settle(claim, Outcome.UNREACHABLE, desk.retry_at(desk.clock() + MINUTE))
    desk.clock.advance(MINUTE)
    assert desk.claim().claims == ()
    assert shown(desk, call.id) == BLOCKED


def test_a_probe_is_not_of_a_blocked_number(desk: Desk) -> None:
    """Though it was under way, and halted its agent, when it was blocked."""
    call = desk.accept_one(lead(ADA))
    claim = desk.claim_one()
    block(desk, ADA)
    desk.halt(claim)
    desk.clock.advance(5 * MINUTE)
    assert desk.claim().claims == ()
    assert shown(desk, call.id) == BLOCKED


@pytest.mark.parametrize("state", sorted(REPLAYABLE - MAY_HAVE_RUNG))
def test_a_replay_is_no_way_round_a_block(desk: Desk, state: State) -> None:
    """A call that never rang says so."""
    call = desk.bring_to(state)
    block(desk, CLEO)
    desk.do(desk.ledger.admin.replay(call.id, lead(CLEO), now=desk.clock()))
    assert shown(desk, call.id) == BLOCKED
    assert desk.sql("SELECT * FROM dedupe_keys") == []


@pytest.mark.parametrize("state", sorted(REPLAYABLE & MAY_HAVE_RUNG))
def test_a_replay_of_a_ring_is_refused_by_a_block(desk: Desk, state: State) -> None:
    """That it may have rung is not overwritten."""
    call = desk.bring_to(state)
    block(desk, ADA)
    with pytest.raises(ConflictError, match=f"ignored \\(blocked\\): it stays {state}"):
        desk.do(desk.ledger.admin.replay(call.id, lead(ADA), now=desk.clock()))
    assert desk.call(call.id) == call


def test_a_call_without_a_ring_to_come_is_left(desk: Desk) -> None:
    """A guard's reason is not replaced by a block."""
    call = desk.accept_one(ignored())
    block(desk, str(call.phone))
    assert shown(desk, call.id) == (State.IGNORED, "not_a_lead")


def test_the_list_is_paged_in_order(desk: Desk) -> None:
    """Each number once, with its first day and its last note."""
    began = desk.clock()
    block(desk, CLEO, ADA, BEN, note="asked us")
    desk.clock.advance(DAY)
    assert block(desk, ADA, note="asked twice").added == 0
    assert block(desk, BEN).added == 0
    first, cursor = desk.do(desk.ledger.reads.blocks(2))
    assert first == [
        Blocked(phone=ADA, created_at=began, note="asked twice"),
        Blocked(phone=BEN, created_at=began, note="asked us"),
    ]
    assert desk.do(desk.ledger.reads.blocks(2, cursor)) == (
        [Blocked(phone=CLEO, created_at=began, note="asked us")],
        None,
    )
