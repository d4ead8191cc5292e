"""A damaged ledger: refused at the start, 503 while running, and never written over."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.machine import play, site
from tests.harness.adapter_process import AdapterProcess
from tests.harness.in_process import CRM, Running, run, write_project

ADA, BEN = "+12025550123", "+12025550145"
PAGE = 4096


def _other_bytes(file: Path) -> None:
    file.write_bytes(b"this is no database at all\n" * 400)


def _cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: 3 * PAGE + 100])


def _shredded(file: Path) -> None:
    kept = file.read_bytes()
    file.write_bytes(kept[:PAGE] + b"\xa5" * (len(kept) - PAGE))


def _bad_header(file: Path) -> None:
    file.write_bytes(b"SQLite format 4\0" + file.read_bytes()[16:])


@pytest.mark.parametrize("damage", [_other_bytes, _cut_off, _shredded, _bad_header])
def test_a_damaged_ledger_starts_nothing_and_stays_as_it_is(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Status 2 and what to do, without a traceback; not a byte of the file is changed."""

    async def fill(adapter: Running) -> None:
        await adapter.post("crm", {"phone": ADA, "name": "Ada"})

    run(tmp_path, fill, has_engine=False)
    file = tmp_path / "adapter.db"
    damage(file)
    before = file.read_bytes()
    write_project(tmp_path, {"crm": CRM})
    with AdapterProcess(tmp_path, environ={"AGENT_URL": "http://127.0.0.1:9/call"}) as process:
        assert process.ended() == 2
    assert "error: the ledger's file is " in process.stderr
    assert "`adapter restore FILE` puts back what `adapter backup FILE` has" in process.stderr
    assert "Traceback" not in process.stderr
    assert file.read_bytes() == before


def test_damage_while_running_acknowledges_nothing(tmp_path: Path) -> None:
    """What can no longer be stored is answered 503, the log says why, and nobody is rung for it."""

    async def scenario() -> None:
        async with site(tmp_path) as here:
            assert (await here.post(ADA, prefer="wait=10")).json()["calls"][0]["state"] == "rung"
            file = tmp_path / "adapter.db"
            # Its own pages are folded into the file, then all but the first are shredded there.
            other = sqlite3.connect(file)
            assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
            other.close()
            with file.open("r+b") as damaged:
                damaged.seek(PAGE)
                damaged.write(b"\xa5" * (file.stat().st_size - PAGE))
            answers = [(await here.post(BEN)).status_code for _ in range(3)]
            assert 503 in answers
            assert set(answers) <= {202, 503}  # 202: from pages that it still had in memory
            line = await asyncio.to_thread(here.process.event, "ledger_unavailable")
            assert "`adapter restore FILE` puts back" in line["error"]
            assert len(here.mock.rings) <= 1 + answers.count(202)

    play(scenario)
