"""Twilio's signature, judged by Twilio's own library."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from starlette.datastructures import MultiDict
from twilio.request_validator import RequestValidator

from adapter.webhook.auth.twilio import Twilio
from adapter.webhook.request import Request
from tests.harness.webhook_requests import NOW, no_document, post, secrets

FORM = "application/x-www-form-urlencoded"
URL = "https://hooks.example.com/hooks/forms"
CHECK = Twilio(auth_tokens=secrets("new", "hush"), public_url="https://hooks.example.com/")
VALIDATOR = RequestValidator("hush")


def is_proven(request: Request, check: Twilio = CHECK) -> bool:
    """Whether a request proves its sender."""
    return check.prove(request, now=NOW, document=no_document) is not None


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"To=%2B12025550123&From=x", {"To": "+12025550123", "From": "x"}),
        (b"b=2&a=1&B=3", {"b": "2", "a": "1", "B": "3"}),
        (b"a=&b=%20x+y", {"a": "", "b": " x y"}),
        (b"a=2&a=1&a=2", MultiDict([("a", "2"), ("a", "1"), ("a", "2")])),
        (b"name=Zo%C3%AB", {"name": "Zoë"}),
        (b"", {}),
    ],
)
def test_forms(body: bytes, fields: Mapping[str, str]) -> None:
    """Names in order, each value once, with and without the port of the scheme."""
    for url in (URL, URL.replace(".com/", ".com:443/")):
        made = VALIDATOR.compute_signature(url, fields)
        request = post(body, FORM, x_twilio_signature=made)
        assert is_proven(request)
        assert not is_proven(replace(request, body=body + b"&c=1"))
        assert not is_proven(replace(request, query="a=1"))


@pytest.mark.parametrize(
    ("public_url", "signed"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/hooks/forms"),
        ("http://hooks.example.com", "http://hooks.example.com:80/hooks/forms"),
        ("https://hooks.example.com:8443", "https://hooks.example.com:8443/hooks/forms"),
    ],
)
def test_addresses(public_url: str, signed: str) -> None:
    """A port that the address has stands in the signed text already."""
    check = replace(CHECK, public_url=public_url)
    request = post(b"a=1", FORM, x_twilio_signature=VALIDATOR.compute_signature(signed, {"a": "1"}))
    assert is_proven(request, check)


@pytest.mark.parametrize(
    "body", [b"a=\xff", b"&".join(b"a=1" for _ in range(1_001))], ids=["no UTF-8", "many fields"]
)
def test_a_form_that_nobody_signs(body: bytes) -> None:
    """Nothing is proven, and nothing fails."""
    assert not is_proven(post(body, FORM, x_twilio_signature="AAAA"))


def test_what_a_check_signs_it_takes() -> None:
    """A form, JSON with its digest in the query, and nothing at all; Twilio's library agrees."""
    for request in (
        post(b"a=1&b=2", FORM),
        post(b'{"a": 1}', "application/json"),
        post(b'{"a": 1}', "application/json", query="x=1"),
        post(b""),
    ):
        signed = replace(CHECK, auth_tokens=secrets("hush")).sign(request, now=NOW)
        assert signed is not None
        assert is_proven(signed)
        assert not is_proven(replace(signed, body=b'{"a": 2}'))
        fields = {"a": "1", "b": "2"} if request.header("content-type") == FORM else {}
        query = f"?{signed.query}" if signed.query else ""
        found = signed.header("x-twilio-signature")
        assert found == VALIDATOR.compute_signature(f"{URL}{query}", fields)


def test_the_head_shows_that_the_signature_is_missing() -> None:
    """And it does not load without an address or a token."""
    assert CHECK.refuses_head(post(), now=NOW)
    assert not CHECK.refuses_head(post(x_twilio_signature="x"), now=NOW)
    with pytest.raises(ValueError, match="public_url"):
        Twilio(auth_tokens=secrets("hush"), public_url=" ")
    with pytest.raises(ValueError, match="expected"):
        Twilio(auth_tokens=(), public_url="https://hooks.example.com")
