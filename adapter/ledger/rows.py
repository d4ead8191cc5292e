"""Rows to the model's words."""

from typing import Any

from adapter.agent import AgentSwitch
from adapter.ledger.transaction import Lane
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
    )


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
        ),
        is_known=row.is_known,
        fingerprint=row.fingerprint,
    )
