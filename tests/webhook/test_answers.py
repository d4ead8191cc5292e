"""Each outcome of a webhook has one status and one shape of body."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from adapter.model import PENDING, State, WebhookState
from adapter.webhook.answers import (
    SALESFORCE_ACK,
    Answer,
    CallView,
    Respond,
    problem_answer,
    webhook_answer,
)


def call(state: State, **more: Any) -> CallView:
    """Return a call in a state."""
    return CallView(id="c1", agent="sales", state=state, reason="new", **more)


def answer(
    *calls: CallView,
    state: WebhookState = WebhookState.MAPPED,
    reason: str = "",
    respond: Respond | None = None,
) -> Answer:
    """Return the answer to a stored webhook."""
    return webhook_answer("w1", calls, state, reason, respond)


@pytest.mark.parametrize("state", list(State))
def test_one_call(state: State) -> None:
    """202 while something may come of it, 200 when it ended, 422 when it cannot be called."""
    expected = 202 if state in PENDING else 422 if state is State.REFUSED else 200
    assert answer(call(state)).status == expected


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ((State.REFUSED, State.WAITING), 202),
        ((State.IGNORED, State.UNCERTAIN), 202),
        ((State.REFUSED, State.IGNORED), 200),
        ((State.RUNG, State.FAILED), 200),
        ((State.REFUSED, State.REFUSED), 422),
    ],
)
def test_several_calls(states: tuple[State, ...], status: int) -> None:
    """The most hopeful call decides."""
    assert answer(*map(call, states)).status == status


def test_the_shape_of_a_stored_webhook() -> None:
    """Ids, agent, state, reason; the rest only where there is something to say."""
    stored = answer(call(State.WAITING))
    assert stored.content_type == "application/json"
    assert json.loads(stored.body) == {
        "webhook": "w1",
        "calls": [{"id": "c1", "agent": "sales", "state": "waiting", "reason": "new"}],
    }
    waited = answer(call(State.RUNG, duplicate_of="c0", http_status=200, code="ctc:001"))
    view = json.loads(waited.body)["calls"][0]
    assert (view["duplicate_of"], view["http_status"], view["code"]) == ("c0", 200, "ctc:001")


@pytest.mark.parametrize(
    ("calls", "state", "reason", "status", "members"),
    [
        ((), WebhookState.REFUSED, "no_items", 422, {"webhook", "calls", "reason"}),
        ((), WebhookState.REFUSED, "malformed_body", 400, {"webhook", "reason"}),
        ((), WebhookState.REFUSED, "unsupported_media_type", 415, {"webhook", "reason"}),
        (
            (call(State.REFUSED),),
            WebhookState.REFUSED,
            "malformed_body",
            400,
            {"webhook", "reason"},
        ),
        (
            (call(State.REFUSED),),
            WebhookState.MAPPED,
            "",
            422,
            {"webhook", "calls", "reason"},
        ),
    ],
)
def test_refused_webhooks_are_problems(
    calls: tuple[CallView, ...], state: WebhookState, reason: str, status: int, members: set[str]
) -> None:
    """They are stored all the same, so the problem names the webhook."""
    refused = answer(*calls, state=state, reason=reason)
    document = json.loads(refused.body)
    assert (refused.status, document["status"]) == (status, status)
    assert refused.content_type == "application/problem+json"
    assert document["type"] == "about:blank"
    assert document.keys() - {"type", "title", "status", "detail"} == members
    assert document["webhook"] == "w1"


def test_an_ignored_webhook_without_calls_is_fine() -> None:
    """There was nothing to do, and nothing is wrong."""
    ignored = answer(state=WebhookState.IGNORED, reason="guard")
    assert (ignored.status, json.loads(ignored.body)) == (200, {"webhook": "w1", "calls": []})


@pytest.mark.parametrize("reason", ["", "malformed_body", "no_items"])
def test_respond_overrides_every_answer(reason: str) -> None:
    """Status, body and type, each only where the mapping sets it."""
    plain = answer(state=WebhookState.REFUSED, reason=reason)

    def overridden(respond: Respond) -> Answer:
        return answer(state=WebhookState.REFUSED, reason=reason, respond=respond)

    assert overridden(Respond()) == plain
    assert overridden(Respond(status=200)) == replace(plain, status=200)
    said = overridden(Respond(status=201, body="ok é"))
    assert (said.status, said.body) == (201, "ok é".encode())
    assert said.content_type == "text/plain; charset=utf-8"
    typed = overridden(Respond(body="{}", content_type="application/json"))
    assert (typed.status, typed.content_type) == (plain.status, "application/json")


def test_salesforce_ack_has_the_exact_schema() -> None:
    """An XML parser that is not ours finds Ack=true in Salesforce's namespaces."""
    ack = answer(respond=SALESFORCE_ACK)
    assert (ack.status, ack.content_type.partition(";")[0]) == (200, "text/xml")
    found = ElementTree.fromstring(ack.body).findtext(
        "{http://schemas.xmlsoap.org/soap/envelope/}Body"
        "/{http://soap.sforce.com/2005/09/outbound}notificationsResponse"
        "/{http://soap.sforce.com/2005/09/outbound}Ack"
    )
    assert found == "true"


def test_problems() -> None:
    """RFC 9457, with members of our own, and no empty detail."""
    problem = problem_answer(429, "Too many calls", "come back later", retry=5)
    assert json.loads(problem.body) == {
        "type": "about:blank",
        "title": "Too many calls",
        "status": 429,
        "detail": "come back later",
        "retry": 5,
    }
    assert "detail" not in json.loads(problem_answer(404, "No such source").body)


def test_nothing_is_cached() -> None:
    """Every answer says no-store, once, whatever becomes of it."""
    plain = Answer(status=204, headers=(("allow", "POST"),))
    more = replace(plain, headers=(*plain.headers, ("retry-after", "60")))
    for sent in (plain, more, answer(call(State.RUNG)), problem_answer(401, "No")):
        assert [value for name, value in sent.headers if name == "cache-control"] == ["no-store"]
