"""Opening: one process, a schema up to date, and what a dead process left behind."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Inspector, inspect, text

from adapter.errors import LedgerError
from adapter.ledger.ledger import Ledger
from adapter.ledger.sqlite.dialect import write_engine
from adapter.ledger.sqlite.lock import FileLock
from adapter.ledger.sqlite.migrate import HEAD, SCRIPTS
from adapter.ledger.tables import metadata
from adapter.model import LEGAL_MOVES, Outcome, Reason, State
from tests.harness.dying import ROOT, last_words
from tests.harness.ledger import ADA, BEN, RUNG, Clock, Desk, lead
from tests.ledger.sqlite.migrations import migrate

# A process that acknowledges on stdout what it stored, claims one call, and dies at once.
DIES = """
import asyncio, os, sys
from pathlib import Path
from tests.harness.ledger import Desk, lead, ADA, BEN

desk = Desk(Path(sys.argv[1]))
calls = desk.accept(lead(ADA), lead(BEN)).calls
claim = desk.claim_one(limit=1)
print(*(call.id for call in calls), flush=True)
os._exit(9)
"""


def test_what_was_acknowledged_outlives_its_process(tmp_path: Path) -> None:
    """After a kill nothing is lost, and what may have rung is uncertain."""
    file = tmp_path / "adapter.db"
    cut_off, waiting = last_words(DIES, file).split()
    desk = Desk(file)
    try:
        assert desk.ledger.recovered == 1
        found = desk.do(desk.ledger.reads.call(cut_off))
        assert found is not None
        call, (attempt,) = found
        assert (call.state, call.reason) == (State.UNCERTAIN, Reason.PROCESS_DIED)
        assert (attempt.outcome, attempt.ended_at) == (Outcome.PERHAPS, desk.clock())
        assert desk.claim_one().call.id == waiting
        assert desk.ledger.tally.by_state() == desk.counted()
        assert desk.accept_one(lead(ADA)).duplicate_of == cut_off
    finally:
        desk.ledger.close()


def test_an_orderly_end_leaves_nothing_to_recover(desk: Desk) -> None:
    """A settled call is not swept."""
    desk.accept(lead(ADA), lead(BEN))
    desk.settle(desk.claim_one(limit=1), Outcome.RUNG, RUNG)
    assert desk.reopen().recovered == 0
    assert desk.counted()[State.RUNG] == desk.counted()[State.WAITING] == 1
    assert not desk.file.with_name("adapter.db-wal").exists() or (
        desk.file.with_name("adapter.db-wal").stat().st_size == 0
    )


def test_a_second_process_is_refused(desk: Desk) -> None:
    """Two writers would ring twice; the message names the file and what to do."""
    url = f"sqlite:///{desk.file}"
    with pytest.raises(LedgerError, match=f"{desk.file} is in use .* stop that process"):
        Ledger.open(url, now=desk.clock)
    desk.ledger.close()
    Ledger.open(url, now=desk.clock).close()


def test_a_second_look_needs_no_lock_and_sweeps_nothing(desk: Desk) -> None:
    """Without `is_exclusive` a call that is sending stays so."""
    call = desk.bring_to(State.SENDING)
    other = Ledger.open(f"sqlite:///{desk.file}", now=desk.clock, is_exclusive=False)
    assert other.recovered == 0
    assert other.tally.by_state()[State.SENDING] == 1
    other.close()
    assert desk.call(call.id).state is State.SENDING


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://db/adapter", "only sqlite"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("adapter.db", "no URL"),
        ("sqlite:////nowhere/at/all/adapter.db", "folder must exist"),
    ],
)
@pytest.mark.parametrize("is_exclusive", [True, False])
def test_a_wrong_address_says_what_is_expected(url: str, said: str, is_exclusive: bool) -> None:
    """The operator reads what to mend."""
    with pytest.raises(LedgerError, match=said):
        Ledger.open(url, now=Clock(), is_exclusive=is_exclusive)


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    """Another file is not overwritten, and the lock is given back."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database, " * 100)
    for _ in range(2):
        with pytest.raises(LedgerError, match="no SQLite database"):
            Ledger.open(f"sqlite:///{file}", now=Clock())
    assert file.read_text().startswith("not a database")


def test_only_its_owner_reads_the_file(desk: Desk) -> None:
    """Leads are personal: the ledger, its log and its lock are private."""
    desk.accept_one()
    modes = {path.name: path.stat().st_mode & 0o077 for path in desk.file.parent.iterdir()}
    assert set(modes) >= {"adapter.db", "adapter.db-wal", "adapter.db.lock"}
    assert set(modes.values()) == {0}


def test_commits_are_synced(desk: Desk) -> None:
    """The promise rests on WAL with synchronous=FULL (2)."""
    answers = desk.do(
        desk.ledger._writer.submit(
            lambda transaction: [
                transaction.connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        )
    )
    assert answers == ["wal", 2, 1]


def test_a_ledger_of_a_newer_adapter_is_left_alone(desk: Desk) -> None:
    """An old program does not guess at a new schema."""
    desk.ledger.close()
    desk.sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="newer adapter"):
        Ledger.open(f"sqlite:///{desk.file}", now=desk.clock)


def test_an_old_schema_is_not_upgraded_beside_a_running_process(tmp_path: Path) -> None:
    """Only who has the lock may change the schema."""
    with pytest.raises(LedgerError, match="adapter migrate"):
        Ledger.open(f"sqlite:///{tmp_path}/new.db", now=Clock(), is_exclusive=False)


def test_the_migrations_make_the_tables_that_queries_see(desk: Desk, tmp_path: Path) -> None:
    """Tables, columns and indexes of both agree."""
    engine, declared = write_engine(desk.file), write_engine(tmp_path / "declared.db")
    metadata.create_all(declared)
    found, expected = inspect(engine), inspect(declared)
    tables = sorted(expected.get_table_names())
    assert sorted(found.get_table_names()) == ["agents", "alembic_version", *tables[1:]]
    for table in tables:
        assert columns(found, table) == columns(expected, table)
        assert indexes(found, table) == indexes(expected, table)
    engine.dispose()
    declared.dispose()


def columns(inspector: Inspector, table: str) -> dict[str, tuple[str, bool, bool]]:
    """Return by name a table's column types, whether null is allowed, and the primary key."""
    keys = inspector.get_pk_constraint(table)["constrained_columns"]
    return {
        column["name"]: (str(column["type"]), column["nullable"], column["name"] in keys)
        for column in inspector.get_columns(table)
    }


def indexes(inspector: Inspector, table: str) -> dict[str, tuple[list[str], bool, str]]:
    """Return by name a table's indexes: columns, uniqueness and condition."""
    return {
        str(index["name"]): (
            [str(name) for name in index["column_names"]],
            bool(index["unique"]),
            str(index.get("dialect_options", {}).get("sqlite_where", "")),
        )
        for index in inspector.get_indexes(table)
    }


def test_the_database_has_the_programs_table_of_moves(desk: Desk) -> None:
    """A change of the table of legal moves needs a migration; this reminds of it."""
    stored = {(old, new) for old, new in desk.sql("SELECT old, new FROM legal_moves")}
    assert stored == {(old, new) for old, targets in LEGAL_MOVES.items() for new in targets}


def test_a_downgrade_takes_everything_away(desk: Desk) -> None:
    """Each migration can be undone."""
    desk.ledger.close()
    migrate(desk.file, command.downgrade, "base")
    engine = write_engine(desk.file)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_head_is_the_last_migration() -> None:
    """A start without Alembic knows whether there is work for it."""
    assert max(path.name for path in (SCRIPTS / "versions").glob("*.py")).startswith(HEAD)


def test_a_start_with_nothing_to_upgrade_does_not_import_alembic(desk: Desk) -> None:
    """Its import takes longer than all the rest."""
    desk.ledger.close()
    code = (
        "import sys; from pathlib import Path; from tests.harness.ledger import Desk;"
        f"Desk(Path({str(desk.file)!r})).ledger.close(); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=True)


def test_a_lock_is_released_once(tmp_path: Path) -> None:
    """A second release does not close another's file."""
    lock = FileLock.take(tmp_path / "a.db")
    lock.release()
    lock.release()
    FileLock.take(tmp_path / "a.db").release()
