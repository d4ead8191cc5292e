"""SQLite's own SQL, for the files that know no database; and the statements of the hot path.

Of those SQLAlchemy writes the SQL once, and the driver runs it as it is.

`Connection.execute` costs several times what SQLite does for such small statements; measured, it
halved the leads a second. Its wrapping of errors is lost: `translated` knows the driver's too.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Delete, Insert, Select, Table, Update, func
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

insert = sqlite.insert  # it knows ON CONFLICT
greatest, least = func.max, func.min  # of several values; of a column they are the aggregates

_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")
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
        binds = compiled.binds
        self._constants = {name: bind.value for name, bind in binds.items() if not bind.required}
        self._to_driver = [
            (name, process)
            for name, bind in binds.items()
            if (process := bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT))
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
            if (process := column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None))
        ]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run once; return how many rows it changed."""
        cursor = connection.connection.cursor()
        cursor.execute(self.sql, self._bound_values(values))
        return cursor.rowcount

    def run_each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run once for each row of parameters; return how many rows they changed together."""
        cursor = connection.connection.cursor()
        cursor.executemany(self.sql, [self._bound_values(values) for values in rows])
        return cursor.rowcount

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run a query; return all its rows, columns by name."""
        cursor = connection.connection.cursor()
        cursor.execute(self.sql, self._bound_values(values))
        return [self._named_row(row) for row in cursor.fetchall()]

    def _bound_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        bound = {**self._constants, **values}
        for name, process in self._to_driver:
            bound[name] = process(bound[name])
        return bound

    def _named_row(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, process in self._from_driver:
            values[place] = process(values[place])
        return self._row._make(values)
