"""Copies of a ledger's file: made while it is in use, checked, private, put in place by a rename.

Nothing of this runs in a process that has the ledger open: closing a file drops SQLite's locks.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from adapter.errors import LedgerError
from adapter.ledger.rows import EPOCH
from adapter.ledger.sqlite.dialect import translated

LOGS = ("-wal", "-shm", "-journal")
_PRIVATE = 0o600
_BUSY_S = 1.0
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_CONTENTS = (
    "SELECT (SELECT count(*) FROM webhooks), (SELECT count(*) FROM calls),"
    " max((SELECT coalesce(max(updated_at), 0) FROM calls),"
    " (SELECT coalesce(max(received_at), 0) FROM webhooks))"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What a ledger holds; `last_at` is when something was last taken or moved, if ever."""

    webhooks: int
    calls: int
    last_at: datetime | None


def logs_of(file: Path) -> list[Path]:
    """Return the files of SQLite's own beside a ledger that are there."""
    beside = (file.with_name(file.name + end) for end in LOGS)
    return [path for path in beside if path.exists()]


@contextmanager
def staged(file: Path) -> Iterator[Path]:
    """Give a name for a file that is made here and renamed; what is left of it is removed."""
    remains = (file, *(file.with_name(file.name + end) for end in (*LOGS, ".lock")))
    for path in remains:
        path.unlink(missing_ok=True)
    try:
        yield file
    finally:
        for path in remains:
            path.unlink(missing_ok=True)


def copy_ledger(source: Path, target: Path, *, is_at_rest: bool) -> Contents:
    """Copy a ledger to a new private file, whole as of one moment, and check the copy.

    A file `is_at_rest` that no process writes to: it may lie in a folder that is read-only. The
    copy is one file: its log is folded in. LedgerError: the source is damaged, or no ledger.
    """
    if not source.is_file():
        raise LedgerError(f"there is no file {source}")
    how = "immutable=1" if is_at_rest and not logs_of(source) else "mode=ro"
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE))
    with _named(source), closing(sqlite3.connect(target)) as copy:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?{how}", uri=True)) as original:
            original.backup(copy)  # in one step: it sees one moment, and no writer waits for it
        copy.execute("PRAGMA journal_mode=DELETE")
        contents = _checked(copy, source)
    _synced(target)
    return contents


def _checked(copy: sqlite3.Connection, source: Path) -> Contents:
    if copy.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
        raise LedgerError(f"{source} is damaged")
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    if not tables >= {"alembic_version", "webhooks", "calls"}:
        raise LedgerError(f"{source} is no ledger: it is a database of something else")
    webhooks, calls, last_ms = copy.execute(_CONTENTS).fetchone()
    last_at = EPOCH + timedelta(milliseconds=last_ms) if last_ms else None
    return Contents(webhooks=webhooks, calls=calls, last_at=last_at)


@contextmanager
def _named(source: Path) -> Iterator[None]:
    """Raise LedgerError that names the file which is damaged; other faults as everywhere."""
    with translated():
        try:
            yield
        except sqlite3.DatabaseError as error:
            if not str(getattr(error, "sqlite_errorname", "")).startswith(_DAMAGED):
                raise
            raise LedgerError(f"{source} is damaged, or no ledger ({error})") from error


def put_in_place(fresh: Path, file: Path, kept: Path | None) -> None:
    """Let `fresh` be the ledger, and `kept` be what was there; whole at every moment.

    The caller holds the ledger's locks. SQLite would read an old log into the new file. So the log
    is folded into the old ledger first, and is gone before the new one is there. SQLite drops the
    log of a damaged ledger, which it cannot fold: so that is kept too.
    """
    if kept is not None:
        log, kept_log = (path.with_name(f"{path.name}-wal") for path in (file, kept))
        if log.exists():
            _link(log, kept_log)
        if _is_folded(file, kept_log):
            kept_log.unlink(missing_ok=True)
        _link(file, kept)
    for path in logs_of(file):
        path.unlink()
    _give_to_owner(fresh, file if kept is not None else file.parent)
    _synced(file.parent)
    rename(fresh, file)


def rename(fresh: Path, file: Path) -> None:
    """Rename a file that is whole over another one, for good."""
    _synced(fresh)
    fresh.replace(file)
    _synced(file.parent)


def _is_folded(file: Path, kept_log: Path) -> bool:
    """Fold the log into a ledger that no adapter has open; False where it is damaged."""
    try:
        with translated(), closing(sqlite3.connect(file, timeout=_BUSY_S)) as ledger:
            is_busy, *_ = ledger.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
    except LedgerError as error:
        if str(getattr(error.__cause__, "sqlite_errorname", "")).startswith(_DAMAGED):
            return False
        kept_log.unlink(missing_ok=True)
        raise
    if is_busy:
        kept_log.unlink(missing_ok=True)
        raise LedgerError(f"{file} is being read by another program: stop that program")
    return True


def _link(file: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        os.close(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE))
        shutil.copyfile(file, kept)
        _synced(kept)


def _give_to_owner(fresh: Path, like: Path) -> None:
    """Let root restore a ledger that another user serves."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(fresh, owner.st_uid, owner.st_gid)


def _synced(path: Path) -> None:
    """Have a file or a folder written to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
