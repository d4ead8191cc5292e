"""Column types: how times and JSON lie in the file."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as whole milliseconds since 1970: small, and it sorts."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return milliseconds, rounded down."""
        return None if value is None else (value - EPOCH) // MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC datetime."""
        return None if value is None else EPOCH + timedelta(milliseconds=value)


class Json(TypeDecorator[Any]):
    """A JSON value, stored as text that a person can read in the file."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Return compact JSON; a lone surrogate, which UTF-8 cannot hold, is escaped."""
        try:
            return orjson.dumps(value).decode()
        except TypeError:
            return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return what was stored; tuples come back as lists."""
        return None if value is None else json.loads(value)


def whole_ms(moment: datetime) -> datetime:
    """Return the moment as the ledger would read it back."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
