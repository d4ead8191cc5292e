"""One ledger is one file, known by its inode: no second adapter reaches it by another name."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.clock import utc_now
from adapter.errors import LedgerError
from adapter.ledger.ledger import Ledger
from adapter.ledger.sqlite.lock import FileLock
from tests.harness.adapter_process import AdapterProcess
from tests.harness.in_process import CRM, Running, run, write_project
from tests.harness.ledger import ADA, Clock, Desk, lead

LEAD = {"phone": "+12025550123", "name": "Ada"}


def _symlink(file: Path, other: Path) -> None:
    other.symlink_to(file)


def _hard_link(file: Path, other: Path) -> None:
    other.hardlink_to(file)


def _folder_link(file: Path, other: Path) -> None:
    other.parent.rmdir()
    other.parent.symlink_to(file.parent)


def _no_lock_file(file: Path, other: Path) -> None:
    file.with_name(f"{file.name}.lock").unlink()
    other.symlink_to(file)


@pytest.mark.parametrize("link", [_symlink, _hard_link, _folder_link, _no_lock_file])
def test_a_second_adapter_is_refused_by_whatever_name(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    """Also where somebody removed the lock file; once the first is gone, the second opens it."""
    (tmp_path / "other").mkdir()
    desk = Desk(tmp_path / "adapter.db")
    other = tmp_path / "other" / "adapter.db"
    link(desk.file, other)
    with pytest.raises(LedgerError, match="in use by another process"):
        Ledger.open(f"sqlite:///{other}", now=Clock())
    desk.accept(lead(ADA))
    desk.ledger.close()
    Ledger.open(f"sqlite:///{other}", now=Clock()).close()


def test_two_processes_on_one_ledger_are_one(tmp_path: Path) -> None:
    """The second ends with status 2 and says which file is in use."""
    (tmp_path / "other").mkdir()
    agents = "agents: {sales: {endpoint: 'http://127.0.0.1:9/', api_key: k, secret: s}}\n"
    write_project(tmp_path, {"crm": CRM}, agents=agents)
    with AdapterProcess(tmp_path) as first:
        first.event("ready")
        write_project(tmp_path / "other", {"crm": CRM}, agents=agents)
        (tmp_path / "other" / "adapter.db").hardlink_to(tmp_path / "adapter.db")
        with AdapterProcess(tmp_path / "other") as second:
            assert second.ended() == 2
            assert "in use by another process" in second.stderr


def _remove(file: Path) -> None:
    file.unlink()


def _rename(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))


def _replace(file: Path) -> None:
    copy = file.with_name("copy.db")
    copy.write_bytes(file.read_bytes())
    copy.replace(file)


@pytest.mark.parametrize("lose", [_remove, _rename, _replace])
def test_a_ledger_that_is_gone_takes_nothing(tmp_path: Path, lose: Callable[[Path], None]) -> None:
    """From the next webhook on 503, not ready, and no attempt begins; put back, all goes on."""

    async def play(adapter: Running) -> None:
        file = tmp_path / "adapter.db"
        kept = file.with_name("kept.db")
        kept.hardlink_to(file)
        waiting = (await adapter.post("crm", LEAD)).json()["calls"][0]["id"]
        lose(file)
        answer = await adapter.post("crm", {**LEAD, "name": "Ben"})
        assert answer.status_code == 503
        assert not await adapter.adapter.ledger.is_writable()
        with pytest.raises(LedgerError, match="moved, removed or replaced"):
            await adapter.adapter.ledger.claim(
                "sales",
                limit=1,
                now=utc_now(),
                cooldown=adapter.adapter.current.config.cooldown,
                decide=lambda *_: pytest.fail("no gate is asked"),
            )
        os.replace(kept, file)
        assert await adapter.adapter.ledger.is_writable()
        assert (await adapter.call(waiting))["state"] == "waiting"
        assert (await adapter.post("crm", {**LEAD, "name": "Ben"})).status_code == 202

    run(tmp_path, play, has_engine=False)


def test_a_foreign_file_is_named_with_its_owner() -> None:
    """As where a command ran as root once; root itself may open everything, so it steps back."""
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(LedgerError, match=r"cannot open /etc/passwd .*, it belongs to user 0:"):
            FileLock.take(Path("/etc/passwd"))
    finally:
        os.seteuid(us)


def test_files_that_exist_become_private(tmp_path: Path) -> None:
    """The ledger and its log, whatever mode they had."""
    desk = Desk(tmp_path / "adapter.db")
    desk.accept(lead(ADA))
    desk.ledger.close()
    desk.file.chmod(0o644)
    again = Ledger.open(f"sqlite:///{desk.file}", now=Clock())
    try:
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.glob("adapter.db*")}
        assert modes == {0o600}
    finally:
        again.close()


def test_a_snapshot_by_hard_link_keeps_nobody_from_starting(tmp_path: Path) -> None:
    """Backup tools make such links."""
    desk = Desk(tmp_path / "adapter.db")
    desk.ledger.close()
    (tmp_path / "snapshot.db").hardlink_to(desk.file)
    Ledger.open(f"sqlite:///{desk.file}", now=Clock()).close()
