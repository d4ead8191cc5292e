"""Foreign errors become ours, once, here: SQLite's codes to what a person can do about them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from adapter.errors import IllegalMoveError, LedgerError

# SQLite's primary result codes, https://sqlite.org/rescode.html; the extended ones begin alike.
REMEDIES = {
    "SQLITE_FULL": "the disk is full: free space where the ledger lies",
    "SQLITE_READONLY": "the ledger is read-only: check the owner and mode of its file and folder",
    "SQLITE_PERM": "no permission: check the owner and mode of the ledger's file and folder",
    "SQLITE_CANTOPEN": "the ledger cannot be opened: check its path, owner and mode",
    "SQLITE_BUSY": "the ledger is locked by another program: stop that program",
    "SQLITE_LOCKED": "the ledger is locked by another program: stop that program",
    "SQLITE_IOERR": "the disk fails: check the machine's disk and its log",
    "SQLITE_CORRUPT": "the ledger's file is damaged: restore it from a backup",
    "SQLITE_NOTADB": "the ledger's file is no SQLite database: check `database`",
    "SQLITE_TOOBIG": "a value is too big for the ledger",
    "SQLITE_NOMEM": "the machine is out of memory",
    "SQLITE_CONSTRAINT": "a constraint of the ledger refused the write: this is a bug",
}
TRIGGER_CODE = "SQLITE_CONSTRAINT_TRIGGER"
UNKNOWN = "the ledger failed"


def translate(error: SQLAlchemyError | sqlite3.Error) -> LedgerError:
    """Return the ledger's own error for SQLAlchemy's or the driver's; it names no value."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = str(getattr(cause, "sqlite_errorname", type(cause).__name__))
    if code == TRIGGER_CODE:
        return IllegalMoveError("the ledger's table of legal moves does not have this move")
    primary = "_".join(code.split("_")[:2])
    return LedgerError(f"{REMEDIES.get(primary, UNKNOWN)} ({code})")


@contextmanager
def translated() -> Iterator[None]:
    """Raise LedgerError, with its cause, for whatever SQLAlchemy or its driver raises inside."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise translate(error) from error
