"""A token proves its sender by one algorithm, at its time, for its audience, with its body."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest

from adapter.webhook.auth.json_web_token import JsonWebToken
from adapter.webhook.auth.signatures import Place
from tests.harness.vendor_requests import LONG_SECRET, ec_key, ed_key, pem, rsa_key
from tests.harness.webhook_requests import NOW, KeyPath, no_document, post, secrets

SECONDS = int(NOW.timestamp())
IN_HEADER = Place(header="authorization")
CHECK = JsonWebToken(
    place=IN_HEADER, algorithm="HS256", secrets=secrets("another-secret-" * 3, LONG_SECRET)
)


def token(claims: dict[str, Any]) -> str:
    """Return a token as PyJWT makes it."""
    return jwt.encode(claims, LONG_SECRET, algorithm="HS256")


def is_proven(claims: dict[str, Any], check: JsonWebToken = CHECK, body: bytes = b"{}") -> bool:
    """Whether a token with these claims, in a header, proves its sender."""
    request = post(body, authorization=f"Bearer {token(claims)}")
    return check.prove(request, now=NOW, document=no_document) is not None


@pytest.mark.parametrize(
    ("claims", "holds"),
    [
        ({"iat": SECONDS}, True),
        ({"iat": SECONDS + 29}, True),
        ({"iat": SECONDS + 31}, False),
        ({"iat": SECONDS - 299}, True),
        ({"iat": SECONDS - 301}, False),
        ({"iat": SECONDS - 9_000, "exp": SECONDS + 1}, True),
        ({"exp": SECONDS - 29}, True),
        ({"exp": SECONDS - 31}, False),
        ({"exp": SECONDS + 0.5}, True),
        ({"exp": SECONDS + 60, "nbf": SECONDS + 31}, False),
        ({"exp": SECONDS + 60, "nbf": SECONDS}, True),
        ({}, False),
        ({"nbf": SECONDS}, False),
        ({"iat": SECONDS, "exp": None}, True),
        ({"iat": "now"}, False),
        ({"iat": True}, False),
        ({"exp": 10**20}, False),
        ({"exp": 1e300}, False),
        ({"iat": SECONDS, "payload_hash": hashlib.sha256(b"{}").hexdigest().upper()}, True),
        ({"iat": SECONDS, "payload_hash": hashlib.sha256(b"[]").hexdigest()}, False),
        ({"iat": SECONDS, "payload_hash": None}, False),
    ],
)
def test_claims_hold_now(claims: dict[str, Any], *, holds: bool) -> None:
    """Half a minute of clocks' differences counts for nothing; a token without a time is none."""
    assert is_proven(claims) == holds


@pytest.mark.parametrize(
    ("audience", "holds"),
    [("us", True), (["them", "us"], True), ("them", False), (["them"], False), (None, False)],
)
def test_a_token_is_for_whom_it_names(audience: object, *, holds: bool) -> None:
    """Where the mapping names an audience; else anybody's."""
    ours = JsonWebToken(place=IN_HEADER, algorithm="HS256", secrets=CHECK.secrets, audience="us")
    claims = {"iat": SECONDS} | ({"aud": audience} if audience is not None else {})
    assert is_proven(claims, ours) == holds
    assert is_proven(claims)


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer x.y", "Bearer é.é.é", "a.b.c"])
def test_garbage_is_no_token(value: str) -> None:
    """Nor is a request without one; the head alone says so."""
    request = post(b"{}", authorization=value)
    assert CHECK.prove(request, now=NOW, document=no_document) is None
    assert CHECK.prove(post(b"{}"), now=NOW, document=no_document) is None
    assert CHECK.refuses_head(post(), now=NOW)
    assert not CHECK.refuses_head(request, now=NOW)


def test_a_token_is_taken_out_and_counts_with_its_body() -> None:
    """The header goes; the same token with another body is no repeat."""
    header = f"Bearer {token({'iat': SECONDS})}"
    first, again, other = (
        CHECK.prove(post(body, authorization=header), now=NOW, document=no_document)
        for body in (b"{}", b"{}", b"[]")
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.without == post(b"{}")
    assert first.digest == again.digest != other.digest


def test_a_token_inside_the_body() -> None:
    """Its place is named, so that it is taken out of the document."""
    path = KeyPath(key="jwt")
    check = JsonWebToken(place=Place(path=path), algorithm="HS256", secrets=CHECK.secrets)
    document: dict[str, Any] = {"jwt": token({"iat": SECONDS}), "phone": "+12025550123"}
    proof = check.prove(post(b"{}"), now=NOW, document=lambda: document)
    assert proof is not None
    assert proof.body_path == path
    assert not check.refuses_head(post(), now=NOW)
    assert check.sign(post(b"{}"), now=NOW) is None
    for wrong in ({"jwt": "a.b.c"}, {"jwt": 7}, {"jwt": ""}, {}):
        document.clear()
        document.update(wrong)
        assert check.prove(post(b"{}"), now=NOW, document=lambda: document) is None


def test_a_body_that_is_a_token_is_its_claims() -> None:
    """Dialpad's: no time is asked for, and what is mapped is what was signed."""
    check = JsonWebToken(place=None, algorithm="HS256", secrets=CHECK.secrets)
    claims = {"phone": "+12025550123", "name": "Zoë"}
    for body in (token(claims), f'"{token(claims)}"\n'):
        proof = check.prove(post(body.encode(), "text/plain"), now=NOW, document=no_document)
        assert proof is not None
        assert json.loads(proof.without.body) == claims
        assert proof.without.header("content-type") == "application/json"
    old = token(claims | {"iat": SECONDS - 9_000}).encode()
    assert check.prove(post(old), now=NOW, document=no_document) is None
    assert check.prove(post(b""), now=NOW, document=no_document) is None
    assert not check.refuses_head(post(), now=NOW)


@pytest.mark.parametrize("audience", ["", "us"])
@pytest.mark.parametrize("header", ["authorization", "x-jwt"])
def test_what_a_check_signs_it_takes(header: str, audience: str) -> None:
    """With its first secret, at this time."""
    check = JsonWebToken(
        place=Place(header=header),
        algorithm="HS512",
        secrets=secrets("long-" * 13, LONG_SECRET),
        audience=audience,
    )
    signed = check.sign(post(b"{}"), now=NOW)
    assert signed is not None
    assert check.prove(signed, now=NOW, document=no_document) is not None
    later = NOW + timedelta(hours=1)
    assert check.prove(signed, now=later, document=no_document) is None
    other = JsonWebToken(place=Place(header=header), algorithm="HS512", secrets=secrets("x" * 64))
    assert other.prove(signed, now=NOW, document=no_document) is None


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RS256", rsa_key()), ("ES256", ec_key()), ("EdDSA", ed_key())],
    ids=["RS256", "ES256", "EdDSA"],
)
def test_keys_verify_their_algorithm_alone(algorithm: str, key: Any) -> None:
    """The public key as PEM, its line ends spelled out or not; only the sender can sign."""
    made = jwt.encode({"iat": SECONDS}, key, algorithm=algorithm)
    for text in (pem(key), pem(key).replace("\n", "\\n")):
        check = JsonWebToken(place=IN_HEADER, algorithm=algorithm, keys=(text,))
        request = post(b"{}", authorization=made)
        assert check.prove(request, now=NOW, document=no_document) is not None
        assert check.sign(request, now=NOW) is None
        with_secret = post(b"{}", authorization=token({"iat": SECONDS}))
        assert check.prove(with_secret, now=NOW, document=no_document) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"algorithm": "none"},
        {"algorithm": "HS256", "secrets": ()},
        {"algorithm": "RS256", "keys": ("not a key",)},
        {"algorithm": "RS256", "keys": (pem(ec_key()),)},
        {"algorithm": "EdDSA", "keys": (pem(rsa_key()),)},
        {"algorithm": "HS256", "secrets": secrets(pem(rsa_key()))},
    ],
)
def test_what_can_never_verify_does_not_load(wrong: dict[str, Any]) -> None:
    """Another kind of key, or none; a public key is no secret."""
    with pytest.raises(ValueError, match="expected"):
        JsonWebToken(place=IN_HEADER, **wrong)
