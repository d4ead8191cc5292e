"""Numbers' hashes: kept with a webhook, found by, and gone with it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapter.ledger.records import CallFilter, WebhookFilter
from adapter.model import Call, MappedCall, Outcome, State
from tests.harness.ledger import (
    ADA,
    BEN,
    CLEO,
    DAY,
    MINUTE,
    RUNG,
    Desk,
    go,
    ignored,
    lead,
    nameless,
    refused,
)
from tests.ledger.calls.test_lookups import answered, claim_one

DIGITS = "2025550199"


def calls_of(desk: Desk, *terms: str) -> list[str]:
    """Return the calls that these terms find, newest first."""
    found, _ = desk.do(desk.ledger.reads.calls(CallFilter(numbers=terms), 10))
    return [call.id for call in found]


def webhooks_of(desk: Desk, *terms: str) -> list[str]:
    """Return the webhooks that these terms find, newest first."""
    found, _ = desk.do(desk.ledger.reads.webhooks(WebhookFilter(numbers=terms), 10))
    return [webhook.id for webhook in found]


def test_a_webhook_is_found_by_each_of_its_calls_numbers(desk: Desk) -> None:
    """And a call by its own alone, be it ignored or refused."""
    unread = replace(refused(), numbers=(DIGITS, CLEO))
    stored = desk.accept(lead(ADA), ignored(), unread)
    first, second, third = (call.id for call in stored.calls)
    for term, call in ((ADA, first), (BEN, second), (DIGITS, third), (CLEO, third)):
        assert calls_of(desk, term) == [call]
        assert webhooks_of(desk, term) == [stored.webhook.id]
    assert calls_of(desk, ADA, CLEO) == [third, first]
    assert calls_of(desk, "+12025550111") == webhooks_of(desk, "12025550111") == []


def test_a_webhook_without_calls_is_found(desk: Desk) -> None:
    """Of a body that could not be read."""
    webhook = desk.webhook()
    desk.do(desk.ledger.accept(webhook, [], found_by=(DIGITS,)))
    assert webhooks_of(desk, DIGITS) == [webhook.id]
    assert calls_of(desk, DIGITS) == []


def test_what_a_look_up_or_a_replay_reads_is_kept(desk: Desk) -> None:
    """A call that had no number yet is found by the one that it gets."""
    call = desk.accept_one(nameless())
    assert calls_of(desk, ADA) == []
    answered(desk, claim_one(desk), replace(lead(ADA), numbers=(DIGITS,)))
    assert calls_of(desk, ADA) == calls_of(desk, DIGITS) == [call.id]
    other = desk.accept_one(refused())
    desk.do(desk.ledger.admin.replay(other.id, lead(BEN), now=desk.clock()))
    assert calls_of(desk, BEN) == [other.id]
    webhook = desk.do(desk.ledger.accept(desk.webhook(), [])).webhook
    replay = desk.ledger.admin.replay_webhook(webhook.id, [lead(CLEO)], now=desk.clock())
    (added,) = desk.do(replay)
    assert calls_of(desk, CLEO) == [added.call.id]


def test_hashes_go_with_their_webhook_and_tell_nothing(desk: Desk) -> None:
    """Retention deletes them; under another ledger's key they are others."""
    desk.accept(replace(refused(), numbers=(DIGITS,)))
    ((hashed,),) = desk.sql("SELECT hash FROM numbers")
    assert DIGITS.encode() not in desk.file.read_bytes()
    desk.sql("UPDATE number_key SET secret = zeroblob(32)")
    desk.accept(replace(refused(), numbers=(DIGITS,)))
    assert len({hashed, *(row[0] for row in desk.sql("SELECT hash FROM numbers"))}) == 2
    desk.clock.advance(40 * DAY)
    assert desk.do(desk.ledger.clean(desk.clock())) == 2
    assert desk.sql("SELECT * FROM numbers") == []


def test_a_search_walks_an_index(desk: Desk) -> None:
    """No million calls are read for one person."""
    plan = desk.sql(
        "EXPLAIN QUERY PLAN SELECT * FROM calls WHERE (webhook, position) IN"
        " (SELECT webhook, position FROM numbers WHERE hash IN (x'00')) ORDER BY id DESC LIMIT 51"
    )
    shown = " ".join(str(row[3]) for row in plan)
    assert "SEARCH calls USING INDEX calls_webhook" in shown
    assert "SCAN calls" not in shown


ABROAD, BARE, OTHER = "+5491155550134", "+541155550134", "+541155550135"


def old(call: MappedCall, key: str) -> MappedCall:
    """Return a call that an earlier version would have given this key."""
    return replace(call, keys=(*call.keys, replace(call.keys[0], digest=key, is_old=True)))


@pytest.mark.parametrize(
    ("phone", "after", "is_repeat"),
    [
        (ABROAD, timedelta(hours=23), True),
        (BARE, timedelta(hours=23), True),
        (OTHER, timedelta(hours=23), False),  # the old key did not tell people apart
        (ABROAD, timedelta(hours=25), False),  # its window has ended
    ],
)
def test_a_key_in_an_old_form_is_looked_up_until_its_window_ends(
    desk: Desk, phone: str, after: timedelta, is_repeat: bool
) -> None:
    """What an earlier version accepted is not rung again, and nobody else is lost for it."""
    first = desk.accept_one(lead(ABROAD, key="old form"))
    desk.clock.advance(after)
    again = desk.accept_one(old(lead(phone, key="new form"), "old form"))
    assert (again.duplicate_of == first.id) is is_repeat
    assert (again.state is State.WAITING) is not is_repeat


def test_a_key_in_an_old_form_is_not_claimed(desk: Desk) -> None:
    """Two leads that differ in the new form alone are two, once nobody holds the old one."""
    one = desk.accept_one(old(lead(ABROAD, key="one"), "old form"))
    two = desk.accept_one(old(lead(ABROAD, key="two"), "old form"))
    assert (one.state, two.state) == (State.WAITING, State.WAITING)
    assert [row[0] for row in desk.sql("SELECT digest FROM dedupe_keys ORDER BY 1")] == [
        "one",
        "two",
    ]


def test_a_holder_whose_number_nobody_knows_counts(desk: Desk) -> None:
    """In doubt it is the same lead: nobody is rung twice."""
    first = desk.accept_one(nameless("old form"))
    again = desk.accept_one(old(lead(ABROAD, key="new form"), "old form"))
    assert again.duplicate_of == first.id


def test_behind_a_look_up_keys_are_claimed_with_the_answer(desk: Desk) -> None:
    """A call that an earlier version gave an old key keeps it, and a repeat is one."""
    first = desk.accept_one(nameless("old form"))
    whole = answered(desk, claim_one(desk), old(lead(ABROAD, key="new form"), "old form"))
    assert whole is not None
    assert (whole.state, whole.duplicate_of) == (State.WAITING, None)
    later = desk.accept_one(nameless())
    repeat = answered(desk, claim_one(desk), old(lead(BARE, key="new form"), "old form"))
    assert repeat is not None
    assert (repeat.id, repeat.duplicate_of) == (later.id, first.id)


def test_a_replay_is_no_repeat_of_itself(desk: Desk) -> None:
    """The key in the old form is its own."""
    call = desk.accept_one(lead(ABROAD, key="old form"))
    desk.settle(desk.claim_one(), Outcome.RUNG, RUNG)
    again = old(lead(ABROAD, key="new form"), "old form")
    replayed = desk.do(desk.ledger.admin.replay(call.id, again, now=desk.clock()))
    assert replayed.call.state is State.WAITING
    assert len(desk.sql("SELECT digest FROM dedupe_keys")) == 2


def test_of_one_person_in_two_spellings_one_call_is_claimed(desk: Desk) -> None:
    """Two agents claim at once: the second sees the ring of the first."""
    for phone, agent in ((ABROAD, "sales"), (BARE, "support")):
        desk.accept_one(lead(phone, agent=agent))

    async def at_once() -> list[Call]:
        claims = [
            desk.ledger.claim(agent, limit=10, now=desk.clock(), cooldown=10 * MINUTE, decide=go)
            for agent in ("sales", "support")
        ]
        return [claim.call for batch in await asyncio.gather(*claims) for claim in batch.claims]

    assert len(desk.do(at_once())) == 1
    desk.accept_one(lead(BARE, key="later"))
    assert desk.claim().claims == ()


@pytest.mark.parametrize("phones", [(ABROAD, BARE), (BARE, ABROAD)])
def test_of_one_person_in_two_spellings_one_of_a_batch_goes(
    desk: Desk, phones: tuple[str, str]
) -> None:
    """One claim takes many calls, and sees each before the next."""
    for phone in phones:
        desk.accept_one(lead(phone))
    assert len(desk.claim().claims) == 1
