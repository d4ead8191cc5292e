"""Set-up challenges are echoed as harmless text, and to nobody who lacks the token."""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import MappingError
from adapter.webhook.answers import Answer
from adapter.webhook.handshakes import (
    EchoHandshake,
    EchoHeaderHandshake,
    Handshake,
    LinkedInHandshake,
    MetaHandshake,
    PingHandshake,
    ZoomHandshake,
)
from adapter.webhook.request import Request
from tests.harness.webhook_requests import KeyPath, no_document, post, secrets

META = MetaHandshake(verify_token=secrets("old", "hush"))
ECHO = EchoHandshake(path=KeyPath(key="challenge"))
ECHO_JSON = EchoHandshake(path=KeyPath(key="challenge"), key="challenge")
LINKEDIN = LinkedInHandshake(client_secret=secrets("hush", "old"))
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
HEADER = EchoHeaderHandshake(name="X-Hook-Secret")


def shake(handshake: Handshake, request: Request, document: Any = None) -> Answer | None:
    """Ask a handshake; without a document the body is unreadable."""
    read = no_document if document is None else lambda: document
    return handshake.answer(request, document=read, view=read)


def get(query: str) -> Request:
    """Return a GET."""
    return replace(post(query=query), method="GET")


def check_is_json(answer: Answer | None, document: Any) -> None:
    """Assert that an answer is JSON that no browser takes for more."""
    assert answer is not None
    assert (answer.status, json.loads(answer.body)) == (200, document)
    assert answer.content_type == "application/json"
    assert ("x-content-type-options", "nosniff") in answer.headers


def check_is_text(answer: Answer | None, body: bytes) -> None:
    """Assert that an answer is plain text that no browser takes for more."""
    assert answer is not None
    assert (answer.status, answer.body) == (200, body)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert ("x-content-type-options", "nosniff") in answer.headers


def test_meta() -> None:
    """The right token gets its challenge back."""
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=hush"
    check_is_text(shake(META, get(query)), b"1158201444")


@pytest.mark.parametrize("token", ["", "&hub.verify_token=", "&hub.verify_token=wrong"])
def test_meta_with_a_wrong_token(token: str) -> None:
    """401, and neither the challenge nor the token in it."""
    answer = shake(META, get(f"hub.mode=subscribe&hub.challenge=115820{token}"))
    assert answer is not None
    assert (answer.status, json.loads(answer.body)["status"]) == (401, 401)
    assert b"115820" not in answer.body
    assert b"hush" not in answer.body


@pytest.mark.parametrize(
    "request_",
    [
        post(b"{}", query="hub.mode=subscribe&hub.verify_token=hush&hub.challenge=1"),
        get("hub.mode=unsubscribe&hub.verify_token=hush&hub.challenge=1"),
        get(""),
        get("hub.mode=%ff"),
        get("hub.mode=subscribe&hub.verify_token=hush&hub.challenge=1" + "&a=1" * 50_000),
    ],
)
def test_not_a_meta_handshake(request_: Request) -> None:
    """Only a GET that says subscribe."""
    assert shake(META, request_) is None


@pytest.mark.parametrize("challenge", ["", "x" * 1_025])
def test_no_challenge_to_echo(challenge: str) -> None:
    """Nothing, and anything too long, is refused."""
    query = f"hub.mode=subscribe&hub.verify_token=hush&hub.challenge={challenge}"
    answer = shake(META, get(query))
    assert answer is not None
    assert answer.status == 400


@pytest.mark.parametrize(
    ("challenge", "body"),
    [
        ("abc", b"abc"),
        ("<script>", b"<script>"),
        ("é", "é".encode()),
        (7, b"7"),
        ("x" * 1_024, b"x" * 1_024),
    ],
)
def test_echo(challenge: Any, body: bytes) -> None:
    """The challenge comes back as it is, as text."""
    check_is_text(shake(ECHO, post(b"{}"), {"challenge": challenge}), body)


@pytest.mark.parametrize("document", [None, {}, [], {"challenge": True}, {"challenge": {"a": 1}}])
def test_nothing_to_echo(document: Any) -> None:
    """A lead, or an unreadable body, is no handshake."""
    assert shake(ECHO, post(b"{}"), document) is None


@pytest.mark.parametrize("challenge", ["abc", "<script>", "é", 7, "x" * 1_024])
def test_echo_json(challenge: Any) -> None:
    """The challenge comes back as it is, as JSON under its own key, and nothing beside it."""
    document = {"challenge": challenge, "event": 1}
    check_is_json(shake(ECHO_JSON, post(b"{}"), document), {"challenge": challenge})


def test_echo_json_of_nothing() -> None:
    """A lead is no handshake; nothing, and anything too long, is refused."""
    assert shake(ECHO_JSON, post(b"{}"), {"event": 1}) is None
    for challenge in ("", "x" * 1_025):
        answer = shake(ECHO_JSON, post(b"{}"), {"challenge": challenge})
        assert answer is not None
        assert answer.status == 400


def test_linkedin() -> None:
    """The code comes back with its hex HMAC-SHA256 under the first secret."""
    proof = hmac.new(b"hush", CODE.encode(), hashlib.sha256).hexdigest()
    for query in (f"challengeCode={CODE}", f"challengeCode={CODE}&applicationId=7"):
        answer = shake(LINKEDIN, get(query))
        check_is_json(answer, {"challengeCode": CODE, "challengeResponse": proof})


@pytest.mark.parametrize(
    "code",
    [
        "",
        "abc",
        f"{CODE}%0a",
        f"{CODE}0",
        f"%20{CODE}",
        "hmacsha256%3D%7B%7D",
        f"hmacsha256%3D{CODE}",
        CODE.replace("-", ""),
        CODE.replace("8", "%EF%BC%98"),
    ],
)
def test_linkedin_signs_no_other_text(code: str) -> None:
    """LinkedIn's webhooks are signed with the same secret, so any other text may be a forgery."""
    answer = shake(LINKEDIN, get(f"challengeCode={code}"))
    assert answer is not None
    assert answer.status == 400
    assert b"challengeResponse" not in answer.body
    assert b"hmacsha256" not in answer.body


@pytest.mark.parametrize(
    "request_", [post(b"{}", query=f"challengeCode={CODE}"), get(""), get("x=%ff")]
)
def test_not_a_linkedin_handshake(request_: Request) -> None:
    """Only a GET with a code that can be read."""
    assert shake(LINKEDIN, request_) is None


def test_linkedin_needs_a_secret() -> None:
    """An empty client secret does not load."""
    with pytest.raises(ValueError, match="linkedin"):
        LinkedInHandshake(client_secret=secrets(""))


ZOOM = ZoomHandshake(secret=secrets("hush", "old"))


def validation(token: object) -> dict[str, Any]:
    """Return what Zoom sends when an endpoint is set up."""
    return {"event": "endpoint.url_validation", "payload": {"plainToken": token}}


def test_zoom() -> None:
    """The token comes back with its hex HMAC-SHA256 under the first secret."""
    proof = hmac.new(b"hush", b"qgg8vlvZRS6UYooatFL8Aw", hashlib.sha256).hexdigest()
    answer = shake(ZOOM, post(b"{}"), validation("qgg8vlvZRS6UYooatFL8Aw"))
    check_is_json(answer, {"plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": proof})


@pytest.mark.parametrize("token", ["", "v0:1772625600:{}", "x" * 65, "a b", "a\n", 7, None])
def test_zoom_signs_no_other_text(token: object) -> None:
    """Zoom's webhooks are signed with the same secret, over `v0:`, a time and the body."""
    answer = shake(ZOOM, post(b"{}"), validation(token))
    assert answer is not None
    assert answer.status == 400
    assert b"encryptedToken" not in answer.body


@pytest.mark.parametrize(
    "document",
    [{}, [], {"event": "meeting.started", "payload": {"plainToken": "abc"}}, {"event": {}}],
)
def test_not_a_zoom_handshake(document: Any) -> None:
    """A lead is none, nor is a body that nobody can read; a payload that is none is refused."""
    assert shake(ZOOM, post(b"{}"), document) is None
    answer = shake(ZOOM, post(b"{}"), {"event": "endpoint.url_validation", "payload": []})
    assert answer is not None
    assert answer.status == 400
    assert ZOOM.answer(post(b"{"), document=no_document, view=no_document) is None


def test_zoom_needs_a_secret() -> None:
    """An empty one does not load."""
    with pytest.raises(ValueError, match="zoom"):
        ZoomHandshake(secret=secrets(""))


def test_echo_header() -> None:
    """The value comes back under the same name."""
    answer = shake(HEADER, post(x_hook_secret="abc def"))
    check_is_text(answer, b"")
    assert answer is not None
    assert ("X-Hook-Secret", "abc def") in answer.headers
    assert shake(HEADER, post()) is None


@pytest.mark.parametrize("value", ["", "a\r\nset-cookie: b", "a\0", "é", " a", "a\n", "x" * 1_025])
def test_no_header_is_smuggled(value: str) -> None:
    """What is no plain header value is refused."""
    answer = shake(HEADER, post(x_hook_secret=value))
    assert answer is not None
    assert answer.status == 400
    assert all(name != "X-Hook-Secret" for name, _ in answer.headers)


@pytest.mark.parametrize("name", ["", "a b", "a\n", "é", "a:"])
def test_echo_header_needs_a_name(name: str) -> None:
    """What is no header's name does not load."""
    with pytest.raises(ValueError, match="echo_header"):
        EchoHeaderHandshake(name=name)


def test_meta_needs_a_token() -> None:
    """An empty verify token does not load."""
    with pytest.raises(ValueError, match="meta"):
        MetaHandshake(verify_token=secrets(""))


@dataclass(frozen=True, kw_only=True, slots=True)
class HasPing:
    """Holds for a document with a `ping`; raises as a guard over a bad document does."""

    def holds(self, view: Any, /) -> bool:
        """Whether there is a ping."""
        if view == "bad":
            raise MappingError("not_a_scalar", "expected an object")
        return "ping" in view


@pytest.mark.parametrize(
    ("document", "is_ping"), [({"ping": 1}, True), ({}, False), (None, False), ("bad", False)]
)
def test_ping(document: Any, *, is_ping: bool) -> None:
    """The guard decides; what it cannot read is no ping."""
    answer = shake(PingHandshake(guard=HasPing()), post(b"{}"), document)
    if is_ping:
        check_is_text(answer, b"")
    else:
        assert answer is None


@given(query=st.text(max_size=60), value=st.text(max_size=20))
def test_no_request_breaks_a_handshake(query: str, value: str) -> None:
    """Whatever a stranger sends, there is an answer or none."""
    request = replace(get(f"hub.mode=subscribe&{query}"), headers=(("x-hook-secret", value),))
    for handshake in (META, ECHO, ECHO_JSON, HEADER, LINKEDIN):
        answer = shake(handshake, request)
        assert answer is None or answer.status in {200, 400, 401}
