"""SQLite's own part: connections to the file, its errors, and the statements that it reads."""

import os
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Delete,
    Engine,
    Insert,
    Select,
    Table,
    Update,
    create_engine,
    event,
    func,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator, TypeEngine

from adapter.errors import IllegalMoveError, LedgerError

RESTORING = "`adapter restore FILE` puts back what `adapter backup FILE` has copied"
# SQLite's primary result codes, https://sqlite.org/rescode.html; the extended ones begin alike.
REMEDIES = {
    "SQLITE_FULL": "the disk is full: free space where the ledger lies",
    "SQLITE_READONLY": "the ledger is read-only: check the owner and mode of its file and folder",
    "SQLITE_PERM": "no permission: check the owner and mode of the ledger's file and folder",
    "SQLITE_CANTOPEN": "the ledger cannot be opened: check its path, owner and mode",
    "SQLITE_BUSY": "the ledger is locked by another program: stop that program",
    "SQLITE_LOCKED": "the ledger is locked by another program: stop that program",
    "SQLITE_IOERR": "the disk fails: check the machine's disk and its log",
    "SQLITE_CORRUPT": f"the ledger's file is damaged: {RESTORING}",
    "SQLITE_NOTADB": f"the ledger's file is no SQLite database: check `database`, or {RESTORING}",
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
    """Raise LedgerError, with its cause, for any error of SQLAlchemy or its driver."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise translate(error) from error


BUSY_TIMEOUT_S = 5.0
WRITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL may lose acknowledged rows when the power fails
    "foreign_keys=ON",
    "wal_autocheckpoint=4000",  # pages, 16 MiB: a quarter as many checkpoints as by default
)
READ_PRAGMAS = ("query_only=ON",)


def database_file(url: str) -> Path:
    """Return the file that a `sqlite:///file` URL names; LedgerError for any other URL."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise LedgerError("`database` is no URL: expected sqlite:///adapter.db") from error
    if parsed.get_backend_name() != "sqlite":
        raise LedgerError(f"`database` is {parsed.drivername}: only sqlite:///… is served yet")
    if parsed.database in (None, "", ":memory:"):
        raise LedgerError("`database` names no file, and a ledger must outlive its process")
    return Path(str(parsed.database))


def watch_file(file: Path) -> Callable[[], None]:
    """Return a check: LedgerError once the path leads no more to the file of this moment."""
    known = _inode(file)

    def check() -> None:
        if _inode(file) != known:
            raise LedgerError(
                f"{file} was moved, removed or replaced while the adapter runs: put it back, or"
                " restart the adapter"
            )

    return check


def _inode(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def write_engine(file: Path) -> Engine:
    """Return the engine of the one writer; each of its transactions locks the file at once."""
    _create_private(file)
    return _engine(file, size=1, pragmas=WRITE_PRAGMAS, begin="BEGIN IMMEDIATE")


@contextmanager
def writing(connection: Connection) -> Iterator[None]:
    """One transaction of the writer's, begun and ended at the driver.

    SQLAlchemy's own begin and commit cost a lead more than SQLite's work for it. What goes through
    SQLAlchemy joins; whatever raises, COMMIT too, leaves nothing begun.
    """
    driver = _driver(connection)
    driver.execute("BEGIN IMMEDIATE")
    try:
        yield
        driver.commit()
    except BaseException:
        driver.rollback()
        raise
    finally:
        if connection.in_transaction():
            connection.rollback()  # SQLAlchemy's own note: at the driver it is over


def read_engine(file: Path, size: int = 2) -> Engine:
    """Return an engine whose connections cannot write; each transaction sees one moment."""
    return _engine(file, size=size, pragmas=READ_PRAGMAS, begin="BEGIN")


def truncate_log(engine: Engine) -> bool:
    """Fold the write-ahead log into the file; False if a reader kept it from being emptied."""
    (is_busy, *_) = _outside_transactions(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    return not is_busy


def rewrite(engine: Engine) -> None:
    """Write the whole file anew, so that nothing is left of what was deleted or overwritten.

    `PRAGMA secure_delete` is not enough: where SQLite splits a page, a copy of the rows that move
    stays behind in it (measured: after one erasure in sixty).
    """
    _outside_transactions(engine, "VACUUM")


def _outside_transactions(engine: Engine, statement: str) -> Any:
    """Run what SQLite refuses in a transaction, which SQLAlchemy would begin; return a row."""
    with translated(), engine.connect() as connection:
        cursor = connection.connection.cursor()
        try:
            return cursor.execute(statement).fetchone()
        finally:
            cursor.close()


def _create_private(file: Path) -> None:
    # SQLite would make it readable by all; its -wal and -shm take the mode of the file.
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerError(
            f"cannot open {file} ({error.strerror}): the folder must exist, both be writable"
        ) from error


def _engine(file: Path, *, size: int, pragmas: tuple[str, ...], begin: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}",
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,  # they are phones and names, and messages show them
        # isolation_level None: sqlite3 begins nothing by itself, we do (`begin`).
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "timeout": BUSY_TIMEOUT_S,
        },
    )

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: object, _record: object) -> None:
        for pragma in pragmas:
            dbapi_connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def open_transaction(connection: Connection) -> None:
        driver = _driver(connection)
        if not driver.in_transaction:  # else `writing` has begun it
            driver.execute(begin)

    return engine


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


insert = sqlite.insert  # it knows ON CONFLICT
greatest, least = func.max, func.min  # of several values; of a column they are the aggregates


_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")
Process = Callable[[Any], Any]


def upsert(table: Table) -> Insert:
    """Return the statement that stores a row, in place of the one with its primary key, if any."""
    keys = table.primary_key.columns.keys()
    fresh = insert(table)
    others = [column.name for column in table.c if column.name not in keys]
    return fresh.on_conflict_do_update(
        index_elements=keys, set_={name: fresh.excluded[name] for name in others}
    )


class Prepared:
    """A statement compiled once; parameters by name, its constants filled in."""

    def __init__(
        self, statement: Select[Any] | CompoundSelect[Any] | Insert | Update | Delete
    ) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names = list(compiled.positiontup or ())
        binds = {name: compiled.binds[name] for name in self._names}
        self._constants = {name: bind.value for name, bind in binds.items() if not bind.required}
        self._to_driver = [
            (place, process)
            for place, bind in enumerate(compiled.binds[name] for name in self._names)
            if (process := _bound_by(bind.type))
        ]
        columns = (
            list(statement.selected_columns)
            if isinstance(statement, Select | CompoundSelect)
            else []
        )
        self._row: Any = namedtuple("Row", [str(column.key) for column in columns])  # type: ignore[misc]
        self._from_driver = [
            (place, process)
            for place, column in enumerate(columns)
            if (process := _read_by(column.type))
        ]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run once; return how many rows it changed."""
        return _driver(connection).execute(self.sql, self._bound_values(values)).rowcount

    def run_each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run once for each row of parameters; return how many rows they changed together."""
        bound = [self._bound_values(values) for values in rows]
        return _driver(connection).executemany(self.sql, bound).rowcount

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run a query; return all its rows, columns by name."""
        found = _driver(connection).execute(self.sql, self._bound_values(values))
        return [self._named_row(row) for row in found]

    def _bound_values(self, values: Mapping[str, Any]) -> list[Any]:
        known = {**self._constants, **values}
        bound = [known[name] for name in self._names]
        for place, process in self._to_driver:
            bound[place] = process(bound[place])
        return bound

    def _named_row(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, process in self._from_driver:
            values[place] = process(values[place])
        return self._row._make(values)


def _bound_by(kind: TypeEngine[Any]) -> Process | None:
    if isinstance(kind, TypeDecorator):  # ours, without what SQLAlchemy lays around it
        return partial(kind.process_bind_param, dialect=_DIALECT)
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _read_by(kind: TypeEngine[Any]) -> Process | None:
    if isinstance(kind, TypeDecorator):
        return partial(kind.process_result_value, dialect=_DIALECT)
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
