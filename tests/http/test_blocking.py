"""Who is never rung, and who is forgotten: over HTTP, to the bytes on disk."""

from datetime import UTC, datetime
from pathlib import Path

from adapter.mock_agent.script import script_of
from tests.harness.in_process import AGENTS, CRM, HandClock, Running, run

ADA = {"phone": "+12025550123", "name": "Ada Lovelace-Example"}
BEN = {"phone": "+12025550145", "name": "Ben Example"}
HOURS = f'{AGENTS}    calling_hours: {{mon-fri: "09:00-20:00"}}\n'
NIGHT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


async def block(adapter: Running, phone: str) -> None:
    """Block a number, as a person does."""
    answer = await adapter.order("/api/blocked", {"phone": phone, "note": "asked us not to"})
    assert answer.status_code == 200, answer.text


async def unblock(adapter: Running, phone: str) -> None:
    """Let a number be rung again."""
    answer = await adapter.admin.request("DELETE", "/api/blocked", json={"phone": phone})
    assert answer.status_code == 200, answer.text


def test_a_blocked_number_is_not_rung(tmp_path: Path) -> None:
    """The sender hears it in the answer; a number written otherwise is the same number."""

    async def play(adapter: Running) -> None:
        await block(adapter, "+1 (202) 555-0123")
        answer = await adapter.post("crm", ADA)
        assert answer.status_code == 200
        (call,) = answer.json()["calls"]
        assert (call["state"], call["reason"]) == ("ignored", "blocked")
        await adapter.settled((await adapter.post("crm", BEN)).json()["calls"][0]["id"], "rung")
        assert [ring.phone for ring in adapter.mock.rings] == [BEN["phone"]]
        (shown,) = (await adapter.admin.get("/api/blocked")).json()["blocked"]
        assert (shown["phone"], shown["note"]) == (ADA["phone"], "asked us not to")

    run(tmp_path, play)


def test_what_waits_and_what_is_held_is_ended_by_a_block(tmp_path: Path) -> None:
    """At once, not only when it would ring."""

    async def play(adapter: Running) -> None:
        (waiting,) = (await adapter.post("crm", ADA)).json()["calls"]
        assert waiting["reason"] == "outside_hours"
        await adapter.order("/api/agents/sales/pause")
        (held,) = (await adapter.post("crm", BEN)).json()["calls"]
        await block(adapter, ADA["phone"])
        await block(adapter, BEN["phone"])
        for call in (waiting, held):
            assert (await adapter.call(call["id"]))["reason"] == "blocked"

    run(tmp_path, play, agents=HOURS, now=HandClock(NIGHT))


def test_a_replay_is_no_way_round_a_block(tmp_path: Path) -> None:
    """It stays blocked until the number is unblocked; then the same call rings."""

    async def play(adapter: Running) -> None:
        await block(adapter, ADA["phone"])
        (call,) = (await adapter.post("crm", ADA)).json()["calls"]
        again = (await adapter.order(f"/api/calls/{call['id']}/replay")).json()
        assert (again["state"], again["reason"]) == ("ignored", "blocked")
        await unblock(adapter, ADA["phone"])
        await adapter.order(f"/api/calls/{call['id']}/replay")
        await adapter.settled(call["id"], "rung")
        assert len(adapter.mock.rings) == 1

    run(tmp_path, play)


def test_a_block_outlives_a_restart(tmp_path: Path) -> None:
    """It is in the ledger."""

    async def start(adapter: Running) -> None:
        await block(adapter, ADA["phone"])

    async def again(adapter: Running) -> None:
        (call,) = (await adapter.post("crm", ADA)).json()["calls"]
        assert call["reason"] == "blocked"

    run(tmp_path, start)
    run(tmp_path, again)


def test_a_forgotten_person_is_in_no_byte_on_disk(tmp_path: Path) -> None:
    """Number, name and raw body are gone; the others and the counts stay as they were."""

    async def play(adapter: Running) -> None:
        (ada,) = (await adapter.post("crm", ADA)).json()["calls"]
        (ben,) = (await adapter.post("crm", BEN)).json()["calls"]
        await adapter.post("crm", {"name": "Nobody", "note": "ring 202.555.0123 instead"})
        await adapter.settled(ada["id"], "rung")
        await adapter.settled(ben["id"], "rung")
        assert b"Lovelace" in adapter.stored_bytes()
        answer = await adapter.order("/api/forget", {"phone": ADA["phone"]})
        assert answer.json() == {"calls": 2, "webhooks": 2}  # also the one without a phone
        left = adapter.stored_bytes()
        for trace in (b"2025550123", b"202.555.0123", b"Lovelace"):
            assert trace not in left
        for trace in (b"2025550145", b"Ben Example"):
            assert trace in left
        call = await adapter.call(ada["id"])
        assert (call["state"], call["phone"], call["variables"]) == ("rung", None, {})

    run(tmp_path, play)


def test_a_forgotten_persons_keys_stay(tmp_path: Path) -> None:
    """The CRM sends it once more: it is still a duplicate, and nobody is rung again."""

    async def play(adapter: Running) -> None:
        (call,) = (await adapter.post("crm", ADA)).json()["calls"]
        await adapter.settled(call["id"], "rung")
        await adapter.order("/api/forget", {"phone": ADA["phone"]})
        (again,) = (await adapter.post("crm", ADA)).json()["calls"]
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", call["id"])

    run(tmp_path, play, mappings={"crm": CRM}, settings="cooldown: 0\n")


def test_what_waits_for_a_forgotten_person_does_not_ring(tmp_path: Path) -> None:
    """It ends as `blocked`, and its erased webhook cannot be replayed."""

    async def play(adapter: Running) -> None:
        (call,) = (await adapter.post("crm", ADA)).json()["calls"]
        await adapter.order("/api/forget", {"phone": ADA["phone"]})
        shown = await adapter.call(call["id"])
        assert (shown["state"], shown["reason"], shown["phone"]) == ("ignored", "blocked", None)
        answer = await adapter.order(f"/api/calls/{call['id']}/replay")
        assert (answer.status_code, "forgotten" in answer.text) == (409, True)

    run(tmp_path, play, agents=HOURS, now=HandClock(NIGHT))


def test_a_person_who_is_being_rung_is_forgotten_later(tmp_path: Path) -> None:
    """409 while an attempt is under way, and nothing is erased."""

    async def play(adapter: Running) -> None:
        await adapter.post("crm", ADA)
        await adapter.mock.wait_for_rings(1)
        answer = await adapter.order("/api/forget", {"phone": ADA["phone"]})
        assert (answer.status_code, ADA["phone"] in answer.text) == (409, False)
        assert b"Lovelace" in adapter.stored_bytes()
        await adapter.adapter.engine.drain(0.0)

    run(tmp_path, play, script=script_of("hang"))
