"""Decisions as answers: status, body and headers of contract §5."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from adapter.model import PENDING, Call, Reason, State, WebhookState

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
PLAIN_TEXT = "text/plain; charset=utf-8"
_NO_STORE = ("cache-control", "no-store")
_ENDED_WELL = frozenset({State.RUNG, State.FAILED, State.IGNORED})
_UNREADABLE = {
    Reason.MALFORMED_BODY: (400, "Malformed body"),
    Reason.UNSUPPORTED_MEDIA_TYPE: (415, "Unsupported media type"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer; every one carries `Cache-Control: no-store`."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if _NO_STORE not in self.headers:
            # The way to fill a field of a frozen dataclass.
            object.__setattr__(self, "headers", (_NO_STORE, *self.headers))


@dataclass(frozen=True, kw_only=True, slots=True)
class CallView:
    """A call as its sender may see it; the last two only after `Prefer: wait`."""

    id: str
    agent: str | None
    state: State
    reason: str
    duplicate_of: str | None = None
    http_status: int | None = None
    code: str | None = None

    @classmethod
    def from_call(cls, call: Call) -> Self:
        """Return a call as it was stored."""
        return cls(
            id=call.id,
            agent=call.agent,
            state=call.state,
            reason=call.reason,
            duplicate_of=call.duplicate_of,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Respond:
    """A mapping's `respond`: what overrides every answer to a stored webhook; None does not."""

    status: int | None = None
    body: str | None = None
    content_type: str | None = None


# Salesforce takes nothing but this schema for a receipt, and sends for 24 h without one.
SALESFORCE_ACK = Respond(
    status=200,
    body=(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        "<soapenv:Body>"
        '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">'
        "<Ack>true</Ack>"
        "</notificationsResponse>"
        "</soapenv:Body>"
        "</soapenv:Envelope>"
    ),
    content_type="text/xml; charset=utf-8",
)


def json_answer(document: Mapping[str, Any], *headers: tuple[str, str]) -> Answer:
    """Return 200 with a JSON document."""
    return Answer(status=200, body=_json(document), content_type=JSON, headers=headers)


def problem_answer(status: int, title: str, detail: str = "", **members: Any) -> Answer:
    """Return a problem+json answer (RFC 9457); `members` are added to it."""
    document = {"type": "about:blank", "title": title, "status": status}
    details = {"detail": detail} if detail else {}
    body = _json(document | details | members)
    return Answer(status=status, body=body, content_type=PROBLEM_JSON)


def webhook_answer(
    webhook_id: str,
    calls: Sequence[CallView],
    webhook_state: WebhookState,
    reason: str,
    respond: Respond | None,
) -> Answer:
    """Return the answer to a stored webhook (contract §5's table), as `respond` overrides it."""
    answer = _by_table(webhook_id, calls, webhook_state, reason)
    return answer if respond is None else _overridden(answer, respond)


def _by_table(
    webhook_id: str, calls: Sequence[CallView], webhook_state: WebhookState, reason: str
) -> Answer:
    views = [_view(call) for call in calls]
    status = _accepted_status({call.state for call in calls}, webhook_state)
    if status is not None:
        body = _json({"webhook": webhook_id, "calls": views})
        return Answer(status=status, body=body, content_type=JSON)
    unreadable = _unreadable(reason)
    if unreadable is not None:
        detail = "The webhook is stored; it can be replayed once its mapping reads it."
        return problem_answer(*unreadable, detail, webhook=webhook_id, reason=str(reason))
    detail = "The webhook is stored; it can be replayed once its mapping is mended."
    return problem_answer(
        422, "No call could be made", detail, webhook=webhook_id, reason=str(reason), calls=views
    )


def _accepted_status(states: set[State], webhook_state: WebhookState) -> int | None:
    if states & PENDING:
        return 202
    is_ignored = not states and webhook_state is WebhookState.IGNORED
    return 200 if states & _ENDED_WELL or is_ignored else None


def _unreadable(reason: str) -> tuple[int, str] | None:
    return next((found for word, found in _UNREADABLE.items() if word == reason), None)


def _view(call: CallView) -> Mapping[str, Any]:
    always = {"id": call.id, "agent": call.agent, "state": call.state, "reason": call.reason}
    sometimes = {
        "duplicate_of": call.duplicate_of,
        "http_status": call.http_status,
        "code": call.code,
    }
    return always | {name: value for name, value in sometimes.items() if value is not None}


def _overridden(answer: Answer, respond: Respond) -> Answer:
    is_same_body = respond.body is None
    content_type = respond.content_type or (answer.content_type if is_same_body else PLAIN_TEXT)
    return Answer(
        status=answer.status if respond.status is None else respond.status,
        body=answer.body if respond.body is None else respond.body.encode(),
        content_type=content_type,
        headers=answer.headers,
    )


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
