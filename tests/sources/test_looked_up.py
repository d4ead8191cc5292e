"""Promises of the shipped mappings with a look-up: from a signed webhook to the agent.

Each vendor's API has a stand-in on a real socket, which answers as the vendor documents it.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.in_process import PATIENCE_S, HandClock, Running, running
from tests.sources.askers import ASKERS, GUESS, KEY, Asker
from tests.sources.stand_ins import API_TOKEN, StandIn, stand_in
from tests.sources.test_asking import SETTINGS, shipped

each_asker = pytest.mark.parametrize("asker", ASKERS, ids=lambda asker: asker.source)


@asynccontextmanager
async def _between(
    folder: Path,
    asker: Asker,
    *,
    records: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[Running, StandIn]]:
    """Run an adapter between one sender and its vendor's API, which has the example's record."""
    known = records or asker.records
    async with (
        asyncio.timeout(PATIENCE_S * 2),
        stand_in(asker.source, known) as vendor,
        running(
            folder,
            mappings={asker.source: shipped(asker.source)},
            settings=SETTINGS,
            environ={**asker.environ, vendor.api.variable: vendor.url, **(environ or {})},
            now=HandClock(),
        ) as adapter,
    ):
        yield adapter, vendor


def _told(records: list[logging.LogRecord]) -> str:
    """Return all that the adapter itself logged."""
    ours = [record for record in records if record.name.partition(".")[0] == "adapter"]
    return "\n".join(f"{each.getMessage()} {getattr(each, 'fields', '')}" for each in ours)


@each_asker
def test_the_agent_gets_what_the_vendor_told(
    tmp_path: Path, asker: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    """The right phone and variables, asked for once, and neither person nor token in a log."""
    expected: dict[str, Any] = asker.example["calls"][0]

    async def play() -> None:
        async with _between(tmp_path, asker) as (adapter, vendor):
            answer = await adapter.public.post(**asker.request(KEY))
            assert answer.is_success, answer.text
            await adapter.mock.wait_for_rings(1)
            (ring,) = adapter.mock.rings
            assert (ring.phone, ring.variables) == (expected["phone"], expected["variables"])
            (call,) = await adapter.calls()
            await adapter.settled(call["id"], "rung")
            again = await adapter.public.post(**asker.request(KEY))
            assert again.is_success, again.text
            await adapter.quiet()
            assert len(adapter.mock.rings) == 1
            assert vendor.asked == [vendor.target_of(known) for known in asker.records]
            stored = adapter.stored_bytes()
            assert not [each for each in (KEY, API_TOKEN) if each.encode() in stored]

    with caplog.at_level(logging.INFO, "adapter"):
        asyncio.run(play())
    told = _told(caplog.records)
    assert "webhook_answered" in told
    for secret in (
        KEY,
        API_TOKEN,
        expected["phone"],
        *filter(None, expected["variables"].values()),
    ):
        assert secret not in told


@each_asker
def test_a_token_that_the_vendor_refuses_holds_the_call(
    tmp_path: Path, asker: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is rung, nothing is lost, and the token stays untold."""

    async def play() -> None:
        wrong = dict.fromkeys(asker.tokens, f"{GUESS}-of-the-token")
        async with _between(tmp_path, asker, environ=wrong) as (adapter, vendor):
            answer = await adapter.public.post(**asker.request(KEY))
            assert answer.is_success, answer.text
            (call,) = await adapter.calls()
            held = await adapter.settled(call["id"], "held")
            assert held["reason"] == "lookup_denied"
            assert (vendor.asked, adapter.mock.rings) == ([], [])

    with caplog.at_level(logging.INFO, "adapter"):
        asyncio.run(play())
    assert GUESS not in _told(caplog.records)


DENIED = (400, {"error": "", "error_description": "Access denied."})
VERDICTS = [
    ("bitrix24", None, "failed", "lookup_failed"),
    ("bitrix24", DENIED, "held", "lookup_denied"),
    ("zoho-notification", (204, None), "failed", "lookup_failed"),
]


@pytest.mark.parametrize(("source", "answer", "state", "reason"), VERDICTS)
def test_what_a_vendor_says_in_its_own_way_is_understood(
    tmp_path: Path, source: str, answer: tuple[int, Any] | None, state: str, reason: str
) -> None:
    """A record that is gone ends the call at once; a right that is wanting holds it."""
    (asker,) = [asker for asker in ASKERS if asker.source == source]

    async def play() -> None:
        async with _between(tmp_path, asker, records={"another": {}}) as (adapter, vendor):
            vendor.api = replace(vendor.api, unknown=answer or vendor.api.unknown)
            assert (await adapter.public.post(**asker.request(KEY))).is_success
            (call,) = await adapter.calls()
            assert (await adapter.settled(call["id"], state))["reason"] == reason
            assert len(vendor.asked) == 1

    asyncio.run(play())


@each_asker
def test_a_stranger_makes_nobody_ask(tmp_path: Path, asker: Asker) -> None:
    """Without the right proof nothing is stored, asked for or rung."""

    async def play() -> None:
        async with _between(tmp_path, asker) as (adapter, vendor):
            for key in (None, GUESS):
                answer = await adapter.public.post(**asker.request(key))
                assert answer.status_code == 401, answer.text
            await adapter.quiet()
            assert await adapter.webhooks() == []
            assert (vendor.asked, adapter.mock.rings) == ([], [])

    asyncio.run(play())


@pytest.mark.parametrize("source", ["copper", "zoho-notification"])
def test_each_bare_id_of_a_batch_is_asked_for(tmp_path: Path, source: str) -> None:
    """Two ids are two look-ups and two calls, each with its own person."""
    (asker,) = [each for each in ASKERS if each.source == source]
    example = asker.example
    first, written = asker.record_id, json.dumps(example["lookup"])
    phone = re.compile(r"\+?1?202-?555-?01(63|23)")
    other = json.loads(phone.sub("+12025550188", written.replace("Ada", "Bo")))
    records = {first: example["lookup"], f"{first}9": other}

    async def play() -> None:
        async with _between(tmp_path, asker, records=records) as (adapter, vendor):
            document = {**asker.document, "ids": [first, f"{first}9"]}
            answer = await adapter.public.post(**asker.request(KEY, document))
            assert answer.is_success, answer.text
            await adapter.mock.wait_for_rings(2)
            rung = {(ring.phone, ring.variables["name"]) for ring in adapter.mock.rings}
            assert rung == {(example["calls"][0]["phone"], "Ada"), ("+12025550188", "Bo")}
            assert sorted(vendor.asked) == [vendor.target_of(each) for each in records]

    asyncio.run(play())
