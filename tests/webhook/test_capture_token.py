"""A capture compares and forgets its token, keeps no secrets, and answers challenges."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.webhook.capture_token import challenge_answer, digest_of, is_proof, storable, token_of
from adapter.webhook.request import Request
from tests.harness.webhook_requests import post

TOKEN = "Zr8-kQ_2vXb7Lm4Np0Ws6Yt1Uc3Fd5Gh"
JSON = "application/json"


def get(query: str) -> Request:
    """Return a GET."""
    return replace(post(query=query), method="GET")


@pytest.mark.parametrize(
    ("segment", "token"),
    [
        (TOKEN, TOKEN),
        (None, None),
        ("", None),
        (TOKEN[:-1], None),
        (TOKEN + "a", None),
        (TOKEN + "/", TOKEN),
        (TOKEN + " ", TOKEN),
        (TOKEN + "/a", None),
        (TOKEN + "\n", None),
        (TOKEN[:-1] + "\u00e9", None),
        (TOKEN[:-1] + "\udc80", None),
    ],
)
def test_only_what_has_the_form_of_a_token_is_looked_up(
    segment: str | None, token: str | None
) -> None:
    """So strangers' requests cost the ledger nothing."""
    assert token_of(replace(post(), token_segment=segment)) == token


def test_a_token_proves_itself_by_its_digest() -> None:
    """Another token does not, and without a capture none does."""
    assert is_proof(TOKEN, digest_of(TOKEN))
    assert not is_proof(TOKEN[::-1], digest_of(TOKEN))
    assert not is_proof(TOKEN, None)
    assert TOKEN not in digest_of(TOKEN)


AUTHORIZATIONS = [
    ("Basic YWRhOnB3", "Basic ***"),
    ("Bearer abc.def", "Bearer ***"),
    ("bearer  abc", "bearer ***"),
    ("HMAC key:signature", "HMAC ***"),
    ("the-secret-itself", "***"),
    ("the-secret in-two-words", "***"),
    ("Basic", "***"),
    ("", "***"),
]


@pytest.mark.parametrize(("sent", "kept"), AUTHORIZATIONS)
def test_of_credentials_only_the_scheme_is_kept(sent: str, kept: str) -> None:
    """It tells which `auth` to write; what has no known scheme tells nothing."""
    stored = storable(post(authorization=sent), TOKEN, is_decoded=True)
    assert stored.headers == (("authorization", kept),)


def test_what_is_kept_of_a_request() -> None:
    """Signatures are, cookies and the token are not, wherever it stands."""
    request = post(
        f'{{"url": "https://hooks.example.com/hooks/shop/{TOKEN}"}}'.encode(),
        JSON,
        query=f"a=1&back={TOKEN}",
        cookie="session=1",
        proxy_authorization="Basic YWRhOnB3",
        content_length="7",
        content_encoding="gzip",
        x_signature="sha256=00ff",
        referer=f"https://hooks.example.com/hooks/shop/{TOKEN}",
    )
    stored = storable(request, TOKEN, is_decoded=True)
    assert stored.headers == (
        ("content-type", JSON),
        ("x-signature", "sha256=00ff"),
        ("referer", "https://hooks.example.com/hooks/shop/***"),
    )
    assert stored.query == "a=1&back=***"
    assert stored.body == b'{"url": "https://hooks.example.com/hooks/shop/***"}'
    encoded = storable(request, TOKEN, is_decoded=False)
    assert encoded.header("content-encoding") == "gzip"


def answered(request: Request) -> tuple[bytes, str] | None:
    """Return body and type of the answer to a challenge; every one is harmless in a browser."""
    answer = challenge_answer(request, TOKEN)
    if answer is None:
        return None
    assert answer.status == 200
    assert ("x-content-type-options", "nosniff") in answer.headers
    return answer.body, answer.content_type


def test_a_json_challenge_comes_back_as_json() -> None:
    """As monday.com wants it; Slack takes it too."""
    assert answered(post(b'{"challenge": "3eZbrw1a"}', JSON)) == (
        b'{"challenge": "3eZbrw1a"}',
        JSON,
    )
    tricky = post(json.dumps({"challenge": "<script>\u2028"}).encode(), f"{JSON}; charset=utf-8")
    found = answered(tricky)
    assert found is not None
    assert json.loads(found[0]) == {"challenge": "<script>\u2028"}
    assert found[0].isascii()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"challenge": ""}', JSON),
        (b'{"challenge": 7}', JSON),
        (b'{"challenge": {"a": 1}}', JSON),
        (b'{"challenge": "%b"}' % (b"x" * 1025), JSON),
        (b'{"deep": {"challenge": "x"}}', JSON),
        (b'[{"challenge": "x"}]', JSON),
        (b'{"challenge": "x"', JSON),
        (b"", JSON),
        (b'{"challenge": "x"}', "text/plain"),
        (b"challenge=x", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_challenge_is_answered_as_any_webhook(body: bytes, content_type: str) -> None:
    """Only a short text at the top of a JSON body is one."""
    assert answered(post(body, content_type)) is None


@pytest.mark.parametrize(
    ("query", "echoed"),
    [
        (f"hub.mode=subscribe&hub.verify_token={TOKEN}&hub.challenge=1158", b"1158"),
        ("hub.mode=subscribe&hub.verify_token=another&hub.challenge=1158", None),
        (f"hub.mode=subscribe&hub.verify_token={TOKEN}", None),
        (f"hub.mode=other&hub.verify_token={TOKEN}&hub.challenge=1158", None),
        ("challenge=1158", None),
    ],
)
def test_metas_challenge_needs_the_token_again(query: str, echoed: bytes | None) -> None:
    """The verify token to give Meta is the capture's own."""
    found = answered(get(query))
    assert (found[0] if found else None) == echoed


@given(
    body=st.binary(max_size=40),
    content_type=st.sampled_from([None, JSON, "application/json; charset=x", "text/xml"]),
    query=st.text(max_size=20),
)
def test_no_request_breaks_a_capture(body: bytes, content_type: Any, query: str) -> None:
    """Whatever is sent can be stored and answered."""
    for request in (post(body, content_type, query=query), get(query)):
        assert TOKEN not in repr(storable(request, TOKEN, is_decoded=True))
        challenge_answer(request, TOKEN)
