"""Backups are private, whole and checked; a restore is all or nothing, and nobody is rung by it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command

from adapter.clock import utc_now
from adapter.errors import LedgerError
from adapter.ledger.copies import Restored, back_up, restore
from adapter.model import Reason, State
from tests.harness.dying import DEATH, ROOT, last_words
from tests.harness.ledger import ADA, BEN, CLEO, MINUTE, Desk, lead
from tests.ledger.sqlite.migrations import migrate

DAN = "+12025550189"
# A ledger after the backup: one more lead, and a process that dies with it in the log alone.
DIES_WITH_A_LOG = """
import os, sys
from pathlib import Path
from tests.harness.ledger import CLEO, Desk, lead
Desk(Path(sys.argv[1])).accept_one(lead(CLEO))
os._exit(9)
"""
# Restores, and dies right before the nth change of a file's name that it makes.
DIES_AT_A_STEP = """
import os, sys
from pathlib import Path
from adapter.ledger.copies import restore
from tests.harness.ledger import Clock
file, left = Path(sys.argv[1]), int(sys.argv[2])
def count(event, arguments):
    global left
    if event in ("os.rename", "os.link", "os.remove"):
        left -= 1
        if left == 0:
            os._exit(9)
sys.addaudithook(count)
restore(f"sqlite:///{file}", file.with_name("backup.db"), agents=["sales"], now=Clock())
"""


def url_of(file: Path) -> str:
    """Return the setting `database` of a file."""
    return f"sqlite:///{file}"


def put_back(file: Path, backup: Path) -> Restored:
    """Restore a backup; one of the configured agents is unknown to the ledger."""
    return restore(url_of(file), backup, agents=["sales", "support"], now=utc_now)


def phones_in(file: Path) -> set[str]:
    """Return the phones that a ledger knows, opened as a start opens it."""
    desk = Desk(file)
    try:
        return {phone for (phone,) in desk.sql("SELECT phone FROM calls")}
    finally:
        desk.ledger.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Return a ledger with Ada waiting and Ben, beside whom stands a backup that has both."""
    desk = Desk(tmp_path / "adapter.db")
    desk.accept_one(lead(ADA))
    desk.accept_one(lead(BEN))
    desk.ledger.close()
    back_up(url_of(desk.file), tmp_path / "backup.db")
    return desk.file


def test_a_backup_is_one_private_file_that_has_it_all(tmp_path: Path) -> None:
    """Whatever the umask, and without a log beside it; an earlier backup is replaced."""
    desk = Desk(tmp_path / "adapter.db")
    desk.accept_one(lead(ADA))
    desk.ledger.close()
    target = tmp_path / "backups" / "monday.db"
    target.parent.mkdir()
    before = os.umask(0)
    try:
        for calls in (1, 2):
            contents = back_up(url_of(desk.file), target)
            assert (contents.calls, contents.last_at) == (calls, desk.clock())
            assert [path.name for path in target.parent.iterdir()] == ["monday.db"]
            assert target.stat().st_mode & 0o777 == 0o600
            desk.reopen()
            desk.accept_one(lead(BEN))
            desk.ledger.close()
    finally:
        os.umask(before)
    assert phones_in(target) == {ADA, BEN}


def _log(ledger: Path) -> Path:
    return ledger.with_name("adapter.db-wal")


def _settings(ledger: Path) -> Path:
    settings = ledger.with_name("adapter.yaml")
    settings.write_text("agents: {}\n")
    return settings


def _other_name(ledger: Path) -> Path:
    link = ledger.with_name("link.db")
    link.symlink_to(ledger)
    return link


def _folder(ledger: Path) -> Path:
    return ledger.parent


def _nowhere(ledger: Path) -> Path:
    return ledger.with_name("no") / "backup.db"


@pytest.mark.parametrize("target", [Path, _other_name, _log, _settings, _folder, _nowhere])
def test_a_backup_writes_over_nothing_but_a_backup(
    ledger: Path, target: Callable[[Path], Path]
) -> None:
    """Neither over the ledger by any name, nor over settings that somebody mistyped."""
    path = target(ledger)
    before = {found: found.read_bytes() for found in ledger.parent.iterdir() if found.is_file()}
    with pytest.raises(LedgerError, match=r"name another file|its folder must exist"):
        back_up(url_of(ledger), path)
    after = {found: found.read_bytes() for found in ledger.parent.iterdir() if found.is_file()}
    assert after == before


def test_a_backup_does_not_write_over_a_ledger_in_use(ledger: Path) -> None:
    """Another adapter's ledger is no backup either."""
    other = Desk(ledger.with_name("other.db"))
    try:
        with pytest.raises(LedgerError, match="in use by another process"):
            back_up(url_of(ledger), other.file)
    finally:
        other.ledger.close()


def test_nothing_is_backed_up_where_there_is_no_ledger(tmp_path: Path) -> None:
    """And none is made; a damaged one is no backup, and the earlier one stays."""
    with pytest.raises(LedgerError, match="there is no file"):
        back_up(url_of(tmp_path / "adapter.db"), tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_ledger_leaves_the_earlier_backup(ledger: Path) -> None:
    """A copy of what is damaged would be found out when it is too late."""
    kept = ledger.with_name("backup.db").read_bytes()
    _shred(ledger)
    with pytest.raises(LedgerError, match=r"adapter\.db is damaged"):
        back_up(url_of(ledger), ledger.with_name("backup.db"))
    assert ledger.with_name("backup.db").read_bytes() == kept


def test_nobody_of_a_backup_is_rung_by_itself(tmp_path: Path) -> None:
    """Who waited is held, who was being rung is uncertain, and the agents stay paused."""
    desk = Desk(tmp_path / "adapter.db")
    ringing = desk.accept_one(lead(ADA))
    desk.claim_one()
    waiting = desk.accept_one(lead(BEN))
    desk.ledger._closing.pop_all().close()
    back_up(url_of(desk.file), tmp_path / "backup.db")
    restored = put_back(desk.file, tmp_path / "backup.db")
    assert (restored.recovered, restored.held) == (1, 1)
    assert restored.paused == ("sales", "support")
    desk = Desk(tmp_path / "adapter.db")
    try:
        agents = {"sales": "f1", "support": "f2"}
        desk.clock.at = utc_now()
        desk.do(desk.ledger.admin.reconcile(agents, desk.clock.advance(MINUTE)))
        assert desk.call(ringing.id).state is State.UNCERTAIN
        assert desk.call(waiting.id).reason == Reason.AGENT_PAUSED
        for agent in agents:
            new = desk.accept_one(lead(CLEO, key=agent, agent=agent))
            assert (new.state, new.reason) == (State.HELD, Reason.AGENT_PAUSED)
            assert desk.claim(agent=agent).claims == ()
        desk.do(desk.ledger.admin.resume(None, desk.clock()))
        assert [claim.call.id for claim in desk.claim().claims] != []
        assert desk.call(ringing.id).state is State.UNCERTAIN
    finally:
        desk.ledger.close()


def test_an_old_log_is_not_read_into_the_restored_ledger(ledger: Path) -> None:
    """After an unclean stop the newest leads stand in the log: they stay with the kept ledger."""
    last_words(DIES_WITH_A_LOG, ledger)
    assert _log(ledger).stat().st_size > 0
    restored = put_back(ledger, ledger.with_name("backup.db"))
    assert [path.name for path in restored.removed] == ["adapter.db-wal", "adapter.db-shm"]
    assert not any(path.exists() for path in restored.removed)
    assert restored.kept is not None
    assert {path.stat().st_mode & 0o777 for path in (ledger, restored.kept)} == {0o600}
    assert phones_in(ledger) == {ADA, BEN}
    assert phones_in(restored.kept) == {ADA, BEN, CLEO}


def test_a_restoring_that_is_cut_off_leaves_one_ledger_whole(ledger: Path) -> None:
    """Wherever the process dies: the old one with all of its leads, or the new one. Then again.

    The old one has a lead of its own in its file, and another in its log.
    """
    desk = Desk(ledger)
    desk.accept_one(lead(DAN))
    desk.ledger.close()
    last_words(DIES_WITH_A_LOG, ledger)
    before = {path: path.read_bytes() for path in ledger.parent.iterdir()}
    seen, step = [], 1
    while True:
        for path in ledger.parent.iterdir():
            path.unlink()
        for path, content in before.items():
            path.write_bytes(content)
        status = subprocess.run(
            [sys.executable, "-c", DIES_AT_A_STEP, str(ledger), str(step)],
            cwd=ROOT,
            timeout=60,
            check=False,
        ).returncode
        seen.append(phones_in(ledger))
        put_back(ledger, ledger.with_name("backup.db"))
        assert phones_in(ledger) == {ADA, BEN}
        if status != DEATH:
            break
        step += 1
    assert status == 0
    assert step > 5
    old, new = {ADA, BEN, CLEO, DAN}, {ADA, BEN}
    assert seen == [old] * seen.count(old) + [new] * seen.count(new)
    assert seen[0] == old
    assert seen[-1] == new


def _shred(file: Path) -> None:
    kept = file.read_bytes()
    file.write_bytes(kept[:4096] + b"\xa5" * (len(kept) - 4096))


def _cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: 3 * 4096 + 100])


def _other_bytes(file: Path) -> None:
    file.write_bytes(b"this is no database at all\n" * 400)


def _other_database(file: Path) -> None:
    file.unlink()
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE notes (text)")
    database.close()


def _newer(file: Path) -> None:
    database = sqlite3.connect(file)
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()


def _one_row_gone(file: Path) -> None:
    """Damage an index alone: all pages can be read."""
    database = sqlite3.connect(file)
    with database:
        database.execute("PRAGMA writable_schema=ON")
        database.execute("DELETE FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    database.close()


def _missing(file: Path) -> None:
    file.unlink()


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (_shred, "backup.db is damaged"),
    (_cut_off, "backup.db is damaged"),
    (_other_bytes, "backup.db is damaged, or no ledger"),
    (_other_database, "backup.db is no ledger"),
    (_newer, "a newer adapter wrote it"),
    (_one_row_gone, "backup.db is damaged"),
    (_missing, "there is no file .*backup.db"),
]


@pytest.mark.parametrize(("damage", "told"), FAULTS)
def test_what_is_no_sound_backup_changes_nothing(
    ledger: Path, damage: Callable[[Path], None], told: str
) -> None:
    """It is checked before anything of the ledger is touched, and no file is left behind."""
    last_words(DIES_WITH_A_LOG, ledger)
    damage(ledger.with_name("backup.db"))
    before = {path: path.read_bytes() for path in ledger.parent.iterdir()}
    with pytest.raises(LedgerError, match=told):
        put_back(ledger, ledger.with_name("backup.db"))
    assert {path: path.read_bytes() for path in ledger.parent.iterdir()} == before


def test_a_ledger_in_use_and_the_ledger_itself_are_refused(ledger: Path) -> None:
    """By whatever name; so a restore never splits a ledger."""
    desk = Desk(ledger)
    try:
        link = ledger.with_name("link.db")
        link.hardlink_to(ledger)
        with pytest.raises(LedgerError, match="in use by another process"):
            put_back(link, ledger.with_name("backup.db"))
    finally:
        desk.ledger.close()
    with pytest.raises(LedgerError, match="is the ledger itself"):
        put_back(ledger, link)


@pytest.mark.parametrize("damage", [_shred, _cut_off, _other_bytes])
def test_a_damaged_ledger_is_replaced_and_kept_as_it_was(
    ledger: Path, damage: Callable[[Path], None]
) -> None:
    """For whoever wants to save what is in it."""
    damage(ledger)
    damaged = ledger.read_bytes()
    restored = put_back(ledger, ledger.with_name("backup.db"))
    assert restored.kept is not None
    assert restored.kept.read_bytes() == damaged
    assert phones_in(ledger) == {ADA, BEN}


def test_a_damaged_ledger_is_kept_with_its_log(ledger: Path) -> None:
    """The log of a ledger that SQLite cannot read has what came last."""
    _other_bytes(ledger)
    _log(ledger).write_bytes(b"a log of something")
    restored = put_back(ledger, ledger.with_name("backup.db"))
    assert restored.kept is not None
    assert (
        restored.kept.with_name(f"{restored.kept.name}-wal").read_bytes() == b"a log of something"
    )
    assert not _log(ledger).exists()


def test_a_ledger_that_somebody_reads_is_left_as_it_is(ledger: Path) -> None:
    """A backup under way may need what stands in its log."""
    reader, writer = sqlite3.connect(ledger), sqlite3.connect(ledger)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM calls").fetchone() == (2,)
    with writer:
        writer.execute("DELETE FROM pulse")
        writer.execute("INSERT INTO pulse (id, at) VALUES (1, 1)")
    with pytest.raises(LedgerError, match="is being read by another program"):
        put_back(ledger, ledger.with_name("backup.db"))
    assert not list(ledger.parent.glob("*.before-*"))
    reader.close()
    writer.close()
    assert put_back(ledger, ledger.with_name("backup.db")).kept is not None


def test_a_lost_ledger_comes_back(ledger: Path) -> None:
    """Also through a link to where it was; the backup may be of an older version."""
    backup = ledger.with_name("backup.db")
    ledger.unlink()
    assert put_back(ledger, backup).kept is None
    assert phones_in(ledger) == {ADA, BEN}
    ledger.unlink()
    ledger.symlink_to("elsewhere.db")
    old = ledger.with_name("old.db")
    migrate(old, command.upgrade, "0001")
    assert put_back(ledger, old).contents.last_at is None
    assert ledger.is_symlink()
    assert phones_in(ledger) == set()


def test_a_failed_restore_leaves_no_ledger_where_there_was_none(tmp_path: Path) -> None:
    """An empty one would be served, and know nobody."""
    with pytest.raises(LedgerError, match="there is no file"):
        put_back(tmp_path / "adapter.db", tmp_path / "backup.db")
    assert not (tmp_path / "adapter.db").exists()


def test_a_backup_is_read_where_nothing_can_be_written(ledger: Path) -> None:
    """A copy that says that it has a log, as SQLite's own backup makes them, needs none."""
    plain = ledger.with_name("plain.db")
    source, target = sqlite3.connect(ledger), sqlite3.connect(plain)
    source.backup(target)
    source.close()
    target.close()
    put_back(ledger, plain)
    assert sorted(path.name for path in ledger.parent.glob("plain.db*")) == ["plain.db"]
