"""Promises of `adapter backup` and `adapter restore`, beside real processes."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.cli.operate.test_ledger_commands import leave
from tests.cli.shop import ADA, BEN, Shop
from tests.harness.adapter_process import ROOT, AdapterProcess, free_port, until_answers
from tests.harness.in_process import AGENTS, API_KEY, API_SECRET, TOKEN

CLEO = "+12025550167"
PATIENCE_S = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """A shop whose agent, a process, never answers a call to Ada."""

    shop: Shop
    public: str
    agent: str

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a process of its own, as an operator does."""
        return subprocess.run(
            [sys.executable, "-m", "adapter", *words],
            cwd=self.shop.folder,
            env={"PYTHONPATH": str(ROOT), **self.shop.environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def serve(self) -> AdapterProcess:
        """Start an adapter."""
        return AdapterProcess(self.shop.folder, environ=self.shop.environ)

    def post(self, phone: str) -> httpx.Response:
        """Post a lead."""
        return httpx.post(
            f"{self.public}/hooks/crm",
            json={"phone": phone, "name": "Ada"},
            headers={"x-webhook-token": TOKEN},
            trust_env=False,
        )

    def rings(self) -> list[str]:
        """Return the phones that the agent was asked to ring, answered or not."""
        rung = httpx.get(f"{self.agent}/rings", trust_env=False).json()
        return [ring["phone"] for ring in rung]

    def states(self) -> dict[str, str]:
        """Return the state and reason of each phone's call."""
        calls = json.loads(self.command("calls", "--json").stdout)["calls"]
        return {call["phone"]: f"{call['state']}/{call['reason']}" for call in calls}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Run the agent for a test."""
    public, admin, agent = free_port(), free_port(), free_port()
    environ = {
        "AGENT_URL": f"http://127.0.0.1:{agent}/api/click-to-call",
        "MOCK_API_KEY": API_KEY,
        "MOCK_API_SECRET": API_SECRET,
    }
    shop = Shop(folder=tmp_path, environ=environ)
    shop.write(
        settings=f"listen: 127.0.0.1:{public}\nadmin_listen: 127.0.0.1:{admin}\n",
        agents=AGENTS + "    max_concurrent: 1\n    timeout: 5m\n",
    )
    script = shop.file("script.yaml", f'phones:\n  "{ADA}": [hang]\n')
    command = ("mock-agent", "--listen", f"127.0.0.1:{agent}", "--script", script)
    with AdapterProcess(tmp_path, *command, environ=environ):
        url = f"http://127.0.0.1:{agent}"
        until_answers(url)
        yield Site(shop=shop, public=f"http://127.0.0.1:{public}", agent=url)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)


def test_who_rang_since_the_backup_is_not_rung_by_a_restore(site: Site) -> None:
    """Nor who was being rung in it; and a new lead waits too until a person resumes."""
    folder = site.shop.folder
    with site.serve() as adapter:
        adapter.event("ready")
        assert site.post(ADA).status_code == 202
        until(lambda: site.rings() == [ADA])
        assert site.post(BEN).status_code == 202
        done = site.command("backup", "monday.db")
        assert done.returncode == 0, done.stderr
        assert "2 webhooks, 2 calls, up to 20" in done.stdout
        assert (folder / "monday.db").stat().st_mode & 0o777 == 0o600
        refused = site.command("restore", "monday.db")
        assert refused.returncode == 2
        assert "in use by another process" in refused.stderr
    with site.serve() as adapter:  # the first was killed
        adapter.event("ready")
        until(lambda: site.states()[BEN] == "rung/accepted")
    told = site.command("restore", "monday.db")
    assert told.returncode == 0, told.stderr
    assert "removed: " in told.stdout
    assert "adapter.db-wal" in told.stdout
    assert "paused: sales\n" in told.stdout
    assert "not redialled: 1 call\n" in told.stdout
    assert "adapter calls list --state held" in told.stdout
    with site.serve() as adapter:
        adapter.event("ready")
        assert site.post(CLEO).status_code == 202
        assert site.states() == {
            ADA: "uncertain/process_died",
            BEN: "held/agent_paused",
            CLEO: "held/agent_paused",
        }
        # Resumed, the new one rings: the lane has had its turn, and left Ada alone.
        site.command("block", BEN)
        site.command("resume", "--all")
        until(lambda: site.states()[CLEO] == "rung/accepted")
        assert sorted(site.rings()) == sorted([ADA, BEN, CLEO])


def test_a_backup_beside_a_flow_of_leads_has_every_one_before_it(site: Site) -> None:
    """And the adapter keeps its locks: no second one starts afterwards."""
    site.command("pause", "--all")
    with site.serve() as adapter:
        adapter.event("ready")
        with subprocess.Popen(
            [sys.executable, "-m", "adapter", "backup", "flow.db"],
            cwd=site.shop.folder,
            env={"PYTHONPATH": str(ROOT), **site.shop.environ},
        ) as backup:
            before = [f"+1202555{number:04}" for number in range(100, 110)]
            after = iter(range(110, 200))
            while backup.poll() is None and (number := next(after, None)) is not None:
                assert site.post(f"+1202555{number:04}").status_code == 202
            assert backup.wait(PATIENCE_S) == 0
        assert all(site.post(phone).status_code in (200, 202) for phone in before)
        with site.serve() as second:
            assert second.ended() == 2
            assert "in use by another process" in second.stderr
        assert site.command("backup", "flow.db").returncode == 0
        with sqlite3.connect(site.shop.folder / "flow.db") as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            found = {phone for (phone,) in copy.execute("SELECT phone FROM calls")}
        copy.close()
        assert found >= set(before)


def test_both_commands_say_what_they_did(shop: Shop) -> None:
    """As JSON for programs; where nothing runs, and with a mapping that has problems."""
    leave(shop.folder, {"phone": ADA, "name": "Ada"})
    shop.file("mappings/crm.yaml", "no: mapping\n")
    backup = str(shop.folder / "monday.db")
    made = shop.json("backup", backup)
    assert (made["file"], made["webhooks"], made["calls"]) == (backup, 1, 1)
    told = shop.json("restore", backup)
    assert told["ledger"] == str(shop.folder / "adapter.db")
    assert told["last_at"] == made["last_at"]
    assert told["kept"].startswith(f"{shop.folder / 'adapter.db'}.before-")
    assert (told["paused"], told["held"], told["uncertain"]) == (["sales"], 0, 0)
    said = shop.run("restore", backup).stdout
    assert f"nothing of what came after {made['last_at']}" in said.replace("It knows ", "")


def test_a_ledger_without_leads_is_restored_too(shop: Shop) -> None:
    """And a missing backup is said, with status 2."""
    leave(shop.folder)
    shop.run("backup", str(shop.folder / "empty.db"))
    assert "nothing yet" in shop.run("restore", str(shop.folder / "empty.db")).stdout
    refused = shop.run("restore", str(shop.folder / "lost.db"), status=2).output
    assert "error: there is no file" in refused
