"""Replay and resolve: what a person may ask, and what the ledger answers."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapter.errors import ConflictError
from adapter.ledger.dedupe import Repeats
from adapter.ledger.records import Replayed
from adapter.model import (
    MAY_HAVE_RUNG,
    REPLAYABLE,
    MappedCall,
    Move,
    Outcome,
    Reason,
    State,
    WebhookState,
)
from tests.harness.ledger import (
    ADA,
    BEN,
    CLEO,
    DAY,
    FAILED,
    MINUTE,
    RUNG,
    Desk,
    ignored,
    lead,
    refused,
)

Operation = Callable[[Desk], Coroutine[Any, Any, object]]


def replay(desk: Desk, call_id: str, mapped: MappedCall | None = None, **more: Repeats) -> Replayed:
    """Replay a call, mapped as a lead of a phone that no other test call has."""
    return desk.do(
        desk.ledger.admin.replay(call_id, mapped or lead(CLEO), now=desk.clock(), **more)
    )


@pytest.mark.parametrize("state", sorted(REPLAYABLE))
def test_a_replay_rings_again_under_the_same_id(desk: Desk, state: State) -> None:
    """The call is mapped anew, waits, and says whether it may have rung."""
    call = desk.bring_to(state)
    desk.clock.advance(MINUTE)
    replayed = replay(desk, call.id)
    assert replayed.may_have_rung is (state in MAY_HAVE_RUNG)
    assert replayed.conflict == ""
    assert desk.call(call.id) == replayed.call
    assert (replayed.call.state, replayed.call.reason) == (State.WAITING, Reason.NEW)
    assert (replayed.call.phone, replayed.call.due_at) == (CLEO, desk.clock())
    assert replayed.call.created_at == call.created_at
    assert desk.ledger.tally.by_state() == desk.counted()
    assert desk.claim_one().call.id == call.id


@pytest.mark.parametrize("state", sorted(set(State) - REPLAYABLE))
def test_a_call_that_has_not_ended_is_not_replayed(desk: Desk, state: State) -> None:
    """A replay never makes a second attempt beside one that is to come or under way."""
    call = desk.bring_to(state)
    with pytest.raises(ConflictError, match=state):
        replay(desk, call.id)
    assert desk.call(call.id) == call


def test_a_replay_is_refused_while_another_call_holds_its_key(desk: Desk) -> None:
    """The lead that took its place rings instead; its id is named."""
    duplicate_of = desk.accept_one()
    duplicate = desk.accept_one()
    with pytest.raises(ConflictError, match=duplicate_of.id):
        replay(desk, duplicate.id, lead(ADA))
    assert desk.call(duplicate.id) == duplicate


def test_a_refused_replay_leaves_its_keys(desk: Desk) -> None:
    """A rung call whose new key is taken still guards its old one."""
    rung = desk.bring_to(State.RUNG)
    desk.accept_one(lead(BEN))
    with pytest.raises(ConflictError):
        replay(desk, rung.id, lead(BEN))
    assert desk.accept_one(lead(ADA)).duplicate_of == rung.id


def test_a_replay_takes_its_keys_again(desk: Desk) -> None:
    """After a replay a sender's retry is a duplicate; keys of the old mapping are free."""
    call = desk.bring_to(State.RUNG)
    repeats = Repeats(idempotency="k", idempotency_window=DAY)
    replay(desk, call.id, lead(CLEO), repeats=repeats)
    assert desk.accept_one(lead(CLEO)).duplicate_of == call.id
    assert desk.accept_one(lead(BEN), idempotency="k").duplicate_of == call.id
    assert desk.accept_one(lead(ADA)).state is State.WAITING


def test_a_duplicate_is_replayed_once_its_holder_failed(desk: Desk) -> None:
    """It rings as itself then, and is no duplicate any more."""
    first = desk.accept_one()
    duplicate = desk.accept_one()
    claim = desk.claim_one()
    desk.settle(claim, *failing())
    replayed = replay(desk, duplicate.id, lead(ADA))
    assert replayed.call.duplicate_of is None
    assert desk.call(first.id).state is State.FAILED


def failing() -> tuple[Outcome, Move]:
    """Return how an attempt fails for good."""
    return Outcome.REJECTED, FAILED


@pytest.mark.parametrize(
    "mapped", [refused(Reason.NO_ROUTE), ignored()], ids=["refused", "ignored"]
)
@pytest.mark.parametrize("state", sorted(REPLAYABLE - MAY_HAVE_RUNG))
def test_a_mapping_may_still_say_no(desk: Desk, state: State, mapped: MappedCall) -> None:
    """A call that never rang takes the new mapping's state and reason."""
    call = desk.bring_to(state)
    replayed = replay(desk, call.id, mapped)
    assert (replayed.call.state, replayed.call.reason) == (mapped.state, mapped.reason)
    assert desk.call(call.id) == replayed.call
    assert desk.ledger.tally.by_state() == desk.counted()


@pytest.mark.parametrize("state", sorted(MAY_HAVE_RUNG & REPLAYABLE))
def test_a_mapping_that_says_no_does_not_hide_a_ring(desk: Desk, state: State) -> None:
    """That a phone may have rung is not overwritten by a refusal."""
    call = desk.bring_to(state)
    with pytest.raises(ConflictError, match=f"stays {state}"):
        replay(desk, call.id, refused())
    assert desk.call(call.id) == call


@pytest.mark.parametrize("state", sorted(REPLAYABLE))
def test_a_replay_for_a_paused_agent_is_held(desk: Desk, state: State) -> None:
    """A replay passes the agent's switch like any other call."""
    call = desk.bring_to(state)
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    replayed = replay(desk, call.id)
    assert (replayed.call.state, replayed.call.reason) == (State.HELD, Reason.AGENT_PAUSED)


def test_a_replay_may_change_the_agent_and_the_time(desk: Desk) -> None:
    """What the mapping now says is what counts, in the counts as well."""
    call = desk.bring_to(State.FAILED)
    earlier = desk.clock() - timedelta(hours=1)
    mapped = replace(lead(agent="support"), occurred_at=earlier)
    assert replay(desk, call.id, mapped).call.occurred_at == earlier
    assert desk.ledger.tally.by_agent()["support"][State.WAITING] == 1
    assert desk.ledger.tally.by_agent()["sales"][State.FAILED] == 0
    assert desk.claim_one(agent="support").call.id == call.id


def test_a_replay_mends_its_webhook(desk: Desk) -> None:
    """A webhook whose call now rings is mapped."""
    accepted = desk.accept(refused())
    replay(desk, accepted.calls[0].id)
    found = desk.do(desk.ledger.reads.webhook(accepted.webhook.id))
    assert found is not None
    assert (found[0].state, found[0].reason) == (WebhookState.MAPPED, "")


@pytest.mark.parametrize(
    "operation",
    [
        lambda desk: desk.ledger.admin.replay("none", lead(), now=desk.clock()),
        lambda desk: desk.ledger.admin.resolve("none", True, desk.clock()),
        lambda desk: desk.ledger.admin.replay_webhook("none", [lead()], now=desk.clock()),
    ],
    ids=["replay", "resolve", "replay_webhook"],
)
def test_what_is_not_there_cannot_be_asked_for(desk: Desk, operation: Operation) -> None:
    """The answer says that retention may have taken it."""
    with pytest.raises(ConflictError, match="retention"):
        desk.do(operation(desk))


def test_a_webhook_is_replayed_by_position(desk: Desk) -> None:
    """Ended calls are mapped anew, those that wait are left, new items are stored."""
    accepted = desk.accept(refused(), lead(ADA))
    answers = desk.do(
        desk.ledger.admin.replay_webhook(
            accepted.webhook.id, [lead(BEN), lead(ADA), lead(CLEO)], now=desk.clock()
        )
    )
    assert [answer.call.position for answer in answers] == [0, 1, 2]
    assert [bool(answer.conflict) for answer in answers] == [False, True, False]
    found = desk.do(desk.ledger.reads.webhook(accepted.webhook.id))
    assert found is not None
    assert found[0].state is WebhookState.MAPPED
    assert [call.id for call in found[1][:2]] == [call.id for call in accepted.calls]
    assert [call.phone for call in found[1]] == [BEN, ADA, CLEO]
    assert {call.state for call in found[1]} == {State.WAITING}
    assert desk.ledger.tally.by_state() == desk.counted()


def test_a_replayed_webhook_may_leave_out_what_rang(desk: Desk) -> None:
    """An operator who mends one item need not ring all the others again."""
    accepted = desk.accept(lead(ADA), refused())
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    answers = desk.do(
        desk.ledger.admin.replay_webhook(
            accepted.webhook.id,
            [lead(ADA), lead(BEN)],
            now=desk.clock(),
            states=REPLAYABLE - MAY_HAVE_RUNG,
        )
    )
    assert [answer.call.state for answer in answers] == [State.RUNG, State.WAITING]
    assert answers[0].may_have_rung


def test_a_conflict_of_one_item_does_not_stop_the_others(desk: Desk) -> None:
    """Each item's key is its own; what it lost in the conflict it has back."""
    holder = desk.accept_one(lead(CLEO))
    accepted = desk.accept(lead(ADA), refused())
    desk.settle(desk.claim(limit=2).claims[1], Outcome.RUNG, RUNG)
    answers = desk.do(
        desk.ledger.admin.replay_webhook(
            accepted.webhook.id, [lead(CLEO), lead(BEN)], now=desk.clock()
        )
    )
    assert holder.id in answers[0].conflict
    assert [answer.call.state for answer in answers] == [State.RUNG, State.WAITING]
    assert desk.accept_one(lead(ADA)).duplicate_of == accepted.calls[0].id
    assert desk.ledger.tally.by_state() == desk.counted()


def test_a_webhook_of_which_nothing_can_be_replayed_is_a_conflict(desk: Desk) -> None:
    """Nothing changes, and the reasons are named."""
    accepted = desk.accept(lead(ADA))
    with pytest.raises(ConflictError, match="waiting"):
        desk.do(
            desk.ledger.admin.replay_webhook(accepted.webhook.id, [lead(BEN)], now=desk.clock())
        )


@pytest.mark.parametrize(
    ("calls", "state", "reason"),
    [
        ([], WebhookState.REFUSED, Reason.MALFORMED_BODY),
        ([lead()], WebhookState.MAPPED, ""),
    ],
)
def test_a_webhook_without_calls_is_replayed(
    desk: Desk, calls: list[MappedCall], state: WebhookState, reason: str
) -> None:
    """What could not be read is stored, and rings once its mapping is mended."""
    accepted = desk.accept()
    answers = desk.do(
        desk.ledger.admin.replay_webhook(
            accepted.webhook.id, calls, now=desk.clock(), reason=Reason.MALFORMED_BODY
        )
    )
    assert len(answers) == len(calls)
    found = desk.do(desk.ledger.reads.webhook(accepted.webhook.id))
    assert found is not None
    assert (found[0].state, found[0].reason) == (state, reason)


@pytest.mark.parametrize(
    ("rung", "state", "reason"),
    [
        (True, State.RUNG, Reason.RESOLVED_RUNG),
        (False, State.FAILED, Reason.RESOLVED_NOT_RUNG),
    ],
)
def test_a_person_resolves_what_is_uncertain(
    desk: Desk, rung: bool, state: State, reason: Reason
) -> None:
    """Rung keeps key and cooldown, not rung gives both free."""
    call = desk.bring_to(State.UNCERTAIN)
    resolved = desk.do(desk.ledger.admin.resolve(call.id, rung, desk.clock()))
    assert (resolved.state, resolved.reason) == (state, reason)
    assert desk.call(call.id) == resolved
    assert (desk.accept_one().state is State.WAITING) is not rung
    desk.accept_one(lead(ADA, key="other"))
    assert bool(desk.claim().claims) is not rung
    if not rung:
        with pytest.raises(ConflictError, match="held by"):
            replay(desk, call.id, lead(ADA))


@pytest.mark.parametrize("state", sorted(set(State) - {State.UNCERTAIN}))
def test_what_is_certain_is_not_resolved(desk: Desk, state: State) -> None:
    """A person's word does not overrule the ledger's."""
    call = desk.bring_to(state)
    with pytest.raises(ConflictError, match=state):
        desk.do(desk.ledger.admin.resolve(call.id, False, desk.clock()))
    assert desk.call(call.id) == call


@pytest.mark.parametrize(
    "ending",
    [
        Move(state=State.IGNORED, reason=Reason.COOLDOWN),
        Move(state=State.REFUSED, reason=Reason.COUNTRY_NOT_ALLOWED),
        None,
    ],
)
def test_what_has_rung_keeps_its_keys_however_its_replay_ends(
    desk: Desk, ending: Move | None
) -> None:
    """The sender's repeat is of a lead whose phone rang, whatever a gate or the agent says now."""
    call = desk.bring_to(State.RUNG)
    desk.do(desk.ledger.admin.replay(call.id, lead(), now=desk.clock()))
    if ending is not None:
        desk.claim(decide=lambda _call, _facts: ending)
        assert desk.call(call.id).state is ending.state
    else:
        desk.settle(desk.claim_one(cooldown=timedelta(0)), Outcome.REJECTED, FAILED)
    assert desk.accept_one(lead()).duplicate_of == call.id


def test_what_never_rang_gives_its_keys_free(desk: Desk) -> None:
    """Also where a person had to say so."""
    call = desk.bring_to(State.UNCERTAIN)
    desk.do(desk.ledger.admin.resolve(call.id, False, desk.clock()))
    assert desk.accept_one(lead()).duplicate_of is None
