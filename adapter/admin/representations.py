"""Webhooks, calls and attempts as the admin API shows them (contract §5)."""

import base64
from typing import Any

from adapter.agent import Agent, AgentSwitch
from adapter.clock import iso
from adapter.ledger.records import Blocked, Capture, SourceSwitch
from adapter.model import Attempt, Call, Webhook


def call_row(call: Call) -> dict[str, Any]:
    """Return a call as a page of calls has it; `attempts` is a count."""
    return {
        "id": call.id,
        "webhook": call.webhook,
        "source": call.source,
        "agent": call.agent,
        "phone": call.phone,
        "variables": dict(call.variables),
        "state": call.state.value,
        "reason": str(call.reason),
        "duplicate_of": call.duplicate_of,
        "attempts": call.attempts,
        "due_at": iso(call.due_at),
        "created_at": iso(call.created_at),
        "updated_at": iso(call.updated_at),
    }


def call_in_full(call: Call, attempts: tuple[Attempt, ...]) -> dict[str, Any]:
    """Return one call with its attempts in full, and the detail of its reason."""
    return call_row(call) | {
        "detail": call.detail,
        "lookups": call.lookups,
        "occurred_at": iso(call.occurred_at),
        "attempts": [attempt_row(attempt) for attempt in attempts],
    }


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """Return one attempt; `outcome` is null while it is under way."""
    return {
        "number": attempt.number,
        "started_at": iso(attempt.started_at),
        "ended_at": iso(attempt.ended_at),
        "outcome": attempt.outcome.value if attempt.outcome else None,
        "http_status": attempt.http_status,
        "code": attempt.code,
    }


def webhook_row(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as a page of webhooks has it."""
    return {
        "id": webhook.id,
        "source": webhook.source,
        "state": webhook.state.value,
        "reason": str(webhook.reason),
        "received_at": iso(webhook.received_at),
    }


def webhook_in_full(webhook: Webhook, calls: tuple[Call, ...]) -> dict[str, Any]:
    """Return one webhook as it was stored; a body that is no UTF-8 text comes as base64."""
    row = webhook_row(webhook) | {
        "method": webhook.method,
        "query": webhook.query,
        "headers": [list(pair) for pair in webhook.headers],
        "calls": [call_row(call) for call in calls],
    }
    try:
        return row | {"body": webhook.body.decode()}
    except UnicodeDecodeError:
        return row | {"body_base64": base64.b64encode(webhook.body).decode()}


def agent_row(switch: AgentSwitch | None) -> dict[str, Any]:
    """Return whether an agent may ring, and if not, why and until when."""
    if switch is None:
        return {"state": "live"}
    states = {
        "paused": switch.is_paused,
        "halted": switch.halted_by,
        "full": switch.full_until,
        "live": True,
    }
    return {
        "state": next(state for state, holds in states.items() if holds),
        "halted_by": switch.halted_by or None,
        "probe_at": iso(switch.probe_at),
        "full_until": iso(switch.full_until),
    }


def limits_row(agent: Agent) -> dict[str, Any]:
    """Return an agent's mode, and whom and when it may ring."""
    return {
        "mode": agent.mode.value,
        "countries": sorted(agent.countries) or None,
        "has_calling_hours": agent.hours is not None,
        "max_per_day": agent.max_per_day,
    }


def source_row(switch: SourceSwitch | None) -> dict[str, Any]:
    """Return whether a source's calls may ring, and if not, who stopped them."""
    if switch is None:
        return {"state": "live"}
    states = {
        "paused": switch.is_paused,
        "burst": switch.is_burst,
        "denied": switch.denied_by,
        "live": True,
    }
    return {
        "state": next(state for state, holds in states.items() if holds),
        "denied_by": switch.denied_by or None,
        "probe_at": iso(switch.probe_at),
    }


def blocked_row(blocked: Blocked) -> dict[str, Any]:
    """Return a number that is never rung."""
    return {
        "phone": blocked.phone,
        "created_at": iso(blocked.created_at),
        "note": blocked.note,
    }


def capture_row(capture: Capture) -> dict[str, Any]:
    """Return an open capture, without its token."""
    return {
        "source": capture.name,
        "until": iso(capture.until),
        "webhooks": capture.webhooks,
    }
