"""Look-ups in the ledger: leases, answers that come too late, keys, denials."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from adapter.errors import ConflictError
from adapter.ledger.calls import claiming, lookup_claims, remapping
from adapter.ledger.calls.lookup_claims import PAGE, PROBE_EVERY, LookupRequest
from adapter.ledger.records import Forgotten, LookupClaim, LookupClaims, SourceSwitch
from adapter.ledger.sqlite.dialect import Prepared
from adapter.model import Call, MappedCall, Move, Outcome, Reason, State, WebhookState
from tests.harness.ledger import (
    ADA,
    BEN,
    DAY,
    MINUTE,
    RUNG,
    Desk,
    as_they_are,
    lead,
    nameless,
    refused,
)

LEASE = timedelta(seconds=20)
WAITS = (State.WAITING, Reason.LOOKUP, "")
DENIED = (State.HELD, Reason.LOOKUP_DENIED, "401")
TOO_OLD = Move(state=State.FAILED, reason=Reason.LOOKUP_FAILED)


def claim_lookups(
    desk: Desk,
    *,
    limit: int = 10,
    source: str = "crm",
    decide: Callable[[Call], Move | None] = lambda _: None,
) -> LookupClaims:
    """Lease what is due now."""
    request = LookupRequest(
        source=source, limit=limit, now=desk.clock(), lease=LEASE, decide=decide
    )
    return desk.do(desk.ledger.claim_lookups(request))


def claim_one(desk: Desk) -> LookupClaim:
    """Lease the one call that is due."""
    (claim,) = claim_lookups(desk).claims
    return claim


def answered(desk: Desk, claim: LookupClaim, mapped: MappedCall | None = None) -> Call | None:
    """Store what the answer made of a call."""
    return desk.do(desk.ledger.answer_lookup(claim, mapped or lead(), now=desk.clock()))


def forget_ada(desk: Desk) -> Forgotten:
    """Erase her."""
    forgetting = desk.ledger.admin.forget(
        ADA, desk.clock(), spellings=["12025550123"], texts=as_they_are
    )
    return desk.do(forgetting)


def missed(desk: Desk, claim: LookupClaim, **more: object) -> Call | None:
    """Store that there was no answer; the call is due again in a minute."""
    move = Move(
        state=State.WAITING, reason=Reason.LOOKUP, detail="timeout", due_at=desk.clock() + MINUTE
    )
    return desk.do(desk.ledger.miss_lookup(claim, move, now=desk.clock(), **more))  # type: ignore[arg-type]


def denied(desk: Desk, claim: LookupClaim) -> Call | None:
    """Store a 401."""
    return missed(desk, claim, denied_by="401")


def reconcile(desk: Desk, **fingerprints: str) -> tuple[str, ...]:
    """Compare with the configured look-ups."""
    return desk.do(desk.ledger.admin.reconcile_lookups(fingerprints, desk.clock()))


def shown(desk: Desk, call_id: str) -> tuple[State, str, str]:
    """Return the state, reason and detail of a call; the tally must agree with all of them."""
    call = desk.call(call_id)
    assert desk.ledger.tally.by_state() == desk.counted()
    return call.state, call.reason, call.detail


def test_a_call_before_its_look_up_is_no_ringers(desk: Desk) -> None:
    """It has no phone: claiming it would refuse the lead."""
    call = desk.accept_one(nameless())
    assert shown(desk, call.id) == WAITS
    assert desk.claim().claims == ()
    assert desk.do(desk.ledger.reads.next_due("sales")) is None
    assert shown(desk, call.id) == WAITS


def test_a_claim_is_a_lease(desk: Desk) -> None:
    """While it lasts nobody else asks; when it has ended without a word, somebody does."""
    call = desk.accept_one(nameless())
    first = claim_lookups(desk)
    assert [claim.call.lookups for claim in first.claims] == [1]
    assert first.next_due == desk.clock() + LEASE
    assert claim_lookups(desk).claims == ()
    desk.clock.advance(LEASE)
    again = claim_one(desk)
    assert (again.call.id, again.call.lookups) == (call.id, 2)
    late = answered(desk, first.claims[0])
    assert late is None
    assert shown(desk, call.id) == WAITS
    assert answered(desk, again) is not None
    assert answered(desk, again) is None


def test_only_so_many_are_leased(desk: Desk) -> None:
    """In order of their time; what is left is due now."""
    calls = [desk.accept_one(nameless(agent=None)) for _ in range(3)]
    first = claim_lookups(desk, limit=2)
    assert [claim.call.id for claim in first.claims] == [call.id for call in calls[:2]]
    assert first.next_due == desk.clock()
    assert claim_lookups(desk, limit=0).claims == ()
    assert claim_lookups(desk, source="other").claims == ()


def test_an_answer_makes_the_call_whole(desk: Desk) -> None:
    """It is as if it had been mapped at intake: new, due now, with its keys."""
    call = desk.accept_one(nameless(agent=None))
    claim = claim_one(desk)
    desk.clock.advance(timedelta(seconds=1))
    whole = answered(desk, claim)
    assert whole is not None
    stored = desk.call(call.id)
    assert (stored.state, stored.reason, stored.phone) == (State.WAITING, Reason.NEW, ADA)
    assert (stored.agent, stored.lookups, stored.due_at) == ("sales", None, desk.clock())
    assert stored.variables == lead().variables
    assert desk.accept_one(lead()).duplicate_of == call.id
    assert desk.claim_one().call.id == call.id


def test_a_look_up_is_no_attempt(desk: Desk) -> None:
    """Nobody was rung: the call is fresh, whatever its look-ups took."""
    desk.accept_one(nameless())
    missed(desk, claim_one(desk))
    desk.clock.advance(MINUTE)
    answered(desk, claim_one(desk))
    claim = desk.claim_one()
    assert (claim.call.attempts, claim.number) == (1, 1)


def test_an_explicit_key_is_held_from_intake_on(desk: Desk) -> None:
    """The call may claim it again with the answer; nobody else may at any time."""
    call = desk.accept_one(nameless("k"))
    assert desk.accept_one(nameless("k")).duplicate_of == call.id
    whole = answered(desk, claim_one(desk), lead(key="k"))
    assert whole is not None
    assert whole.state is State.WAITING
    assert desk.accept_one(nameless("k")).duplicate_of == call.id


def test_of_two_answers_with_one_key_the_second_is_a_duplicate(desk: Desk) -> None:
    """It names the first, and gives all of its own keys free."""
    first, second = desk.accept_one(nameless("a")), desk.accept_one(nameless("b"))
    claims = {claim.call.id: claim for claim in claim_lookups(desk).claims}
    assert answered(desk, claims[second.id]) is not None
    late = answered(desk, claims[first.id])
    assert late is not None
    assert shown(desk, first.id) == (State.IGNORED, Reason.DUPLICATE, "")
    assert desk.call(first.id).duplicate_of == second.id
    assert desk.accept_one(nameless("a")).duplicate_of is None


@pytest.mark.parametrize(
    ("mapped", "expected"),
    [
        (refused(), (State.REFUSED, Reason.PHONE_MISSING, "no path gave a phone")),
        (
            MappedCall(state=State.IGNORED, reason="vip", agent="sales"),
            (State.IGNORED, "vip", ""),
        ),
    ],
)
def test_an_answer_may_end_the_call(
    desk: Desk, mapped: MappedCall, expected: tuple[State, str, str]
) -> None:
    """Its webhook says so too, and its key is free."""
    accepted = desk.accept(nameless("k"))
    answered(desk, claim_one(desk), mapped)
    assert shown(desk, accepted.calls[0].id) == expected
    found = desk.do(desk.ledger.reads.webhook(accepted.webhook.id))
    assert found is not None
    assert found[0].reason == expected[1]
    assert desk.accept_one(nameless("k")).duplicate_of is None


def test_a_blocked_number_takes_no_key(desk: Desk) -> None:
    """The block is asked before the key, as at intake."""
    desk.do(desk.ledger.admin.block([ADA], desk.clock()))
    call = desk.accept_one(nameless())
    answered(desk, claim_one(desk))
    assert shown(desk, call.id) == (State.IGNORED, Reason.BLOCKED, "")
    desk.do(desk.ledger.admin.unblock([ADA]))
    assert desk.accept_one(lead()).duplicate_of is None


def test_a_blocked_number_is_nobodys_duplicate(desk: Desk) -> None:
    """Though another call holds the key that its record makes."""
    desk.accept_one(lead(BEN, key="k"))
    desk.do(desk.ledger.admin.block([ADA], desk.clock()))
    call = desk.accept_one(nameless())
    answered(desk, claim_one(desk), lead(ADA, key="k"))
    assert (desk.call(call.id).reason, desk.call(call.id).duplicate_of) == (Reason.BLOCKED, None)


def test_what_has_rung_keeps_its_key_though_its_record_is_anothers(desk: Desk) -> None:
    """A replay that turns out to be a duplicate takes nothing, and loses nothing."""
    call = desk.accept_one(nameless("k"))
    answered(desk, claim_one(desk), lead(key="k"))
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    other = desk.accept_one(lead(BEN, key="z"))
    desk.do(desk.ledger.admin.replay(call.id, nameless(), now=desk.clock()))
    answered(desk, claim_one(desk), lead(key="z"))
    assert desk.call(call.id).duplicate_of == other.id
    assert desk.accept_one(nameless("k")).duplicate_of == call.id


def test_an_answer_meets_its_agents_switch(desk: Desk) -> None:
    """A paused agent holds it, and lets it go."""
    call = desk.accept_one(nameless())
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    assert shown(desk, call.id) == WAITS
    answered(desk, claim_one(desk))
    assert shown(desk, call.id) == (State.HELD, Reason.AGENT_PAUSED, "")
    assert desk.do(desk.ledger.admin.resume("sales", desk.clock())) == 1
    assert desk.claim_one().call.id == call.id


def test_an_agents_switches_leave_what_needs_a_look_up(desk: Desk) -> None:
    """Nor does its absence hold it: the answer may name another one."""
    call = desk.accept_one(nameless())
    desk.do(desk.ledger.admin.pause(None, desk.clock(), agents=["sales"]))
    desk.do(desk.ledger.admin.reconcile({}, desk.clock()))
    assert shown(desk, call.id) == WAITS
    answered(desk, claim_one(desk))
    assert shown(desk, call.id) == (State.HELD, Reason.AGENT_MISSING, "")


@pytest.mark.parametrize("agent", ["sales", None])
def test_a_paused_source_holds_and_drops_late_answers(desk: Desk, agent: str | None) -> None:
    """Whatever agent it will have; afterwards it is asked for anew, and only then rings."""
    call = desk.accept_one(nameless(agent=agent))
    claim = claim_one(desk)
    assert desk.do(desk.ledger.admin.pause_source("crm", desk.clock())) == 1
    assert answered(desk, claim) is None
    assert missed(desk, claim) is None
    assert shown(desk, call.id) == (State.HELD, Reason.SOURCE_BURST, "paused")
    assert claim_lookups(desk) == LookupClaims(claims=(), next_due=None)
    assert desk.do(desk.ledger.admin.resume_source("crm", desk.clock())) == 1
    assert shown(desk, call.id) == WAITS
    assert claim_one(desk).call.lookups == 2


def test_what_is_too_old_is_not_asked_for(desk: Desk) -> None:
    """It ends where the gate says, with its webhook and its key."""
    accepted = desk.accept(nameless("k"))
    claims = claim_lookups(desk, decide=lambda _: TOO_OLD)
    assert claims.claims == ()
    assert [call.state for call in claims.moved] == [State.FAILED]
    assert shown(desk, accepted.calls[0].id) == (State.FAILED, Reason.LOOKUP_FAILED, "")
    assert desk.accept_one(nameless("k")).duplicate_of is None


def test_time_held_is_not_counted(desk: Desk) -> None:
    """The gate hears of it."""
    desk.accept_one(nameless())
    desk.do(desk.ledger.admin.pause_source("crm", desk.clock()))
    desk.clock.advance(DAY)
    desk.do(desk.ledger.admin.resume_source("crm", desk.clock()))
    assert claim_one(desk).call.uncounted_s == DAY.total_seconds()


def test_a_denial_holds_all_that_need_a_look_up(desk: Desk) -> None:
    """Those that are whole ring; another source's are asked for."""
    whole = desk.accept_one(lead(BEN))
    first, second = desk.accept_one(nameless()), desk.accept_one(nameless(agent=None))
    other = desk.accept_one(nameless(), source="forms")
    claims = claim_lookups(desk, limit=1)
    told = denied(desk, claims.claims[0])
    assert told is not None
    assert told.state is State.HELD
    late = desk.accept_one(nameless())
    assert [shown(desk, each.id) for each in (first, second, late)] == [DENIED] * 3
    assert shown(desk, other.id) == WAITS
    assert desk.claim_one().call.id == whole.id
    later = claim_lookups(desk)
    assert later == LookupClaims(claims=(), next_due=desk.clock() + PROBE_EVERY)


def test_a_denied_source_is_tried_with_its_calls_in_turn(desk: Desk) -> None:
    """One every five minutes, the least often asked first: one record may be forbidden."""
    calls = [desk.accept_one(nameless()) for _ in range(3)]
    denied(desk, claim_lookups(desk, limit=1).claims[0])
    order = []
    for _ in range(4):
        desk.clock.advance(PROBE_EVERY)
        tried = claim_lookups(desk)
        assert tried.next_due == desk.clock() + PROBE_EVERY
        assert claim_lookups(desk).claims == ()
        order += [claim.call.id for claim in tried.claims]
        denied(desk, tried.claims[0])
        assert [shown(desk, each.id) for each in calls] == [DENIED] * 3
    assert order == [calls[1].id, calls[2].id, calls[0].id, calls[1].id]


def test_those_that_are_too_old_do_not_put_a_try_off(desk: Desk) -> None:
    """They end, however many they are, and the next one is tried at once."""
    old = [desk.accept_one(nameless()) for _ in range(PAGE + 5)]
    denied(desk, claim_lookups(desk, limit=1).claims[0])
    fresh = desk.accept_one(nameless())
    desk.clock.advance(PROBE_EVERY)
    is_old = {call.id for call in old}

    def decide(call: Call) -> Move | None:
        return TOO_OLD if call.id in is_old else None

    first = claim_lookups(desk, decide=decide)
    assert (len(first.moved), first.claims) == (PAGE, ())
    assert first.next_due is not None
    assert first.next_due <= desk.clock()
    second = claim_lookups(desk, decide=decide)
    assert [claim.call.id for claim in second.claims] == [fresh.id]
    ended = {shown(desk, call.id) for call in old[1:]}
    assert ended <= {(State.FAILED, Reason.LOOKUP_FAILED, ""), DENIED}


def test_a_try_that_was_cut_off_is_made_again(desk: Desk) -> None:
    """The call that it left waiting goes first."""
    calls = [desk.accept_one(nameless()) for _ in range(3)]
    denied(desk, claim_lookups(desk, limit=1).claims[0])
    desk.clock.advance(PROBE_EVERY)
    assert claim_one(desk).call.id == calls[1].id
    desk.reopen()
    desk.clock.advance(PROBE_EVERY)
    assert claim_one(desk).call.id == calls[1].id


@pytest.mark.parametrize("is_found", [True, False])
def test_an_answer_ends_a_denial(desk: Desk, is_found: bool) -> None:
    """Also that there is no such record, for a vendor who says so has let us in."""
    calls = [desk.accept_one(nameless()) for _ in range(2)]
    denied(desk, claim_lookups(desk, limit=1).claims[0])
    desk.clock.advance(PROBE_EVERY)
    tried = claim_one(desk)
    if is_found:
        answered(desk, tried)
    else:
        missed(desk, tried, is_well=True)
    assert shown(desk, calls[0].id) == WAITS
    well = SourceSwitch(name="crm", well_at=desk.clock())
    assert desk.do(desk.ledger.reads.sources())["crm"] == well


def test_a_try_that_shows_nothing_leaves_the_denial(desk: Desk) -> None:
    """No answer proves nothing about the credentials, nor does one that nobody was asked for."""
    calls = [desk.accept_one(nameless()) for _ in range(3)]
    denied(desk, claim_lookups(desk, limit=1).claims[0])
    desk.clock.advance(PROBE_EVERY)
    missed(desk, claim_one(desk))
    desk.clock.advance(PROBE_EVERY)
    refusing = desk.ledger.answer_lookup(
        claim_one(desk), refused(), now=desk.clock(), is_well=False
    )
    assert desk.do(refusing) is not None
    assert shown(desk, calls[0].id) == DENIED


def test_what_was_under_way_at_a_denial_counts(desk: Desk) -> None:
    """Its answer is not thrown away, and shows that the vendor lets us in."""
    calls = [desk.accept_one(nameless()) for _ in range(3)]
    claims = {claim.call.id: claim for claim in claim_lookups(desk).claims}
    denied(desk, claims[calls[0].id])
    assert [shown(desk, each.id) for each in calls] == [DENIED] * 3
    whole = answered(desk, claims[calls[1].id], lead(BEN))
    assert whole is not None
    assert shown(desk, calls[1].id) == (State.WAITING, Reason.NEW, "")
    assert [shown(desk, calls[n].id) for n in (0, 2)] == [WAITS] * 2


def test_one_forbidden_record_holds_its_source_once(desk: Desk) -> None:
    """Once others are let in, its 403 is its own: it is asked for again, and holds nobody."""
    forbidden, other = desk.accept_one(nameless()), desk.accept_one(nameless())
    missed(desk, claim_lookups(desk, limit=1).claims[0], denied_by="403")
    desk.clock.advance(PROBE_EVERY)
    tried = claim_one(desk)
    assert tried.call.id == other.id
    answered(desk, tried, lead(BEN))
    again = claim_one(desk)
    assert again.call.id == forbidden.id
    missed(desk, again, denied_by="403")
    assert shown(desk, forbidden.id) == (State.WAITING, Reason.LOOKUP, "timeout")
    late = desk.accept_one(nameless())
    assert shown(desk, late.id) == WAITS
    desk.clock.advance(timedelta(milliseconds=1))
    newer = desk.accept_one(nameless())
    missed(desk, claim_lookups(desk, limit=1).claims[0], denied_by="401")
    assert shown(desk, newer.id) == DENIED


def test_another_configuration_ends_a_denial(desk: Desk) -> None:
    """The same one does not, nor does a start."""
    assert reconcile(desk, crm="f1", forms="") == ("crm",)
    call = desk.accept_one(nameless())
    denied(desk, claim_one(desk))
    reconcile(desk, crm="f1", forms="")
    desk.reopen()
    assert shown(desk, call.id) == DENIED
    assert reconcile(desk, crm="f2", forms="") == ("crm",)
    assert shown(desk, call.id) == WAITS


def test_a_denial_of_a_configuration_since_replaced_denies_nothing(desk: Desk) -> None:
    """The request was under way when the token was mended."""
    reconcile(desk, crm="f1")
    call = desk.accept_one(nameless())
    claim = claim_one(desk)
    reconcile(desk, crm="f2")
    told = denied(desk, claim)
    assert told is not None
    assert shown(desk, call.id) == (State.WAITING, Reason.LOOKUP, "timeout")


def test_calls_whose_mapping_is_gone_are_known(desk: Desk) -> None:
    """Somebody has to see that they end."""
    desk.accept_one(nameless(), source="gone")
    desk.accept_one(lead(), source="crm")
    assert reconcile(desk, crm="", shop="f1") == ("gone", "shop")


def test_a_pause_goes_before_a_denial(desk: Desk) -> None:
    """A person's order is shown, and its end ends both."""
    call = desk.accept_one(nameless())
    denied(desk, claim_one(desk))
    desk.do(desk.ledger.admin.pause_source("crm", desk.clock()))
    assert shown(desk, call.id) == (State.HELD, Reason.SOURCE_BURST, "paused")
    desk.clock.advance(PROBE_EVERY)
    assert claim_lookups(desk).claims == ()
    desk.do(desk.ledger.admin.resume_source("crm", desk.clock()))
    assert shown(desk, call.id) == WAITS


def test_at_a_start_every_lease_has_ended(desk: Desk) -> None:
    """Who held one is gone, and nobody was rung."""
    call = desk.accept_one(nameless())
    claim_one(desk)
    desk.reopen()
    assert claim_one(desk).call.id == call.id


def test_forgetting_waits_for_a_look_up(desk: Desk) -> None:
    """Without its webhook the other call could not be asked for, and would be lost."""
    desk.accept(lead(), nameless())
    with pytest.raises(ConflictError, match="look-up"):
        forget_ada(desk)
    answered(desk, claim_one(desk), lead(BEN))
    assert forget_ada(desk).calls == 1


def test_a_replay_goes_through_a_look_up_again(desk: Desk) -> None:
    """It has lost its phone until the answer, unless that phone may have rung."""
    call = desk.accept_one(nameless("k"))
    answered(desk, claim_one(desk), refused())
    replayed = desk.do(desk.ledger.admin.replay(call.id, nameless("k"), now=desk.clock()))
    assert (replayed.call.state, replayed.call.reason) == (State.WAITING, Reason.LOOKUP)
    answered(desk, claim_one(desk), lead(key="k"))
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    again = desk.do(desk.ledger.admin.replay(call.id, nameless("k"), now=desk.clock()))
    assert (again.may_have_rung, again.call.phone) == (True, ADA)
    assert desk.claim().claims == ()


def test_a_replay_of_a_held_source_is_held(desk: Desk) -> None:
    """It is asked for when the source may go on."""
    call = desk.accept_one(replace(refused(), agent="sales"))
    desk.do(desk.ledger.admin.pause_source("crm", desk.clock()))
    desk.do(desk.ledger.admin.replay(call.id, nameless(), now=desk.clock()))
    assert shown(desk, call.id) == (State.HELD, Reason.SOURCE_BURST, "paused")
    desk.do(desk.ledger.admin.resume_source("crm", desk.clock()))
    assert shown(desk, call.id) == WAITS


@pytest.mark.parametrize(
    ("query", "indexes"),
    [(claiming.DUE, ["calls_fresh", "calls_retry"]), (lookup_claims.DUE, ["calls_lookup"])],
)
def test_neither_kind_of_waiting_is_in_the_way_of_the_other(
    desk: Desk, query: Prepared, indexes: list[str]
) -> None:
    """However many calls wait for a vendor that is down, ringing does not look at them."""
    sql = query.sql.replace("?", "1")
    plan = str(desk.sql(f"EXPLAIN QUERY PLAN {sql}"))
    assert [name for name in indexes if f"USING INDEX {name} " not in plan] == []
    assert "SCAN calls" not in plan


@pytest.mark.parametrize("ending", [refused(), None])
def test_a_replay_that_ends_otherwise_leaves_what_rang_its_key(
    desk: Desk, ending: MappedCall | None
) -> None:
    """The sender's repeat of that lead is one all the same: its phone rang."""
    call = desk.accept_one(nameless("k"))
    answered(desk, claim_one(desk), lead(key="k"))
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    desk.do(desk.ledger.admin.replay(call.id, nameless(), now=desk.clock()))
    assert desk.accept_one(nameless("k")).duplicate_of == call.id
    if ending is not None:
        answered(desk, claim_one(desk), ending)
        assert shown(desk, call.id)[0] is State.REFUSED
    else:
        claim_lookups(desk, decide=lambda _: TOO_OLD)
        assert shown(desk, call.id)[0] is State.FAILED
    assert desk.accept_one(nameless("k")).duplicate_of == call.id


def test_a_batch_is_judged_as_fast_as_a_single_call(desk: Desk) -> None:
    """What is asked for each answer does not grow with the webhook: it reads one row."""
    sql = remapping.TELLING.sql.replace("?", "1")
    assert "LIMIT 1" in sql
    accepted = desk.accept(*(nameless() for _ in range(5)))
    claims = claim_lookups(desk).claims
    for claim in claims[:-1]:
        answered(desk, claim, refused())
    found = desk.do(desk.ledger.reads.webhook(accepted.webhook.id))
    assert found is not None
    assert found[0].state is WebhookState.MAPPED
    ignoring = MappedCall(state=State.IGNORED, reason="vip", agent="sales")
    answered(desk, claims[-1], ignoring)
    found = desk.do(desk.ledger.reads.webhook(accepted.webhook.id))
    assert found is not None
    assert (found[0].state, found[0].reason) == (WebhookState.IGNORED, "vip")
