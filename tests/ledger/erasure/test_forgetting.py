"""Forgetting a person: gone to the byte, and nothing else changes."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote_plus

import pytest

from adapter.errors import ConflictError, LedgerError
from adapter.ledger import admin_writes
from adapter.ledger.erasure.forgetting import pattern_of
from adapter.ledger.records import Forgotten
from adapter.model import Move, Outcome, Reason, State, Webhook
from tests.harness.ledger import ADA, BEN, FAILED, RUNG, UNCERTAIN, Desk, as_they_are, lead, refused

SPELLINGS = ("12025550123", "2025550123")
# Ada is the person; nobody else has anything of hers.
ADAS = [b"2025550123", b"Ada Lovelace", b"ada@example.com"]


def bytes_of(desk: Desk) -> bytes:
    """Return every byte of the ledger's files."""
    return b"".join(path.read_bytes() for path in sorted(desk.file.parent.glob("adapter.db*")))


def webhook(desk: Desk, body: bytes = b"", query: str = "", header: str = "") -> Webhook:
    """Return a webhook whose sender wrote this."""
    headers = (("content-type", "application/json"), ("x-callback", header))
    return replace(desk.webhook(), body=body, query=query, headers=headers)


def ada() -> dict[str, str]:
    """Return what a form says of Ada."""
    return {"name": "Ada Lovelace", "mail": "ada@example.com", "phone": ADA}


def store_ada(desk: Desk) -> str:
    """Store a lead of Ada's and return its call."""
    mapped = replace(
        lead(ADA, key="a hash"), variables={"name": "Ada Lovelace"}, detail="2025550123"
    )
    body = json.dumps(ada()).encode()
    return desk.do(desk.ledger.accept(webhook(desk, body), [mapped])).calls[0].id


def forget(desk: Desk) -> Forgotten:
    """Forget Ada."""
    return desk.do(
        desk.ledger.admin.forget(ADA, desk.clock(), spellings=SPELLINGS, texts=as_they_are)
    )


ENDINGS = [
    (State.RUNG, Outcome.RUNG, RUNG),
    (State.FAILED, Outcome.REJECTED, FAILED),
    (State.UNCERTAIN, Outcome.PERHAPS, UNCERTAIN),
]


@pytest.mark.parametrize(("state", "outcome", "move"), ENDINGS)
def test_what_has_ended_keeps_its_state_and_nothing_of_the_person(
    desk: Desk, state: State, outcome: Outcome, move: Move
) -> None:
    """The counts stay right; the file has no byte of her."""
    call_id = store_ada(desk)
    desk.settle(desk.claim_one(), outcome, move)
    store_ada(desk)
    desk.accept_one(lead(BEN))
    assert forget(desk) == Forgotten(calls=2, webhooks=2)
    call = desk.call(call_id)
    assert (call.state, call.phone, call.variables, call.detail) == (state, None, {}, "")
    found = bytes_of(desk)
    assert not [each for each in ADAS if each in found]
    assert BEN.encode() in found
    assert desk.ledger.tally.by_state() == desk.counted()


def test_what_was_to_ring_does_not(desk: Desk) -> None:
    """Waiting or held, it ends as blocked."""
    waiting = store_ada(desk)
    desk.do(desk.ledger.admin.pause("support", desk.clock()))
    held = desk.accept_one(lead(ADA, agent="support"), source="forms")
    assert forget(desk).calls == 2
    for call_id in (waiting, held.id):
        call = desk.call(call_id)
        assert (call.state, call.reason, call.phone) == (State.IGNORED, Reason.BLOCKED, None)
    assert desk.claim().claims == ()
    assert desk.ledger.tally.by_state() == desk.counted()


def test_a_number_that_rings_is_not_forgotten_yet(desk: Desk) -> None:
    """What the attempt shows is still to be written; nothing is erased by half."""
    store_ada(desk)
    second = desk.accept_one(lead(ADA, key="b"), source="forms")
    claim = desk.claim_one(limit=1)
    with pytest.raises(ConflictError, match="ask again") as caught:
        forget(desk)
    assert "2025550123" not in str(caught.value)
    assert desk.call(second.id).phone == ADA
    desk.settle(claim, Outcome.RUNG, RUNG)
    assert forget(desk).calls == 2


WRITTEN = {
    "json": (json.dumps(ada()).encode(), "", ""),
    "form": (f"phone={quote_plus(ADA)}&n=Ada+Lovelace".encode(), "", ""),
    "form, spaced": (f"phone={quote_plus('+1 (202) 555-0123')}".encode(), "", ""),
    "form, %20": (b"phone=%20202%20555%200123", "", ""),
    "query": (b"", "phone=%2B12025550123", ""),
    "header": (b"", "", "tel:+1-202-555-0123"),
    "number": (b'{"phone": 12025550123}', "", ""),
    "national": (b'{"phone": "202.555.0123"}', "", ""),
    "trunk": (b'{"phone": "02025550123"}', "", ""),
    "zeros": (b'{"phone": "0012025550123"}', "", ""),
    "escaped": (b'{"phone": "\\u002b1\\u00a0202\\u00a05550123"}', "", ""),
    "xml": (b"<p>+1&#160;202&nbsp;555 0123</p>", "", ""),
    "nbsp": ("{'phone': '202\u00a0555\u00a00123'}".encode(), "", ""),
    "utf-16": ('{"phone": "+12025550123"}'.encode("utf-16"), "", ""),
}


@pytest.mark.parametrize(("body", "query", "header"), WRITTEN.values(), ids=WRITTEN)
def test_a_webhook_is_found_however_the_number_is_written(
    desk: Desk, body: bytes, query: str, header: str
) -> None:
    """Also one of which no call could be made."""
    mapped = replace(refused(Reason.VARIABLE_MISSING), variables={"name": "Ada Lovelace"})
    stored = webhook(desk, body, query, header)
    accepted = desk.do(desk.ledger.accept(stored, [mapped]))
    kept = desk.accept(lead(BEN))
    assert forget(desk) == Forgotten(calls=1, webhooks=1)
    found = desk.do(desk.ledger.reads.webhook(accepted.webhook.id))
    assert found is not None
    assert (found[0].body, found[0].query, found[0].headers) == (b"", "", ())
    assert (found[1][0].reason, found[1][0].variables) == (Reason.VARIABLE_MISSING, {})
    other = desk.do(desk.ledger.reads.webhook(kept.webhook.id))
    assert other is not None
    assert other[0] == kept.webhook


@pytest.mark.parametrize(
    "text",
    [
        b"520255501230",
        b"20255501234",
        b"2025550124",
        b"202555 something 0123",
        b"9 2025 5501 2399",
        b"",
    ],
)
def test_another_number_is_not_hers(text: bytes) -> None:
    """More digits, other digits, or words between them."""
    assert not pattern_of(SPELLINGS).search(text)


def test_a_neighbour_in_a_batch_is_still_rung(desk: Desk) -> None:
    """Of a webhook with many people only the raw text goes, and what is hers."""
    body = json.dumps([ada(), {"phone": BEN}]).encode()
    calls = desk.do(
        desk.ledger.accept(
            webhook(desk, body), [lead(ADA), lead(BEN), refused(), lead(BEN, key="her friend")]
        )
    ).calls
    desk.sql('UPDATE calls SET variables = \'{"by":"+1 202 555-0123"}\' WHERE id = ?', calls[3].id)
    assert forget(desk) == Forgotten(calls=3, webhooks=1)
    assert desk.call(calls[1].id) == calls[1]
    assert desk.claim_one().call.id == calls[1].id
    assert b"555-0123" not in bytes_of(desk)


def test_who_is_not_there_is_forgotten_already(desk: Desk) -> None:
    """To ask twice is no error."""
    store_ada(desk)
    forget(desk)
    assert forget(desk) == Forgotten(calls=0, webhooks=0)


def test_what_arrives_meanwhile_is_forgotten_too(desk: Desk) -> None:
    """Webhooks stored while the others are looked through are looked at in the end."""
    raw = json.dumps(ada()).encode()

    async def at_once() -> Forgotten:
        for _ in range(450):  # more than two pages
            await desk.ledger.accept(desk.webhook(), [])
        forgetting = asyncio.create_task(
            desk.ledger.admin.forget(ADA, desk.clock(), spellings=SPELLINGS, texts=as_they_are)
        )
        await asyncio.sleep(0)
        await desk.ledger.accept(webhook(desk, raw), [refused()])
        return await forgetting

    assert desk.do(at_once()).webhooks == 1
    assert b"Lovelace" not in bytes_of(desk)


def test_many_are_forgotten_one_by_one_to_the_byte(desk: Desk) -> None:
    """Rows that were moved, split and merged on the way leave nothing behind."""
    phones = [f"+120255501{number:02}" for number in range(100)]

    async def live() -> None:
        for number in range(600):
            phone = phones[number % 100]
            body = json.dumps({"phone": phone, "name": "n" * (number * 7 % 900)}).encode()
            await desk.ledger.accept(webhook(desk, body), [lead(phone, key=str(number)), refused()])

    desk.do(live())
    for claim in desk.claim(limit=50).claims:
        desk.settle(claim, Outcome.RUNG, RUNG)
    desk.do(desk.ledger.admin.pause("sales", desk.clock()))
    for phone in phones[::2]:
        spellings = (phone[1:], phone[2:])
        desk.do(
            desk.ledger.admin.forget(phone, desk.clock(), spellings=spellings, texts=as_they_are)
        )
    found = bytes_of(desk)
    assert not [phone for phone in phones[::2] if phone[2:].encode() in found]
    assert all(phone[2:].encode() in found for phone in phones[1::2])
    assert desk.ledger.tally.by_state() == desk.counted()


def test_a_log_that_cannot_be_emptied_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that never ends keeps a copy alive; whoever asked hears of it."""
    monkeypatch.setattr(admin_writes, "TRUNCATE_TRIES", 0)
    store_ada(desk)
    with pytest.raises(LedgerError, match="ask again"):
        forget(desk)


def free_pages(desk: Desk) -> int:
    """Return how many pages of the file hold nothing any more, and perhaps old bytes."""
    with closing(sqlite3.connect(desk.file)) as connection:
        (count,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(count)


def test_no_page_is_left_where_old_bytes_could_hide(desk: Desk) -> None:
    """What retention deleted before may have been hers: the file is written anew without it."""
    for _ in range(20):
        desk.do(desk.ledger.accept(webhook(desk, json.dumps(ada()).encode() * 200), [refused()]))
    desk.clock.advance(timedelta(days=40))
    assert desk.do(desk.ledger.clean(desk.clock())) == 20
    assert free_pages(desk) > 0
    forget(desk)
    assert free_pages(desk) == 0
    assert not [each for each in ADAS if each in bytes_of(desk)]
