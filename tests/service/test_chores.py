"""A chore never ends the program: whatever it meets is logged, and it goes on."""

import asyncio
import logging
from pathlib import Path

import certifi
import pytest

from adapter.service import chores
from adapter.service.chores import keep_going
from tests.harness.adapter_process import AdapterProcess
from tests.harness.in_process import CRM, write_project

AGENTS = "agents: {sales: {endpoint: 'https://127.0.0.1:9/', api_key: k, secret: s}}\n"


def test_a_chore_goes_on_after_any_exception(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also after one that nobody thought of; cancelling it ends it."""
    monkeypatch.setattr(chores, "AGAIN_S", 0.0)
    faults = [OSError(24, "Too many open files"), AssertionError(), ValueError()]

    async def chore() -> None:
        if faults:
            raise faults.pop()

    with caplog.at_level(logging.ERROR, "adapter"):
        asyncio.run(keep_going(chore))
    assert [record.message for record in caplog.records] == ["chore_failed"] * 3

    async def endless() -> None:
        await asyncio.Event().wait()

    async def cancelled() -> None:
        task = asyncio.create_task(keep_going(endless))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())


def test_missing_authorities_start_nothing_and_stop_nothing(tmp_path: Path) -> None:
    """Status 2 at a start; while it runs the change is refused, and taken up once it is mended."""
    bundle = tmp_path / "authorities.pem"
    write_project(tmp_path, {"crm": CRM}, agents=AGENTS)
    environ = {"SSL_CERT_FILE": str(bundle)}
    with AdapterProcess(tmp_path, environ=environ) as refused:
        assert refused.ended() == 2
        assert "SSL_CERT_FILE: the trusted authorities cannot be read" in refused.stderr
    certificates = certifi.where()
    bundle.write_bytes(Path(certificates).read_bytes())
    with AdapterProcess(tmp_path, environ=environ) as adapter:
        adapter.event("ready")
        bundle.unlink()
        problem = adapter.event("configuration_refused")["problem"]
        assert "SSL_CERT_FILE: the trusted authorities cannot be read" in problem
        bundle.write_bytes(Path(certificates).read_bytes())
        adapter.event("configuration_reloaded")
