"""Promises of the shipped mappings for form tools, bookings and automations, over HTTP.

Each sender posts the first example of its mapping, with a correct, a wrong and a missing proof.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.harness.in_process import HandClock, Running, run
from tests.http.senders import AT_S, PUBLIC_URL, multipart_body
from tests.sources.channels import CHANNEL_DOORS
from tests.sources.doors import FORM_DOORS, GUESS, SECRET
from tests.sources.sites import SITE_DOORS

DOORS = (*FORM_DOORS, *CHANNEL_DOORS, *SITE_DOORS)
BY_SOURCE = {door.source: door for door in DOORS}
SETUP: Mapping[str, Any] = {
    "mappings": {door.source: door.text for door in DOORS},
    "settings": f"public_url: {PUBLIC_URL}",
    "environ": {name: text for door in DOORS for name, text in door.environ.items()},
    "has_engine": False,
}


async def _post(adapter: Running, request: Mapping[str, Any]) -> tuple[int, str]:
    answer = await adapter.public.post(**request)
    return answer.status_code, answer.text


def test_a_proven_lead_becomes_its_call(tmp_path: Path) -> None:
    """As the mapping's first example says, and the sender gets the status that it wants."""

    async def play(adapter: Running) -> None:
        for door in DOORS:
            status, text = await _post(adapter, door.request(SECRET))
            (call,) = await adapter.calls(source=door.source)
            expected = door.expected()
            assert {key: call[key] for key in expected} == expected, (door.source, text)
            assert status == (200 if door.is_answered_200 else 202), door.source

    run(tmp_path, play, now=HandClock(), **SETUP)


@pytest.mark.parametrize("secret", [GUESS, None], ids=["wrong", "missing"])
def test_without_the_right_proof_nothing_is_stored(tmp_path: Path, secret: str | None) -> None:
    """A guess and no proof at all are both answered 401."""

    async def play(adapter: Running) -> None:
        for door in DOORS:
            status, _ = await _post(adapter, door.request(secret))
            assert status == 401, door.source
        assert await adapter.webhooks() == []

    run(tmp_path, play, now=HandClock(), **SETUP)


def test_a_repeated_lead_rings_nobody(tmp_path: Path) -> None:
    """What a sender posts twice is a duplicate of the first, and no proof is kept of either."""

    async def play(adapter: Running) -> None:
        for door in DOORS:
            for _ in range(2):
                await _post(adapter, door.request(SECRET))
            again, first = await adapter.calls(source=door.source)
            assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])
        stored = adapter.stored_bytes()
        assert b"+12025550123" in stored
        assert SECRET.encode() not in stored

    run(tmp_path, play, now=HandClock(), **SETUP)


@pytest.mark.parametrize(("source", "oldest_s"), [("calendly", 180), ("webflow", 300)])
def test_an_old_signature_is_no_proof(tmp_path: Path, source: str, oldest_s: int) -> None:
    """A request that somebody kept is worth nothing after a few minutes."""

    async def play(adapter: Running) -> None:
        door = BY_SOURCE[source]
        status, _ = await _post(adapter, door.request(SECRET, at_s=AT_S - oldest_s - 1))
        assert status == 401
        status, _ = await _post(adapter, door.request(SECRET, at_s=AT_S - oldest_s))
        assert status == 200

    run(tmp_path, play, now=HandClock(), **SETUP)


def test_google_reads_the_answer_that_it_documents(tmp_path: Path) -> None:
    """An empty JSON object."""

    async def play(adapter: Running) -> None:
        answer = await adapter.public.post(**BY_SOURCE["google-ads"].request(SECRET))
        assert (answer.headers["content-type"], answer.json()) == ("application/json", {})

    run(tmp_path, play, now=HandClock(), **SETUP)


def test_a_token_that_jotform_repeats_is_not_kept(tmp_path: Path) -> None:
    """Its form says which URL it is posted to, and so what the token is."""

    async def play(adapter: Running) -> None:
        url = f"https://hooks.example.com/hooks/jotform?token={SECRET}"
        body = multipart_body({"webhookURL": url, "submissionID": "7", "rawRequest": "{}"})
        request = {**BY_SOURCE["jotform"].request(SECRET), "content": body}
        status, _ = await _post(adapter, request)
        assert status == 200
        assert SECRET.encode() not in adapter.stored_bytes()

    run(tmp_path, play, now=HandClock(), **SETUP)
