"""Published signatures verify; anything changed, stale or of another kind does not."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from adapter.webhook.auth.checks import AllOf
from adapter.webhook.auth.hubspot import HubSpot
from adapter.webhook.auth.proof import Check, Proof
from adapter.webhook.auth.shared_secrets import Token
from adapter.webhook.auth.signature_text import read_timestamp
from adapter.webhook.auth.signatures import Hmac, Place, Signature, Written
from adapter.webhook.auth.standard_webhooks import StandardWebhooks
from adapter.webhook.request import Request
from tests.harness.vendor_requests import ed_key, raw64
from tests.harness.webhook_requests import NOW, KeyPath, hmac_check, no_document, post, secrets

SECONDS = str(int(NOW.timestamp()))


def prove(check: Check, request: Request, now: datetime = NOW) -> Proof | None:
    """Ask a check at a fixed time."""
    return check.prove(request, now=now, document=no_document)


def sign(content: str, *, key: str = "hush", algorithm: str = "sha256") -> bytes:
    """Sign with the standard library."""
    return hmac.digest(key.encode(), content.encode(), algorithm)


# RFC 4231 §4.3, test case 2, and GitHub's documented delivery.
JEFE = "what do ya want for nothing?"
PUBLISHED = [
    (
        "Jefe",
        JEFE,
        "sha256",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        "Jefe",
        JEFE,
        "sha512",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ),
    ("Jefe", JEFE, "sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),  # RFC 2202 §3, case 2
    (
        "It's a Secret to Everybody",
        "Hello, World!",
        "sha256",
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    ),
]


@pytest.mark.parametrize(("key", "body", "algorithm", "signature"), PUBLISHED)
def test_published_hmacs(key: str, body: str, algorithm: str, signature: str) -> None:
    """Hex in either case and base64, with a prefix; the digest is over the signature's bytes."""
    raw = bytes.fromhex(signature)
    spellings = [
        ("hex", signature),
        ("hex", signature.upper()),
        ("base64", base64.b64encode(raw).decode()),
    ]
    for encoding, text in spellings:
        check = hmac_check(
            header="X-Sig",
            secrets=secrets("other", key),
            algorithm=algorithm,
            encoding=encoding,
            prefix="sha=",
        )
        proof = prove(check, post(body.encode(), x_sig=f"sha={text}"))
        assert proof is not None
        assert proof.digest == hashlib.sha256(raw).hexdigest()
        assert prove(check, post(body.encode() + b" ", x_sig=f"sha={text}")) is None
        assert prove(check, post(body.encode(), x_sig=text)) is None


@pytest.mark.parametrize(
    ("encoding", "secret"),
    [("text", "hush"), ("hex", "68757368"), ("base64", "aHVzaA==")],
)
def test_the_key_is_what_the_secret_says(encoding: str, secret: str) -> None:
    """The text itself, or the bytes that it is hex or base64 of."""
    check = hmac_check(header="x-sig", secrets=secrets("6f6c64aa", secret), key_encoding=encoding)
    assert prove(check, post(b"hello", x_sig=sign("hello").hex())) is not None
    as_text = hmac_check(header="x-sig", secrets=secrets(secret))
    is_proof = prove(as_text, post(b"hello", x_sig=sign("hello").hex())) is not None
    assert is_proof == (encoding == "text")


@pytest.mark.parametrize(
    ("encoding", "secret"),
    [
        ("hex", "hush"),
        ("hex", "687"),
        ("hex", "é"),
        ("base64", "hush!"),
        ("base64", "a"),
        ("x", "a"),
    ],
)
def test_a_secret_of_another_encoding_does_not_load(encoding: str, secret: str) -> None:
    """And the error shows nothing of it."""
    with pytest.raises(ValueError, match="expected") as caught:
        hmac_check(header="x-sig", secrets=secrets("00", secret), key_encoding=encoding)
    assert "hush" not in str(caught.value)


def test_a_wrapped_signature() -> None:
    """EspoCRM's: base64 of the webhook's id, a colon and the hex signature."""
    check = hmac_check(header="signature", secrets=secrets("hush"), prefix="id1:", is_wrapped=True)
    right = sign("hello").hex()
    for text, is_proof in (
        (f"id1:{right}", True),
        (right, False),
        (f"id2:{right}", False),
        (f"id1:{sign('hello', key='guess').hex()}", False),
        ("id1:", False),
    ):
        value = base64.b64encode(text.encode()).decode()
        assert (prove(check, post(b"hello", signature=value)) is not None) == is_proof
    for value in ("", "!", f"id1:{right}"):
        assert prove(check, post(b"hello", signature=value)) is None


@pytest.mark.parametrize(
    "value",
    ["", "zz", "é", "757107", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1 7"],
)
def test_garbage_is_no_signature(value: str) -> None:
    """Neither half a digest nor another alphabet."""
    check = hmac_check(header="x-sig", secrets=secrets("It's a Secret to Everybody"))
    assert prove(check, post(b"Hello, World!", x_sig=value)) is None
    assert prove(check, post(b"Hello, World!")) is None


def test_signed_template() -> None:
    """Method, path, query, timestamp and body, in the order that the template says."""
    check = hmac_check(
        header="x-sig",
        secrets=secrets("hush"),
        signed="v0:{timestamp}:{method} {path}?{query}:{body}",
        timestamp_header="X-Time",
    )
    signature = sign(f"v0:{SECONDS}:POST /hooks/forms?a=%7e:hello").hex()
    request = post(b"hello", query="a=%7e", x_sig=signature, x_time=SECONDS)
    assert prove(check, request) is not None
    assert prove(check, replace(request, query="a=~")) is None
    assert prove(check, replace(request, method="GET")) is None


@pytest.mark.parametrize(
    "body",
    ['{"name": "Zoë Müller"}', '{"name": "Ada 🙂"}', '{"name": "Zo\\u00eb"}', '{"name": "Ada"}'],
    ids=["accents", "emoji", "escaped already", "plain"],
)
def test_an_escaped_body_is_signed_however_it_is_sent(body: str) -> None:
    """Who signs what is beyond ASCII as escapes is believed whether he sends them or not."""
    check = hmac_check(header="x-sig", secrets=secrets("hush"), signed="{escaped:body}")
    signature = sign(json.dumps(json.loads(body), ensure_ascii=True)).hex()
    assert prove(check, post(body.encode(), x_sig=signature)) is not None
    assert prove(check, post(body.replace("name", "nom").encode(), x_sig=signature)) is None


def test_bytes_of_no_encoding_are_no_trap_for_an_escaped_body() -> None:
    """A signature over something else fails, and that is all."""
    check = hmac_check(header="x-sig", secrets=secrets("hush"), signed="{escaped:body}")
    assert prove(check, post(b'{"name": "\xff"}', x_sig=sign("").hex())) is None


@pytest.mark.parametrize(
    ("offset", "is_fresh"),
    [
        (timedelta(0), True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=5, seconds=1), False),
        (timedelta(minutes=-5, seconds=-1), False),
        (timedelta(days=30), False),
    ],
)
def test_stale_signatures_fail(offset: timedelta, *, is_fresh: bool) -> None:
    """Too old or too new by more than the tolerance, as seconds, milliseconds or ISO 8601."""
    moment = NOW + offset
    for stamp in (
        str(int(moment.timestamp())),
        str(int(moment.timestamp() * 1000)),
        moment.isoformat(),
    ):
        check = hmac_check(
            header="x-sig",
            secrets=secrets("hush"),
            signed="{timestamp}.{body}",
            timestamp_header="x-time",
        )
        request = post(b"hello", x_sig=sign(f"{stamp}.hello").hex(), x_time=stamp)
        assert (prove(check, request) is not None) == is_fresh


STRIPE_LIKE = hmac_check(
    header="x-sig",
    secrets=secrets("new", "hush"),
    signed="{timestamp}.{body}",
    prefix="v1=",
    timestamp_field="t",
)
GOOD = sign(f"{SECONDS}.hello").hex()


@pytest.mark.parametrize(
    "value",
    [f"t={SECONDS},v1={GOOD}", f"t={SECONDS}, v0=00, v1=00, v1={GOOD}", f"v1={GOOD},t={SECONDS}"],
)
def test_timestamp_field(value: str) -> None:
    """Time and signatures in one header; any signature under any secret will do."""
    assert prove(STRIPE_LIKE, post(b"hello", x_sig=value)) is not None


@pytest.mark.parametrize(
    "value",
    [
        f"v1={GOOD}",
        f"t=,v1={GOOD}",
        f"t=soon,v1={GOOD}",
        f"t={int(SECONDS) + 1},v1={GOOD}",
        f"t={SECONDS},v0={GOOD}",
        f"t={SECONDS}",
        f"t={'9' * 30},v1={GOOD}",
    ],
)
def test_wrong_timestamp_field(value: str) -> None:
    """No time, another time, or no signature of the right kind."""
    assert prove(STRIPE_LIKE, post(b"hello", x_sig=value)) is None


def test_a_missing_timestamp_header_fails() -> None:
    """A signature that should have a time and has none proves nothing."""
    check = hmac_check(
        header="x-sig",
        secrets=secrets("hush"),
        signed="{timestamp}.{body}",
        timestamp_header="x-time",
    )
    assert prove(check, post(b"hello", x_sig=GOOD)) is None
    assert prove(check, post(b"hello", x_sig=GOOD, x_time=SECONDS)) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"signed": "{host}{body}"},
        {"signed": "{body"},
        {"signed": "{}{body}"},
        {"signed": "{timestamp}.{body}"},
        {"signed": "constant"},
        {"algorithm": "md5"},
        {"encoding": "base32"},
    ],
)
def test_what_can_never_verify_does_not_load(wrong: dict[str, Any]) -> None:
    """A template or algorithm that we do not know is found before the first webhook."""
    with pytest.raises(ValueError, match=r"expected|needs"):
        hmac_check(header="x-sig", secrets=secrets("hush"), **wrong)


# HubSpot's published examples.
CLIENT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
V1_BODY = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,'
    b'"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
)
HUBSPOT = [
    ("v1", "POST", V1_BODY, "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"),
    ("v2", "GET", b"", "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"),
    (
        "v2",
        "POST",
        b'{"example_field":"example_value"}',
        "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
    ),
]


@pytest.mark.parametrize(("version", "method", "body", "signature"), HUBSPOT)
def test_hubspot_hashes(version: str, method: str, body: bytes, signature: str) -> None:
    """v1 and v2 verify, under their own version alone."""
    check = HubSpot(
        client_secrets=secrets("new", CLIENT_SECRET),
        version=version,
        public_url="https://www.example.com/",
    )
    request = replace(post(body, x_hubspot_signature=signature), method=method, path="/webhook_uri")
    proof = prove(check, request)
    assert proof is not None
    assert proof.digest == hashlib.sha256(bytes.fromhex(signature)).hexdigest()
    declared = [("x-hubspot-signature-version", v) for v in ("v1", "v2", "v3")]
    for pair in declared:
        versioned = replace(request, headers=(*request.headers, pair))
        assert (prove(check, versioned) is not None) == (pair[1] == version)
    assert prove(check, replace(request, body=body + b" ")) is None
    other = {"v1": "v2", "v2": "v1"}[version]
    assert prove(replace(check, version=other), request) is None
    assert prove(replace(check, version="v3"), request) is None


def v3_request(content: str, *, query: str = "", stamp: str = f"{SECONDS}000") -> Request:
    """Return a request signed by HubSpot's formula over `content`."""
    signature = base64.b64encode(sign(content)).decode()
    return post(
        b"[{}]",
        query=query,
        x_hubspot_signature_v3=signature,
        x_hubspot_request_timestamp=stamp,
    )


V3 = HubSpot(client_secrets=secrets("hush"), version="v3", public_url="https://hooks.example.com")
URI = "https://hooks.example.com/hooks/forms"


@pytest.mark.parametrize(
    ("query", "signed_query"),
    [
        ("", ""),
        ("a=1&b=%20", "?a=1&b=%20"),
        (
            "u=%3a%2F%3F%40%21%24%27%28%29%2A%2C%3B%26%25",
            "?u=:/?@!$'()*,;%26%25",
        ),
        ("u=%3a%2F", "?u=%3a%2F"),
    ],
)
def test_hubspot_v3(query: str, signed_query: str) -> None:
    """HMAC over method, URI, body and time, the URI decoded by HubSpot's table or as sent."""
    request = v3_request(f"POST{URI}{signed_query}[{{}}]{SECONDS}000", query=query)
    assert prove(V3, request) is not None
    assert prove(V3, replace(request, query="x=1")) is None


@pytest.mark.parametrize("minutes", [-6, 6])
def test_hubspot_v3_grows_old(minutes: int) -> None:
    """Five minutes, no more."""
    request = v3_request(f"POST{URI}[{{}}]{SECONDS}000")
    assert prove(V3, request, NOW) is not None
    assert prove(V3, request, NOW + timedelta(minutes=minutes)) is None


def test_hubspot_v3_beside_a_token() -> None:
    """The URL is verified as it was sent, and goes on without its token."""
    request = v3_request(f"POST{URI}?token=abc&x=1[{{}}]{SECONDS}000", query="token=abc&x=1")
    for checks in ((Token(tokens=secrets("abc")), V3), (V3, Token(tokens=secrets("abc")))):
        proof = prove(AllOf(checks=checks), request)
        assert proof is not None
        assert proof.without.query == "x=1"
        assert proof.digest is not None


@pytest.mark.parametrize(("version", "url"), [("v4", "https://x.test"), ("v2", ""), ("v3", " ")])
def test_hubspot_needs_a_version_and_a_url(version: str, url: str) -> None:
    """What cannot verify does not load."""
    with pytest.raises(ValueError, match=r"expected|public_url"):
        HubSpot(client_secrets=secrets("hush"), version=version, public_url=url)


# The specification's own example.
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_TIME = datetime.fromtimestamp(1614265330, UTC)
STANDARD = post(
    b'{"test": 2432232314}',
    webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
    webhook_timestamp="1614265330",
    webhook_signature="v1a,AAAA v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
)


def with_header(request: Request, name: str, value: str | None) -> Request:
    """Replace or drop a header."""
    rest = tuple(pair for pair in request.headers if pair[0] != name)
    return replace(request, headers=rest if value is None else (*rest, (name, value)))


def test_standard_webhooks() -> None:
    """The published example verifies, with rotation, and with the prefix left out."""
    for text in (STANDARD_SECRET, STANDARD_SECRET.removeprefix("whsec_")):
        check = StandardWebhooks(secrets=secrets("whsec_aHVzaA==", text))
        assert prove(check, STANDARD, STANDARD_TIME) is not None
        assert prove(check, STANDARD, STANDARD_TIME + timedelta(minutes=6)) is None
        assert prove(check, replace(STANDARD, body=b"{}"), STANDARD_TIME) is None


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "msg_other"])
def test_standard_webhooks_need_all_three_headers(name: str, value: str | None) -> None:
    """Each of them is part of the proof."""
    check = StandardWebhooks(secrets=secrets(STANDARD_SECRET))
    assert prove(check, with_header(STANDARD, name, value), STANDARD_TIME) is None


@pytest.mark.parametrize("text", ["whsec_", "whsec_***", "not base64!", "hush!"])
def test_standard_webhooks_secret_must_be_base64(text: str) -> None:
    """Found at load, without showing it."""
    with pytest.raises(ValueError, match="whsec_<base64>") as caught:
        StandardWebhooks(secrets=secrets(text))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1772625600", NOW),
        ("1772625600000", NOW),
        ("1772625600.0", NOW),
        ("2026-03-04T12:00:00Z", NOW),
        ("2026-03-04T13:00:00+01:00", NOW),
        ("2026-03-04T12:00:00", NOW),
        ("yesterday", None),
        ("", None),
        ("-1", None),
        ("1e5", None),
        ("\u0661", None),
    ],
)
def test_timestamps(text: str, moment: datetime | None) -> None:
    """Epoch seconds, milliseconds, ISO 8601 (naive is UTC), or none."""
    assert read_timestamp(text) == moment


@pytest.mark.parametrize(
    "how",
    [
        {"encoding": "hex", "prefix": "sha256="},
        {"encoding": "base64", "algorithm": "sha512", "signed": "{method}{path}{query}{body}"},
        {"signed": "{timestamp}.{body}", "timestamp_header": "X-Time"},
        {"signed": "{timestamp}.{body}", "timestamp_field": "t", "prefix": "v1="},
        {"is_wrapped": True, "encoding": "base64", "prefix": "sig="},
        {"separator": ";", "prefix": "h1="},
    ],
)
def test_what_a_check_signs_it_takes(how: dict[str, Any]) -> None:
    """With its first secret, at this time; no other request, secret or hour will do."""
    check = hmac_check(header="X-Sig", secrets=secrets("hush", "old"), **how)
    request = post(b"{}")
    signed = check.sign(request, now=NOW)
    assert signed is not None
    assert prove(check, signed) is not None
    assert prove(check, replace(signed, body=b"[]")) is None
    assert prove(hmac_check(header="X-Sig", secrets=secrets("old"), **how), signed) is None
    is_timed = "{timestamp}" in check.signature.signed
    assert (prove(check, signed, NOW + timedelta(hours=1)) is None) is is_timed


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_what_hubspot_signs_it_takes(version: str) -> None:
    """Like HubSpot itself, by the first secret; another body or secret fails."""
    check = HubSpot(client_secrets=secrets("hush", "old"), version=version, public_url="https://h")
    request = replace(post(b"{}"), query="a=%3A&b=1")
    signed = check.sign(request, now=NOW)
    assert signed is not None
    assert prove(check, signed) is not None
    assert prove(check, replace(signed, body=b"[]")) is None
    assert prove(replace(check, client_secrets=secrets("old")), signed) is None


def test_what_standard_webhooks_sign_it_takes() -> None:
    """One id for one body, at this time."""
    check = StandardWebhooks(secrets=secrets("whsec_" + base64.b64encode(b"hush").decode()))
    request = post(b"{}")
    signed = check.sign(request, now=NOW)
    assert signed is not None
    assert prove(check, signed) is not None
    assert prove(check, replace(signed, body=b"[]")) is None
    assert prove(check, signed, NOW + timedelta(hours=1)) is None


SIGNED_FIELDS = Signature(
    place=Place(query="sig"),
    signed="{timestamp}{$.type}{body}",
    timestamp=Place(query="at"),
    path_of=lambda text: KeyPath(key=text.removeprefix("$.")),
)


@pytest.mark.parametrize(
    "written",
    [
        Written(separator=":", position=2, timestamp="1"),
        Written(separator=":", position=1, timestamp="3"),
        Written(separator="|", timestamp="2"),
        Written(separator=",", timestamp="t"),
    ],
)
def test_parts_that_are_counted(written: Written) -> None:
    """Whichever is the time and whichever the signature; a value with fewer parts is none."""
    signature = Signature(place=Place(header="x-sig"), written=written, signed="{timestamp}.{body}")
    check = Hmac(signature=signature, secrets=secrets("hush"))
    signed = check.sign(post(b"hello"), now=NOW)
    assert signed is not None
    assert prove(check, signed) is not None
    value = signed.header("x-sig") or ""
    assert SECONDS in value
    for wrong in (value.partition(written.separator)[0], value.replace(SECONDS, "1"), ""):
        assert prove(check, post(b"hello", x_sig=wrong)) is None


def test_a_signature_over_fields_of_the_body() -> None:
    """In the query, over what stands in the document; what is absent there proves nothing."""
    check = Hmac(signature=SIGNED_FIELDS, secrets=secrets("hush"))
    signature = sign(f"{SECONDS}leadhello").hex()
    request = post(b"hello", query=f"at={SECONDS}&sig={signature}")
    documents: list[tuple[Any, bool]] = [
        ({"type": "lead"}, True),
        ({"type": "Lead"}, False),
        ({"type": None}, False),
        ({}, False),
    ]
    for document, is_right in documents:
        proof = check.prove(request, now=NOW, document=partial(dict, document))
        assert (proof is not None) is is_right
    assert check.prove(request, now=NOW, document=no_document) is None
    assert check.refuses_head(post(), now=NOW)
    assert check.sign(post(b"hello"), now=NOW) is None


def test_a_signature_inside_the_body() -> None:
    """Read from the document, which nobody can fill in for the sender."""
    signature = Signature(place=Place(path=KeyPath(key="sig")), signed="{query}")
    check = Hmac(signature=signature, secrets=secrets("hush"))
    document = {"sig": sign("a=1").hex()}
    request = post(b"{}", query="a=1")
    assert check.prove(request, now=NOW, document=lambda: document) is not None
    assert check.prove(post(b"{}"), now=NOW, document=lambda: document) is None
    assert check.prove(request, now=NOW, document=no_document) is None
    assert not check.refuses_head(post(), now=NOW)
    assert check.sign(request, now=NOW) is None


def test_what_does_not_cover_the_body_counts_with_it() -> None:
    """The same signature before another body is no repeat; before the same one it is."""
    check = hmac_check(header="x-sig", secrets=secrets("hush"), signed="{query}")
    first, again, other = (
        prove(check, post(body, query="a=1", x_sig=sign("a=1").hex()))
        for body in (b"1", b"1", b"2")
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.digest == again.digest != other.digest


def test_a_public_key_signs_nothing() -> None:
    """Standard Webhooks' likewise."""
    check = StandardWebhooks(public_keys=(raw64(ed_key()),))
    assert check.sign(post(b"{}"), now=NOW) is None
