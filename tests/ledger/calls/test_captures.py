"""Captures in the ledger: who may send, how much, until when; and that nothing of it ever rings."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import ConflictError, IllegalMoveError
from adapter.ledger.calls.accepting import draft, insert_calls, place
from adapter.ledger.calls.captures import MOST_WEBHOOKS
from adapter.ledger.dedupe import Repeats
from adapter.ledger.records import Capture, Taking, WebhookFilter
from adapter.model import MappedCall, Reason, State, Webhook, WebhookState
from tests.harness.dying import last_words
from tests.harness.ledger import ADA, BEN, DAY, MINUTE, Desk, as_they_are, ignored, lead, refused

HOUR = timedelta(hours=1)
DIGEST, OTHER = "d1" * 32, "d2" * 32


def opened(desk: Desk, name: str = "shop", digest: str = DIGEST, span: timedelta = HOUR) -> Capture:
    """Open a capture from now on."""
    now = desk.clock()
    capture = Capture(name=name, digest=digest, until=now + span, created_at=now)
    desk.do(desk.ledger.admin.open_capture(capture, now))
    return capture


def take(desk: Desk, source: str = "shop", digest: str = DIGEST) -> Taking:
    """Let a webhook of a source come."""
    return desk.do(desk.ledger.take(desk.webhook(source), digest, desk.clock()))


def captured(desk: Desk) -> Webhook:
    """Return a captured webhook as it is stored."""
    opened(desk)
    assert take(desk) is Taking.TAKEN
    page, _ = desk.do(desk.ledger.reads.webhooks(WebhookFilter(source="shop"), 1))
    return page[0]


def shown(desk: Desk) -> list[tuple[str, int]]:
    """Return names and counts of the captures that are open."""
    found = desk.do(desk.ledger.reads.captures(desk.clock()))
    return [(capture.name, capture.webhooks) for capture in found]


def test_what_comes_is_stored_and_makes_no_call(desk: Desk) -> None:
    """Ignored as captured, whatever its caller says of it, and counted."""
    webhook = captured(desk)
    assert (webhook.state, webhook.reason) == (WebhookState.IGNORED, Reason.CAPTURED)
    found = desk.do(desk.ledger.reads.webhook(webhook.id))
    assert found is not None
    assert (found[0].body, found[1]) == (b'{"name": "Ada"}', ())
    assert shown(desk) == [("shop", 1)]
    assert desk.ledger.tally.pending == 0


@pytest.mark.parametrize(
    ("source", "digest", "later"),
    [
        ("shop", OTHER, timedelta()),
        ("other", DIGEST, timedelta()),
        ("shop", DIGEST, HOUR),
        ("shop", DIGEST, 2 * DAY),
    ],
    ids=["token", "name", "until", "after"],
)
def test_another_token_name_or_time_stores_nothing(
    desk: Desk, source: str, digest: str, later: timedelta
) -> None:
    """In the very transaction that would have stored it."""
    opened(desk)
    desk.clock.advance(later)
    assert take(desk, source, digest) is Taking.CLOSED
    assert desk.sql("SELECT * FROM webhooks") == []


def test_a_capture_is_open_until_its_end_and_not_at_it(desk: Desk) -> None:
    """One millisecond decides."""
    capture = opened(desk)
    desk.clock.advance(HOUR - timedelta(milliseconds=1))
    assert take(desk) is Taking.TAKEN
    assert desk.do(desk.ledger.reads.capture("shop", desk.clock())) is not None
    desk.clock.advance(timedelta(milliseconds=1))
    assert capture.until == desk.clock()
    assert desk.do(desk.ledger.reads.capture("shop", desk.clock())) is None
    assert shown(desk) == []


def test_a_new_capture_ends_the_one_before(desk: Desk) -> None:
    """Its token is worth nothing from then on, and the count begins anew."""
    opened(desk)
    take(desk)
    opened(desk, digest=OTHER)
    assert take(desk) is Taking.CLOSED
    assert take(desk, digest=OTHER) is Taking.TAKEN
    assert shown(desk) == [("shop", 1)]


def test_a_capture_is_closed_once(desk: Desk) -> None:
    """It says whether it was open; one that is over was not."""
    opened(desk)
    opened(desk, "other", span=MINUTE)
    assert desk.do(desk.ledger.admin.close_capture("shop", desk.clock()))
    assert not desk.do(desk.ledger.admin.close_capture("shop", desk.clock()))
    assert take(desk) is Taking.CLOSED
    desk.clock.advance(MINUTE)
    assert not desk.do(desk.ledger.admin.close_capture("other", desk.clock()))
    assert desk.sql("SELECT * FROM captures") == []


def test_a_capture_has_its_share_of_the_disk(desk: Desk) -> None:
    """A hundred webhooks, though many come at once, some are deleted, and the clock is set back."""
    opened(desk)

    async def flood(count: int) -> list[Taking]:
        now = desk.clock()
        takes = [desk.ledger.take(desk.webhook("shop"), DIGEST, now) for _ in range(count)]
        return await asyncio.gather(*takes)

    assert desk.do(flood(MOST_WEBHOOKS + 20)).count(Taking.TAKEN) == MOST_WEBHOOKS
    assert shown(desk) == [("shop", MOST_WEBHOOKS)]
    assert desk.do(desk.ledger.clean(desk.clock() + MINUTE)) == MOST_WEBHOOKS
    desk.clock.advance(-DAY)
    assert take(desk) is Taking.FULL
    assert desk.sql("SELECT * FROM webhooks") == []


def test_retention_deletes_what_was_captured(desk: Desk) -> None:
    """As any webhook that has ended."""
    captured(desk)
    desk.clock.advance(30 * DAY)
    assert desk.do(desk.ledger.clean(desk.clock() - DAY)) == 1
    assert desk.sql("SELECT * FROM webhooks") == []


def test_a_captured_person_is_forgotten(desk: Desk) -> None:
    """A number in a captured body is found as in any other."""
    opened(desk)
    webhook = desk.webhook("shop")
    body = b'{"tel": "(202) 555-0123"}'
    stored = Webhook(id=webhook.id, source="shop", received_at=desk.clock(), body=body)
    desk.do(desk.ledger.take(stored, DIGEST, desk.clock()))
    forgotten = desk.do(
        desk.ledger.admin.forget(ADA, desk.clock(), spellings=["2025550123"], texts=as_they_are)
    )
    assert (forgotten.calls, forgotten.webhooks) == (0, 1)
    found = desk.do(desk.ledger.reads.webhook(webhook.id))
    assert found is not None
    assert found[0].body == b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempted:
    """An operation of the ledger on a webhook, by name."""

    name: str
    run: Callable[[Desk, str], Coroutine[Any, Any, Any]]


def _replay(*calls: MappedCall) -> Callable[[Desk, str], Coroutine[Any, Any, Any]]:
    return lambda desk, webhook: desk.ledger.admin.replay_webhook(webhook, calls, now=desk.clock())


# All that the ledger does for people and for lanes; what takes no webhook may not reach it either.
OPERATIONS = [
    Attempted(name="replay", run=_replay(lead(ADA))),
    Attempted(name="replay-two", run=_replay(lead(ADA), lead(BEN))),
    Attempted(name="replay-refused", run=_replay(refused())),
    Attempted(name="replay-ignored", run=_replay(ignored())),
    Attempted(name="replay-none", run=_replay()),
    Attempted(
        name="replay-call",
        run=lambda d, webhook: d.ledger.admin.replay(webhook, lead(ADA), now=d.clock()),
    ),
    Attempted(
        name="resolve", run=lambda d, webhook: d.ledger.admin.resolve(webhook, True, d.clock())
    ),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_operation_makes_a_call_of_what_was_captured(desk: Desk, operation: Attempted) -> None:
    """A person may ask for it in any way: it is refused, and stays as it was."""
    webhook = captured(desk)
    with pytest.raises(ConflictError):
        desk.do(operation.run(desk, webhook.id))
    found = desk.do(desk.ledger.reads.webhook(webhook.id))
    assert found is not None
    assert (found[0].state, found[0].reason, found[1]) == ("ignored", "captured", ())
    assert desk.sql("SELECT * FROM calls") == []


def test_what_else_is_done_to_a_ledger_makes_no_call_of_it(desk: Desk) -> None:
    """Switches, a block that is undone, lanes, a reload, a restart, its id sent once more."""
    webhook = captured(desk)
    now = desk.clock()
    for work in (
        desk.ledger.admin.pause_source("shop", now),
        desk.ledger.admin.resume_source("shop", now),
        desk.ledger.admin.resume(None, now, agents=["sales"]),
        desk.ledger.admin.cure("sales", now),
        desk.ledger.admin.block([ADA], now),
        desk.ledger.admin.unblock([ADA]),
        desk.ledger.admin.reconcile({"sales": "f1"}, now),
    ):
        desk.do(work)
    assert desk.claim().claims == ()
    desk.reopen()
    assert desk.claim().claims == ()
    with pytest.raises(Exception, match="SQLITE_CONSTRAINT"):
        desk.do(desk.ledger.accept(webhook, [lead(ADA)]))
    assert desk.sql("SELECT * FROM calls") == []


def test_a_refused_replay_says_what_to_do_instead(desk: Desk) -> None:
    """The way to a ring leads over the mapping and the source's own auth."""
    webhook = captured(desk)
    with pytest.raises(
        ConflictError, match=r"never rings.*`adapter try shop .*`adapter send shop "
    ):
        desk.do(desk.ledger.admin.replay_webhook(webhook.id, [lead()], now=desk.clock()))


def test_the_database_refuses_a_call_of_what_was_captured(desk: Desk) -> None:
    """Though the program had a bug: a trigger stands behind it."""
    webhook = captured(desk)
    drafts = draft([lead(ADA)], Repeats(), desk.ledger.new_id)

    def bug(transaction: Any) -> None:
        insert_calls(transaction, [place(transaction, webhook, drafts[0], desk.clock())])

    with pytest.raises(IllegalMoveError):
        desk.do(desk.ledger._writer.submit(bug))
    assert desk.sql("SELECT * FROM calls") == []


@pytest.mark.parametrize("mapped", [(lead(ADA),), (lead(ADA), lead(BEN))], ids=["one", "more"])
def test_a_guard_may_have_the_reason_captured(desk: Desk, mapped: Sequence[MappedCall]) -> None:
    """What a mapping turned away is replayed, whatever word it gave."""
    webhook = desk.accept(ignored("captured")).webhook
    assert (webhook.state, webhook.reason) == ("ignored", "captured")
    replayed = desk.do(desk.ledger.admin.replay_webhook(webhook.id, mapped, now=desk.clock()))
    assert [each.call.state for each in replayed] == [State.WAITING] * len(mapped)


# A process that acknowledges on stdout what it captured, and dies at once.
DIES = """
import os, sys
from pathlib import Path
from tests.harness.ledger import Desk
from tests.ledger.calls.test_captures import opened, take

desk = Desk(Path(sys.argv[1]))
opened(desk)
print(take(desk).name, flush=True)
os._exit(9)
"""


def test_what_was_captured_outlives_its_process(tmp_path: Path) -> None:
    """After a kill the webhook is there, and the capture is open still."""
    file = tmp_path / "adapter.db"
    assert last_words(DIES, file) == "TAKEN\n"
    desk = Desk(file)
    try:
        assert len(desk.sql("SELECT * FROM webhooks")) == 1
        assert shown(desk) == [("shop", 1)]
        assert take(desk) is Taking.TAKEN
    finally:
        desk.ledger.close()
