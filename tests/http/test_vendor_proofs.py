"""Promises of signatures as vendors make them: right enters, tampered, stale and cut do not."""

import json
from pathlib import Path

import httpx
import pytest

from tests.harness.auth_requests import LEAD, PUBLIC_URL, Knock
from tests.harness.in_process import HandClock, Running, Scenario, run
from tests.harness.vendor_requests import VENDORS, Vendor

NAMES = [vendor.name for vendor in VENDORS]


async def knock_at(adapter: Running, knock: Knock) -> httpx.Response:
    """Post a request as it was signed."""
    headers = {"content-type": "application/json", **knock.headers}
    return await adapter.public.post(knock.path, content=knock.body, headers=headers)


def run_with(folder: Path, vendor: Vendor, play: Scenario) -> None:
    """Play a scenario against a source with the vendor's proof; YAML reads JSON."""
    mapping = f"auth: {json.dumps(vendor.auth)}\nagent: sales\nphone: {vendor.phone}\n"
    settings = f"public_url: {PUBLIC_URL}\n"
    clock = HandClock()
    run(folder, play, mappings={"crm": mapping}, settings=settings, now=clock, has_engine=False)


@pytest.mark.parametrize("vendor", VENDORS, ids=NAMES)
def test_the_right_proof_enters_once(tmp_path: Path, vendor: Vendor) -> None:
    """The lead is stored with its own phone; the same request again is the same webhook."""

    async def play(adapter: Running) -> None:
        first = await knock_at(adapter, vendor.right)
        assert first.status_code == 202, first.text
        (call,) = await adapter.calls()
        assert call["phone"] == LEAD["phone"]
        second = await knock_at(adapter, vendor.right)
        assert second.status_code == 200, second.text
        assert second.json()["calls"][0]["reason"] == "duplicate"

    run_with(tmp_path, vendor, play)


@pytest.mark.parametrize("vendor", VENDORS, ids=NAMES)
def test_every_other_request_stays_outside(tmp_path: Path, vendor: Vendor) -> None:
    """401, and not a byte is stored."""

    async def play(adapter: Running) -> None:
        wrong = list(vendor.wrong())
        assert wrong
        for what, knock in wrong:
            answer = await knock_at(adapter, knock)
            assert answer.status_code == 401, (what, answer.text)
        assert await adapter.webhooks() == []
        assert LEAD["phone"].encode() not in adapter.stored_bytes()

    run_with(tmp_path, vendor, play)
