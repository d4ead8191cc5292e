"""The promise of the whole program when the power fails: what was answered was on the disk.

The real process runs on a disk that forgets what was not fsynced (see forgetful.py). It works
without a compiler and without privileges, wherever Python's SQLite can be reached by ctypes.
"""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import script_of
from tests.crash.forgetful import durable_of, lose_power, sqlite_library
from tests.harness.adapter_process import ROOT, AdapterProcess
from tests.harness.in_process import (
    AGENTS,
    API_KEY,
    API_SECRET,
    CRM,
    PATIENCE_S,
    TOKEN,
    write_project,
)
from tests.soak.storm import Plan, weather_storm

FORGETFUL = "tests.crash.forgetful"
# Nothing may happen while syncing waits; long enough for a loopback answer a hundred times over.
QUIET_S = 0.5
CUTS = ("kills", "kills while starting", "kills")


def has_sqlite_in_reach() -> bool:
    """Tell whether Python's SQLite shows its functions; some builds link it in and hide it."""
    try:
        sqlite_library()
    except (OSError, AttributeError, TypeError):
        return False
    return True


pytestmark = pytest.mark.skipif(
    not has_sqlite_in_reach(), reason="this Python hides the SQLite that it was built with"
)

INSERT = f"""
import os, signal, sqlite3, sys
from tests.crash.forgetful import ForgetfulDisk, Interposition
interposition = Interposition(ForgetfulDisk())
connection = sqlite3.connect("rows.db", isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("CREATE TABLE leads (phone TEXT)")
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
connection.execute("PRAGMA synchronous=" + sys.argv[1])
for number in range(9):
    connection.execute("INSERT INTO leads VALUES (?)", (str(number),))
os.kill(os.getpid(), signal.{signal.SIGKILL.name})
"""


@pytest.mark.parametrize(("synchronous", "left"), [("FULL", 9), ("NORMAL", 0), ("OFF", 0)])
def test_the_disk_forgets_what_was_not_synced(tmp_path: Path, synchronous: str, left: int) -> None:
    """So the tests below can fail: committed rows are lost unless each commit was synced."""
    command = [sys.executable, "-c", INSERT, synchronous]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environ, timeout=PATIENCE_S, check=False)
    assert done.returncode == -signal.SIGKILL
    lose_power(tmp_path / "rows.db")
    connection = sqlite3.connect(tmp_path / "rows.db")
    assert connection.execute("SELECT count(*) FROM leads").fetchone() == (left,)
    connection.close()


def test_a_power_cut_may_keep_some_of_what_was_not_synced(tmp_path: Path) -> None:
    """Sectors reach a real disk in any order: each is the old one or the new one."""
    ledger = tmp_path / "rows.db"
    durable_of(ledger).parent.mkdir()
    durable_of(ledger).write_bytes(b"a" * 4096)
    ledger.write_bytes(b"b" * 8192)
    lose_power(ledger, random.Random(2))
    left = ledger.read_bytes()
    assert len(left) in {4096, 8192}
    assert set(left[:4096]) == set(b"ab")
    assert durable_of(ledger).read_bytes() == left


def test_every_promise_is_kept_when_the_power_fails(tmp_path: Path) -> None:
    """No acknowledged lead and no fence is lost with what the disk had not written yet."""
    plan = Plan(seed=7, storm_s=0.0, calm_s=None, blows=CUTS, has_power_cuts=True)
    report = asyncio.run(weather_storm(tmp_path, plan))
    assert not report.findings, str(report)
    assert report.leads > 50, str(report)
    assert report.calls["rung/accepted"] > 20, str(report)


class Stall:
    """Holds back every fsync of a ledger while it is on."""

    def __init__(self, ledger: Path) -> None:
        self._wish = ledger.with_name(ledger.name + ".stall")
        self._sign = ledger.with_name(ledger.name + ".stalled")

    def on(self) -> None:
        """Let the next fsync wait."""
        self._wish.touch()

    async def reached(self) -> None:
        """Return once an fsync waits."""
        async with asyncio.timeout(PATIENCE_S):
            while not self._sign.exists():  # noqa: ASYNC110 - another process makes the file
                await asyncio.sleep(0.01)

    def off(self) -> None:
        """Let it go on."""
        self._wish.unlink()


Scene = Callable[[MockAgent, httpx.AsyncClient, httpx.AsyncClient, Stall], Awaitable[None]]


def client(url: str) -> httpx.AsyncClient:
    """Return a client of one of its listeners."""
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S)


def play(folder: Path, scene: Scene, *answers: Any) -> None:
    """Play a scene, with clients of both listeners, against the process on its forgetful disk."""
    write_project(folder, {"crm": CRM}, agents=AGENTS)

    async def staged() -> None:
        async with MockAgent(API_KEY, API_SECRET, script_of(*answers)) as mock:
            with AdapterProcess(
                folder, environ={"AGENT_URL": mock.url}, program=FORGETFUL
            ) as adapter:
                urls = await asyncio.to_thread(lambda: (adapter.public, adapter.admin))
                async with client(urls[0]) as crm, client(urls[1]) as admin:
                    await scene(mock, crm, admin, Stall(folder / "adapter.db"))

    asyncio.run(staged())


def post(crm: httpx.AsyncClient) -> "asyncio.Task[httpx.Response]":
    """Begin to post a lead."""
    return asyncio.create_task(
        crm.post(
            "/hooks/crm",
            json={"phone": "+12025550123", "name": "Ada"},
            headers={"x-webhook-token": TOKEN},
        )
    )


def test_the_answer_follows_the_fsync(tmp_path: Path) -> None:
    """While the disk has not written the lead, its sender gets no answer and nobody is rung."""

    async def scene(
        mock: MockAgent, crm: httpx.AsyncClient, _: httpx.AsyncClient, stall: Stall
    ) -> None:
        stall.on()
        answer = post(crm)
        await stall.reached()
        await asyncio.wait([answer], timeout=QUIET_S)
        assert not answer.done()
        assert not mock.requests
        stall.off()
        assert (await answer).status_code == 202
        await mock.wait_for_rings(1)

    play(tmp_path, scene)


def test_the_first_byte_to_the_agent_follows_the_fsync_of_its_fence(tmp_path: Path) -> None:
    """While the disk has not written that the call is `sending`, no byte of it leaves."""

    async def scene(
        mock: MockAgent, crm: httpx.AsyncClient, admin: httpx.AsyncClient, stall: Stall
    ) -> None:
        call_id = (await post(crm)).json()["calls"][0]["id"]
        await waits_for_retry(admin, call_id)
        stall.on()  # nothing is written now but the next attempt's fence
        await stall.reached()
        await asyncio.sleep(QUIET_S)
        assert len(mock.requests) == 1
        stall.off()
        await mock.wait_for_rings(1)
        assert len(mock.requests) == 2

    play(tmp_path, scene, {"status": 503, "headers": {"retry-after": "3"}})


async def waits_for_retry(admin: httpx.AsyncClient, call_id: str) -> None:
    """Return once the call is to be tried again, which is in three seconds."""
    async with asyncio.timeout(PATIENCE_S):
        while (await admin.get(f"/api/calls/{call_id}")).json()["reason"] != "retry":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
