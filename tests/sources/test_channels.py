"""Promises of the shipped mappings of senders that sign, beyond those of every form tool."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.harness.in_process import HandClock, Running, run
from tests.http.senders import AT_S, PUBLIC_URL
from tests.sources.channels import CHANNEL_DOORS, OLDEST_S
from tests.sources.doors import SECRET, Door, mapping_of

SIGNING = [door for door in CHANNEL_DOORS if door.is_signed]
each_door = pytest.mark.parametrize("door", CHANNEL_DOORS, ids=lambda door: door.source)


def _play(folder: Path, door: Door, play: Callable[[Running], Awaitable[None]]) -> None:
    run(
        folder,
        play,
        mappings={door.source: door.text},
        settings=f"public_url: {PUBLIC_URL}",
        environ=door.environ,
        now=HandClock(),
        has_engine=False,
    )


@pytest.mark.parametrize("door", SIGNING, ids=lambda door: door.source)
def test_a_signature_of_another_body_does_not_enter(tmp_path: Path, door: Door) -> None:
    """Whoever caught a request cannot put another person's number into it."""

    async def play(adapter: Running) -> None:
        request = door.request(SECRET)
        changed = request["content"].replace(b"Ada", b"Eva")
        assert changed != request["content"]
        answer = await adapter.public.post(**{**request, "content": changed})
        assert answer.status_code == 401
        assert await adapter.webhooks() == []

    _play(tmp_path, door, play)


@pytest.mark.parametrize("source", sorted(OLDEST_S))
def test_an_old_signature_is_no_proof(tmp_path: Path, source: str) -> None:
    """A request that somebody kept is worth nothing after a few minutes."""
    (door,) = [door for door in CHANNEL_DOORS if door.source == source]

    async def play(adapter: Running) -> None:
        for age_s, status in ((OLDEST_S[source] + 1, 401), (OLDEST_S[source], 200)):
            answer = await adapter.public.post(**door.request(SECRET, at_s=AT_S - age_s))
            assert answer.status_code == status

    _play(tmp_path, door, play)


@each_door
def test_a_retry_rings_nobody_though_the_lead_changed(tmp_path: Path, door: Door) -> None:
    """The mapping's key knows the lead, not its values: whoever was renamed is still the same."""

    async def play(adapter: Running) -> None:
        (document,) = door.example("request").values()
        for renamed in (document, _renamed(document)):
            answer = await adapter.public.post(**door.request(SECRET, document=renamed))
            assert answer.is_success, answer.text
        again, first = await adapter.calls()
        assert again["variables"] != first["variables"]
        assert (again["reason"], again["duplicate_of"]) == ("duplicate", first["id"])

    _play(tmp_path, door, play)


def _renamed(part: object) -> object:
    """Return a document in which Ada is called Eva, but by her address."""
    if isinstance(part, dict):
        return {key: _renamed(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(item) for item in part]
    return part.replace("Ada", "Eva") if isinstance(part, str) else part


@each_door
def test_whoever_counts_failures_is_told_of_none(tmp_path: Path, door: Door) -> None:
    """What is stored is answered with a 2xx, whatever became of it."""

    async def play(adapter: Running) -> None:
        for example in mapping_of(door.source)["examples"]:
            written = {key: value for key, value in example["request"].items() if key != "query"}
            (document,) = written.values()
            answer = await adapter.public.post(**door.request(SECRET, document=document))
            assert answer.is_success, (example["name"], answer.text)

    _play(tmp_path, door, play)
