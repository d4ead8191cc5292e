"""Promises about repeats: a lead is rung once, whatever its sender repeats."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapter.mock_agent.script import script_of
from tests.harness.in_process import CRM, HandClock, Running, run
from tests.harness.proofs import signed

LEAD = {"phone": "+12025550123", "name": "Ada"}
KEYED = CRM + "dedupe: {key: [$.id], window: 1h}\n"
KEY = "a-key-of-the-sender"
SIGNED = f"""\
auth: {{hmac: {{header: X-Signature, secret: {KEY}}}}}
agent: sales
phone: $.phone
dedupe: {{key: [$.id], window: 1h}}
"""


async def _call(adapter: Running, source: str, document: Any, **rest: Any) -> dict[str, Any]:
    answer = await adapter.post(source, document, **rest)
    (call,) = answer.json()["calls"]
    return dict(call)


def test_a_repeat_has_an_id_of_its_own_and_names_the_first(tmp_path: Path) -> None:
    """The second is stored as `ignored`/`duplicate`, answered 200, and rings nobody."""

    async def play(adapter: Running) -> None:
        first = await _call(adapter, "crm", LEAD)
        await adapter.settled(first["id"], "rung")
        answer = await adapter.post("crm", LEAD)
        assert answer.status_code == 200
        (again,) = answer.json()["calls"]
        assert again["id"] != first["id"]
        assert (again["state"], again["reason"]) == ("ignored", "duplicate")
        assert again["duplicate_of"] == first["id"]
        assert len(adapter.mock.rings) == 1

    run(tmp_path, play)


def test_another_lead_is_no_repeat(tmp_path: Path) -> None:
    """Another phone, another variable or another source is another lead."""

    async def play(adapter: Running) -> None:
        for source, lead in [
            ("crm", LEAD),
            ("crm", LEAD | {"name": "Eve"}),
            ("crm", LEAD | {"phone": "+12025550124"}),
            ("other", LEAD),
        ]:
            assert (await _call(adapter, source, lead))["state"] == "waiting"

    run(tmp_path, play, mappings={"crm": CRM, "other": CRM}, has_engine=False)


def test_a_refused_or_failed_call_gives_its_key_free(tmp_path: Path) -> None:
    """The sender's retry goes through, and is rung."""

    async def play(adapter: Running) -> None:
        refused = await _call(adapter, "keyed", {"id": 1})
        assert refused["state"] == "refused"
        failed = await _call(adapter, "keyed", LEAD | {"id": 1})
        assert (await adapter.settled(failed["id"]))["state"] == "failed"
        retried = await _call(adapter, "keyed", LEAD | {"id": 1})
        assert (await adapter.settled(retried["id"]))["state"] == "rung"
        assert [ring.answered for ring in adapter.mock.rings] == ["200"]

    run(tmp_path, play, mappings={"keyed": KEYED}, script=script_of(422, 200))


def test_a_key_lives_as_long_as_its_window(tmp_path: Path) -> None:
    """Within the window a repeat is a duplicate, whatever else it says; past it, a new lead."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        assert (await _call(adapter, "keyed", LEAD | {"id": 1}))["state"] == "waiting"
        clock.advance(timedelta(minutes=59))
        other = {"phone": "+12025550199", "id": 1}
        assert (await _call(adapter, "keyed", other))["reason"] == "duplicate"
        clock.advance(timedelta(minutes=2))
        assert (await _call(adapter, "keyed", other))["state"] == "waiting"

    run(tmp_path, play, mappings={"keyed": KEYED}, now=clock, has_engine=False)


def test_an_idempotency_key_is_one_key_more(tmp_path: Path) -> None:
    """Either match is a duplicate: the header's key, or the lead's own."""

    async def play(adapter: Running) -> None:
        async def post(number: int, key: str) -> str:
            lead = {"phone": f"+1202555012{number}"}
            headers = {"idempotency-key": key}
            return str((await _call(adapter, "crm", lead, headers=headers))["reason"])

        assert await post(1, "a") == "new"
        assert await post(2, "a") == "duplicate"
        assert await post(1, "b") == "duplicate"
        assert await post(2, "c") == "new"

    run(tmp_path, play, has_engine=False)


def test_a_signed_request_sent_again_is_the_same_webhook(tmp_path: Path) -> None:
    """Its very proof was seen before, so it rings nobody, even past the lead's own window."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        async def post(document: Any) -> str:
            body = json.dumps(document).encode()
            answer = await adapter.public.post(
                "/hooks/signed", content=body, headers=signed("X-Signature", KEY, body)
            )
            return str(answer.json()["calls"][0]["reason"])

        assert await post(LEAD | {"id": 1}) == "new"
        clock.advance(timedelta(hours=2))
        assert await post(LEAD | {"id": 1}) == "duplicate"
        assert await post(LEAD | {"id": 1, "again": True}) == "new"

    run(tmp_path, play, mappings={"signed": SIGNED}, now=clock, has_engine=False)
