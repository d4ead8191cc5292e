"""A ledger of an older version is brought up to date with all that is in it."""

import sqlite3
from pathlib import Path

from alembic import command

from adapter.ledger.records import CallFilter
from adapter.model import Reason, State
from tests.harness.ledger import ADA, BEN, MINUTE, Clock, Desk, lead
from tests.ledger.sqlite.migrations import migrate

NOW_MS = int(Clock().at.timestamp() * 1000)
CALL = """INSERT INTO calls VALUES (:id, 'w', :place, 'crm', 'sales', :phone, '{"name":"Ada"}',
    :state, :reason, '', NULL, 0, :due_at, :now, 0, :held_at, NULL, NULL, :now, :now)"""
ROWS = [
    ("waiting", ADA, "new", NOW_MS, None),
    ("rung", BEN, "accepted", None, None),
]


def old_ledger(file: Path) -> None:
    """Make a ledger as the first version left it: a webhook, two calls, a key, a paused agent."""
    migrate(file, command.upgrade, "0001")
    database = sqlite3.connect(file)
    with database:
        database.execute(
            "INSERT INTO webhooks VALUES ('w', 'crm', ?, 'POST', '', '[]', '{}', 'mapped', '')",
            [NOW_MS],
        )
        for place, (state, phone, reason, due_at, held_at) in enumerate(ROWS):
            values = {"id": state, "place": place, "phone": phone, "state": state}
            values |= {"reason": reason, "due_at": due_at, "held_at": held_at, "now": NOW_MS}
            database.execute(CALL, values)
        database.execute("INSERT INTO dedupe_keys VALUES ('crm', 'k', 'rung', ?)", [2 * NOW_MS])
        database.execute("INSERT INTO agents VALUES ('support', 1, 'f1', 1, '', '', NULL, NULL)")
    database.close()


def test_a_ledger_of_the_first_version_goes_on(tmp_path: Path) -> None:
    """What waited rings, what rang is known, who was paused stays so."""
    old_ledger(tmp_path / "adapter.db")
    desk = Desk(tmp_path / "adapter.db")
    try:
        assert desk.ledger.tally.by_state() == desk.counted()
        assert desk.do(desk.ledger.reads.switches())["support"].is_paused
        assert desk.call("waiting").timezone == ""
        assert desk.accept_one(lead(key="k")).duplicate_of == "rung"
        assert desk.claim_one().call.id == "waiting"
        held = desk.accept_one(lead("+12025550199", agent="support"))
        assert (held.state, held.reason) == (State.HELD, Reason.AGENT_PAUSED)
        desk.clock.advance(MINUTE)
        assert desk.do(desk.ledger.admin.block([BEN], desk.clock())).added == 1
        assert desk.reopen().recovered == 1
    finally:
        desk.ledger.close()


ABROAD, BARE, MEXICAN = "+5491155550134", "+541155550134", "+5215512345678"
LATER_CALL = """INSERT INTO calls VALUES (:id, 'w', :place, 'crm', 'sales', :phone, '{}', 'rung',
    'accepted', '', NULL, 1, NULL, :now, 0, NULL, :now, NULL, :now, :now, '', NULL, NULL)"""


def test_numbers_of_before_are_found_and_are_persons(tmp_path: Path) -> None:
    """Each call that has a phone is found by it; who was blocked in two spellings is so once."""
    file = tmp_path / "adapter.db"
    migrate(file, command.upgrade, "0004")
    database = sqlite3.connect(file)
    with database:
        database.execute(
            "INSERT INTO webhooks VALUES ('w', 'crm', ?, 'POST', '', '[]', '{}', 'mapped', '')",
            [NOW_MS],
        )
        for place, phone in enumerate([ABROAD, MEXICAN, None]):
            values = {"id": str(place), "place": place, "phone": phone, "now": NOW_MS}
            database.execute(LATER_CALL, values)
        for place, phone in enumerate([ABROAD, BARE, BEN]):
            database.execute(
                "INSERT INTO blocked VALUES (?, ?, ?)", [phone, NOW_MS + place, f"note {place}"]
            )
    database.close()
    desk = Desk(file)
    try:
        for term, call_id in ((BARE, "0"), ("+525512345678", "1")):
            found, _ = desk.do(desk.ledger.reads.calls(CallFilter(numbers=(term,)), 9))
            assert [call.id for call in found] == [call_id]
        found, _ = desk.do(desk.ledger.reads.calls(CallFilter(numbers=(MEXICAN, ABROAD)), 9))
        assert found == []
        blocks, _ = desk.do(desk.ledger.reads.blocks(9))
        assert [(row.phone, row.note) for row in blocks] == [(BEN, "note 2"), (ABROAD, "note 0")]
        assert desk.accept_one(lead(BARE)).reason == Reason.BLOCKED
        desk.do(desk.ledger.admin.unblock([BARE]))
        desk.accept_one(lead(BARE))
        assert desk.claim().claims == ()  # it has rung just now, in the other spelling
    finally:
        desk.ledger.close()
    migrate(file, command.downgrade, "0004")
    migrate(file, command.upgrade, "0005")
