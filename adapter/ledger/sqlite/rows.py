"""Rows to the model's words."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from adapter.agent import AgentSwitch
from adapter.ledger.records import SourceSwitch
from adapter.ledger.sqlite.columns import MILLISECOND, whole_ms
from adapter.ledger.sqlite.transaction import Lane
from adapter.model import Attempt, Call, Outcome, State, Webhook, WebhookState

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


def lane_of(row: AnyRow) -> Lane:
    """Return a row of `agents` as a Lane."""
    return Lane(
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
