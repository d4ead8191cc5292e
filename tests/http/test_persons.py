"""Promises about persons: a number that has two spellings is one person, whichever is sent."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.harness.in_process import CRM, Running, run

# Argentina's mobiles: from abroad with their 9, at home without it or with 15.
ABROAD, AT_HOME, BARE = "+54 9 11 5555 0134", "011 15 5555-0134", "+54 11 5555 0134"
SPELLINGS = [ABROAD, AT_HOME, BARE]
AR = CRM.replace("phone: $.phone", "phone: {path: $.phone, region: AR}")
KEYED = AR + "dedupe: {key: [$.id, $.event]}\n"


async def sent(adapter: Running, phone: str, source: str = "crm", **more: Any) -> dict[str, Any]:
    """Post a lead and return its call."""
    answer = await adapter.post(source, {"phone": phone, "name": "Eva", **more})
    (call,) = answer.json()["calls"]
    return dict(call)


def test_one_lead_in_two_spellings_at_the_same_moment_rings_once(tmp_path: Path) -> None:
    """Over sockets, all at once: one rings, the others are its duplicates."""

    async def play(adapter: Running) -> None:
        calls = await asyncio.gather(*(sent(adapter, phone) for phone in SPELLINGS * 4))
        (first,) = [call for call in calls if call["state"] == "waiting"]
        assert (await adapter.settled(first["id"]))["state"] == "rung"
        others = [call for call in calls if call["id"] != first["id"]]
        assert {(call["reason"], call["duplicate_of"]) for call in others} == {
            ("duplicate", first["id"])
        }
        await adapter.quiet()
        assert len(adapter.mock.rings) == 1

    run(tmp_path, play, mappings={"crm": AR}, is_listening=True)


def test_two_leads_of_one_person_in_two_spellings_are_within_one_cooldown(tmp_path: Path) -> None:
    """From two sources at once, so no dedupe key tells: one rings, the other has cooled down."""

    async def play(adapter: Running) -> None:
        calls = await asyncio.gather(sent(adapter, ABROAD), sent(adapter, BARE, "other"))
        ended = [await adapter.settled(call["id"]) for call in calls]
        assert sorted((call["state"], call["reason"]) for call in ended) == [
            ("ignored", "cooldown"),
            ("rung", "accepted"),
        ]
        assert len(adapter.mock.rings) == 1

    run(tmp_path, play, mappings={"crm": AR, "other": AR}, is_listening=True)


def test_a_lead_after_the_first_has_rung_cools_down_too(tmp_path: Path) -> None:
    """The ring of one spelling is the ring of the other."""

    async def play(adapter: Running) -> None:
        await adapter.settled((await sent(adapter, ABROAD))["id"], "rung")
        later = await sent(adapter, BARE, "other")
        assert (await adapter.settled(later["id"]))["reason"] == "cooldown"

    run(tmp_path, play, mappings={"crm": AR, "other": AR})


@pytest.mark.parametrize(("blocked", "phone"), [(BARE, ABROAD), (ABROAD, BARE)])
def test_a_block_of_one_spelling_blocks_both(tmp_path: Path, blocked: str, phone: str) -> None:
    """What waits ends, what comes is ignored; the list has it once, as it was blocked."""

    async def play(adapter: Running) -> None:
        waiting = await sent(adapter, phone)
        answer = (await adapter.order("/api/blocked", {"phones": [blocked, phone]})).json()
        assert (answer["added"], answer["calls"]) == (1, 1)
        again = (await adapter.order("/api/blocked", {"phone": phone, "note": "asked"})).json()
        assert again["added"] == 0
        (row,) = (await adapter.admin.get("/api/blocked")).json()["blocked"]
        assert (row["phone"], row["note"]) == (blocked.replace(" ", ""), "asked")
        assert (await adapter.call(waiting["id"]))["reason"] == "blocked"
        assert (await sent(adapter, phone, name="Ada"))["reason"] == "blocked"
        freed = await adapter.admin.request("DELETE", "/api/blocked", json={"phone": phone})
        assert freed.json()["removed"] == 1
        assert (await sent(adapter, blocked, name="Ada"))["state"] == "waiting"

    run(tmp_path, play, mappings={"crm": AR}, has_engine=False)


def test_one_spelling_finds_and_forgets_the_other(tmp_path: Path) -> None:
    """Search and forget know the person."""

    async def play(adapter: Running) -> None:
        calls = [await sent(adapter, phone, name=phone) for phone in SPELLINGS]
        ids = {call["id"] for call in calls}
        for phone in SPELLINGS:
            assert {call["id"] for call in await adapter.calls(phone=phone)} == ids
        forgotten = await adapter.order("/api/forget", {"phone": BARE})
        assert forgotten.json() == {"calls": 3, "webhooks": 3}
        assert b"5555" not in adapter.stored_bytes()

    run(tmp_path, play, mappings={"crm": AR}, has_engine=False)


def test_a_key_with_an_empty_part_takes_the_phone_in(tmp_path: Path) -> None:
    """Without an id another phone is another lead; one phone, in both spellings, is the same."""

    async def play(adapter: Running) -> None:
        event = {"event": "contact.created"}
        first = await sent(adapter, ABROAD, **event)
        other = await sent(adapter, "+54 11 5555 0135", **event)
        again = await sent(adapter, BARE, **event, name="Eva again")
        assert (first["state"], other["state"]) == ("waiting", "waiting")
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])
        whole = [await sent(adapter, phone, **event, id="7") for phone in (ABROAD, BARE)]
        assert [call["state"] for call in whole] == ["waiting", "ignored"]

    run(tmp_path, play, mappings={"crm": KEYED}, has_engine=False)
