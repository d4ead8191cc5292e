"""Rows: the types of their columns, and rows as the values of the model."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from adapter.agent import AgentSwitch
from adapter.ledger.records import AgentRecord, SourceSwitch
from adapter.model import Attempt, Call, Outcome, State, Webhook, WebhookState

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


# A row of SQLAlchemy's or of a Prepared statement: columns by name.
AnyRow = Any


def call_of(row: AnyRow) -> Call:
    """Return a row of `calls` as a Call."""
    return Call(
        id=row.id,
        webhook=row.webhook,
        position=row.position,
        source=row.source,
        agent=row.agent,
        phone=row.phone,
        variables=row.variables,
        state=State(row.state),
        reason=row.reason,
        duplicate_of=row.duplicate_of,
        attempts=row.attempts,
        due_at=row.due_at,
        occurred_at=row.occurred_at,
        uncounted_s=row.uncounted_ms / 1000,
        created_at=row.created_at,
        updated_at=row.updated_at,
        detail=row.detail,
        timezone=row.timezone,
        lookups=row.lookups,
    )


def call_at(row: AnyRow, now: datetime) -> Call:
    """Return a row of `calls` as a Call whose `uncounted_s` goes up to now, as a move's will."""
    since, until = row.held_at, whole_ms(now)
    if row.shut_at is not None:
        since, until = row.shut_at, min(until, row.due_at)
    if since is None:
        return call_of(row)
    span_ms = max(0, (until - since) // MILLISECOND)
    return replace(call_of(row), uncounted_s=(row.uncounted_ms + span_ms) / 1000)


def attempt_of(row: AnyRow) -> Attempt:
    """Return a row of `attempts` as an Attempt."""
    return Attempt(
        number=row.number,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        http_status=row.http_status,
        code=row.code,
    )


def webhook_of(row: AnyRow, body: bytes) -> Webhook:
    """Return a row of `webhooks` as a Webhook; lists leave the body out."""
    return Webhook(
        id=row.id,
        source=row.source,
        received_at=row.received_at,
        method=row.method,
        query=row.query,
        headers=tuple((name, value) for name, value in row.headers),
        body=body,
        state=WebhookState(row.state),
        reason=row.reason,
    )


def agent_record_of(row: AnyRow) -> AgentRecord:
    """Return a row of `agents` as an AgentRecord."""
    return AgentRecord(
        switch=AgentSwitch(
            name=row.name,
            is_paused=row.is_paused,
            halted_by=row.halted_by,
            fingerprint=row.halted_fingerprint,
            halted_at=row.halted_at,
            probe_at=row.probe_at,
            full_until=row.full_until,
        ),
        is_known=row.is_known,
        fingerprint=row.fingerprint,
        day=row.day,
        day_count=row.day_count,
        day_began_at=row.day_began_at,
        last_claimed_at=row.last_claimed_at,
    )


def source_of(row: AnyRow) -> SourceSwitch:
    """Return a row of `sources` as a SourceSwitch."""
    return SourceSwitch(
        name=row.name,
        is_paused=row.is_paused,
        is_burst=row.is_burst,
        counted_from=row.counted_from,
        fingerprint=row.fingerprint,
        denied_by=row.denied_by,
        denied_fingerprint=row.denied_fingerprint,
        probe_at=row.probe_at,
        well_at=row.well_at,
    )
