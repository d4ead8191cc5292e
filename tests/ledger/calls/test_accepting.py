"""Accepting webhooks: what is stored, and which of several leads is the one to ring."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapter.model import DedupeKey, MappedCall, Move, Outcome, Reason, State, WebhookState, verdict
from tests.harness.ledger import ADA, BEN, CLEO, DAY, FAILED, MINUTE, Desk, ignored, lead, refused


def test_what_was_accepted_is_read_back_as_it_was(desk: Desk) -> None:
    """A webhook and its calls survive the file byte for byte, and millisecond for millisecond."""
    desk.clock.advance(timedelta(microseconds=123_456))
    accepted = desk.accept(lead(ADA), refused(), ignored())
    assert desk.do(desk.ledger.reads.webhook(accepted.webhook.id)) == (
        accepted.webhook,
        accepted.calls,
    )
    assert accepted.webhook.body == b'{"name": "Ada"}'
    assert accepted.calls[0].variables == {"name": "Ada", "product": "Solar ☀ panels"}
    assert [call.position for call in accepted.calls] == [0, 1, 2]
    assert desk.call(accepted.calls[0].id).due_at == accepted.calls[0].created_at
    assert accepted.calls[0].created_at.microsecond == 123_000


def test_a_lone_surrogate_in_a_variable_is_kept(desk: Desk) -> None:
    """Text that UTF-8 cannot hold does not make a sender's webhook fail for ever."""
    call = desk.accept_one(replace(lead(), variables={"name": "\ud800"}))
    assert desk.call(call.id).variables == {"name": "\ud800"}


def test_an_occurrence_of_its_own_is_kept(desk: Desk) -> None:
    """When the lead happened is what the mapping says, else when it was received."""
    earlier = desk.clock() - 2 * DAY
    accepted = desk.accept(replace(lead(ADA), occurred_at=earlier), lead(BEN))
    assert [call.occurred_at for call in accepted.calls] == [earlier, desk.clock()]


VERDICTS = {
    "one to ring": ([lead()], WebhookState.MAPPED, ""),
    "one of several to ring": ([refused(), ignored(), lead()], WebhookState.MAPPED, ""),
    "some ignored": ([refused(), ignored()], WebhookState.IGNORED, "not_a_lead"),
    "first ignored wins": ([ignored("a"), ignored("b")], WebhookState.IGNORED, "a"),
    "all refused": (
        [refused(Reason.NO_ROUTE), refused()],
        WebhookState.REFUSED,
        Reason.NO_ROUTE,
    ),
    "none": ([], WebhookState.REFUSED, Reason.NO_ITEMS),
}


@pytest.mark.parametrize(("calls", "state", "reason"), VERDICTS.values(), ids=VERDICTS)
def test_the_state_of_a_webhook_follows_from_its_calls(
    desk: Desk, calls: list[MappedCall], state: WebhookState, reason: str
) -> None:
    """Every webhook has one state with a named reason."""
    webhook = desk.webhook(reason=Reason.NO_ITEMS)
    accepted = desk.do(desk.ledger.accept(webhook, calls))
    assert (accepted.webhook.state, accepted.webhook.reason) == (state, reason)
    assert verdict(accepted.calls, Reason.NO_ITEMS) == (state, reason)


@pytest.mark.parametrize(
    ("state", "is_duplicate"),
    [
        (State.WAITING, True),
        (State.HELD, True),
        (State.SENDING, True),
        (State.RUNG, True),
        (State.UNCERTAIN, True),
        (State.FAILED, False),
    ],
)
def test_a_key_is_held_while_its_call_may_ring_or_has(
    desk: Desk, state: State, is_duplicate: bool
) -> None:
    """The same key is a duplicate unless the first call has given it free."""
    first = desk.bring_to(state)
    second = desk.accept_one()
    expected = (State.IGNORED, Reason.DUPLICATE, first.id) if is_duplicate else None
    assert ((second.state, second.reason, second.duplicate_of) == expected) is is_duplicate
    assert is_duplicate or second.duplicate_of is None


def test_an_expired_call_gives_its_key_free(desk: Desk) -> None:
    """A call that a gate ignored does not keep a later lead from ringing."""
    first = desk.accept_one()
    desk.claim(decide=lambda *_: Move(state=State.IGNORED, reason=Reason.EXPIRED))
    assert desk.call(first.id).reason == Reason.EXPIRED
    assert desk.accept_one().state is State.WAITING


def test_a_key_ends_with_its_window(desk: Desk) -> None:
    """After the window the same lead rings anew, whatever became of the first."""
    first = desk.accept_one()
    desk.clock.advance(DAY - timedelta(milliseconds=1))
    assert desk.accept_one().duplicate_of == first.id
    desk.clock.advance(timedelta(milliseconds=1))
    later = desk.accept_one()
    assert later.state is State.WAITING
    assert desk.accept_one().duplicate_of == later.id


def test_a_call_that_ends_frees_only_its_own_keys(desk: Desk) -> None:
    """A key that a later call took over after the window stays with that call."""
    desk.accept_one()
    first = desk.claim_one()
    desk.clock.advance(DAY)
    later = desk.accept_one()
    desk.settle(first, Outcome.REJECTED, FAILED)
    assert desk.accept_one().duplicate_of == later.id


def test_sources_do_not_share_keys(desk: Desk) -> None:
    """The same key from another source is another lead."""
    desk.accept_one()
    assert desk.accept_one(source="forms").state is State.WAITING


def test_items_of_one_webhook_see_each_other(desk: Desk) -> None:
    """A lead that is listed twice in one webhook rings once."""
    first, second, third = desk.accept(lead(ADA), lead(ADA), lead(BEN)).calls
    assert (first.state, third.state) == (State.WAITING, State.WAITING)
    assert (second.state, second.duplicate_of) == (State.IGNORED, first.id)


def test_either_key_makes_a_duplicate_and_a_duplicate_holds_none(desk: Desk) -> None:
    """A duplicate by one of its keys leaves its other keys to others."""
    keys = tuple(DedupeKey(digest=digest, window=DAY) for digest in ("free", "taken", "free"))
    first = desk.accept_one(lead(ADA, key="taken"))
    second = desk.accept_one(replace(lead(BEN), keys=keys))
    assert second.duplicate_of == first.id
    assert desk.accept_one(lead(CLEO, key="free")).state is State.WAITING


@pytest.mark.parametrize("kind", ["proof", "idempotency"])
def test_a_repeat_of_the_request_is_the_same_webhook(desk: Desk, kind: str) -> None:
    """The same proof or Idempotency-Key makes every item a duplicate, each of its own."""
    first = desk.accept(lead(ADA), lead(BEN), **{kind: "seen"})
    again = desk.accept(lead(ADA, key="x"), lead(BEN, key="y"), **{kind: "seen"})
    assert all(call.state is State.WAITING for call in first.calls)
    assert [call.duplicate_of for call in again.calls] == [call.id for call in first.calls]
    assert again.webhook.state is WebhookState.IGNORED
    assert desk.accept_one(lead(CLEO), **{kind: "other"}).state is State.WAITING


def test_proof_and_idempotency_key_of_the_same_text_are_two_keys(desk: Desk) -> None:
    """A sender cannot use up another's Idempotency-Key with its signature."""
    desk.accept(lead(ADA), proof="text")
    assert desk.accept_one(lead(BEN), idempotency="text").state is State.WAITING


def test_refused_calls_hold_no_keys(desk: Desk) -> None:
    """A retry after the mapping is mended goes through."""
    desk.accept(replace(refused(), keys=lead().keys), idempotency="k")
    assert desk.accept_one(idempotency="k").state is State.WAITING


def test_a_lead_for_a_paused_agent_is_held_from_the_start(desk: Desk) -> None:
    """A call is never waiting for an agent that may not ring."""
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    call = desk.accept_one()
    assert (call.state, call.reason, call.due_at) == (State.HELD, Reason.AGENT_PAUSED, None)
    assert desk.call(call.id) == call
    desk.clock.advance(MINUTE)
    assert desk.accept_one().duplicate_of == call.id


def test_the_tally_counts_what_is_stored(desk: Desk) -> None:
    """Counts by state and agent agree with the file, and outlive the process."""
    desk.accept(lead(ADA), refused(), ignored(), lead(BEN, agent="support"))
    for ledger in (desk.ledger, desk.reopen()):
        assert ledger.tally.by_state() == desk.counted()
        assert ledger.tally.pending == 2
        assert ledger.tally.by_agent()["support"][State.WAITING] == 1
        assert set(ledger.tally.by_agent()) == {"sales", "support"}
