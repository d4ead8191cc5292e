"""Promises about the tests' own adapter: it rings, in process and over sockets."""

from pathlib import Path

import pytest

from tests.harness.in_process import Running, run

LEAD = {"phone": "+12025550123", "name": "Ada"}


@pytest.mark.parametrize("is_listening", [False, True])
def test_a_lead_is_rung(tmp_path: Path, is_listening: bool) -> None:
    """A webhook becomes one signed call, and the ledger says so."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", LEAD)
        assert answer.status_code == 202, answer.text
        call = await adapter.settled(answer.json()["calls"][0]["id"])
        assert (call["state"], call["phone"]) == ("rung", LEAD["phone"])
        assert [ring.signature_ok for ring in adapter.mock.rings] == [True]
        assert LEAD["phone"].encode() in adapter.stored_bytes()

    run(tmp_path, play, is_listening=is_listening)
