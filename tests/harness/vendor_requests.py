"""Requests as vendors sign them, by their own libraries where a registry has one.

For each there is the right one, and those that must stay outside: tampered, stale, cut, none.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from urllib.parse import quote, urlencode

import jwt
import standardwebhooks
import svix
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twilio.request_validator import RequestValidator

from tests.harness.auth_requests import AT_S, BODY, LEAD, OLD_S, SECRET, URL, WHSEC, Knock

FORM = urlencode({"phone": LEAD["phone"], "name": LEAD["name"], "empty": ""}).encode()
FORM_TYPE = "application/x-www-form-urlencoded"
LONG_SECRET = "a-secret-of-theirs-that-is-long-enough"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return a key pair of a sender."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """Return a key pair of a sender."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    """Return a key pair of a sender."""
    return ed25519.Ed25519PrivateKey.generate()


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    """Return the public half as PEM."""
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def der64(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    """Return the public half as base64 of DER, as SendGrid shows it."""
    public = key.public_key()
    return b64(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def raw64(key: ed25519.Ed25519PrivateKey) -> str:
    """Return the public half as base64 of its 32 bytes, as Telnyx shows it."""
    return b64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def b64(raw: bytes) -> str:
    """Return base64."""
    return base64.b64encode(raw).decode()


def sha256(content: bytes) -> bytes:
    """Return an HMAC with the sender's secret."""
    return hmac.new(SECRET.encode(), content, hashlib.sha256).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A sender: its `auth`, and how it makes a request of a body at a time (seconds).

    `proof` names the header with the signature, or is "" where that stands elsewhere.
    """

    name: str
    auth: Mapping[str, object]
    make: Callable[[bytes, int], Knock]
    proof: str = ""
    body: bytes = BODY
    is_timed: bool = True
    covers_body: bool = True
    phone: str = "$.phone"
    tampered: tuple[Knock, ...] = field(default=())

    @property
    def right(self) -> Knock:
        """Return the request that enters."""
        return self.make(self.body, AT_S)

    def wrong(self) -> Iterable[tuple[str, Knock]]:
        """Yield what must stay outside, and what is wrong with it."""
        right = self.right
        if self.covers_body:
            yield "another body", replace(right, body=self.body.replace(b"0123", b"0124"))
        if self.is_timed:
            yield "stale", self.make(self.body, OLD_S)
            yield "of tomorrow", self.make(self.body, AT_S + 86_400)
        for knock in self.tampered:
            yield "tampered", knock
        if self.proof:
            value = right.headers[self.proof]
            for what, other in (
                ("cut", value[:-5]),
                ("turned", value[:-9] + value[-9:-4][::-1] + value[-4:]),
                ("empty", ""),
            ):
                if other != value:
                    yield what, replace(right, headers={**right.headers, self.proof: other})
            rest = {name: text for name, text in right.headers.items() if name != self.proof}
            yield "without", replace(right, headers=rest)


def _svix(body: bytes, at_s: int) -> Knock:
    moment = datetime.fromtimestamp(at_s, UTC)
    signature = svix.Webhook(f"whsec_{WHSEC}").sign("msg_1", moment, body.decode())
    headers = {"svix-id": "msg_1", "svix-timestamp": str(at_s), "svix-signature": signature}
    return Knock(body=body, headers=headers)


def _standard(body: bytes, at_s: int) -> Knock:
    moment = datetime.fromtimestamp(at_s, UTC)
    signature = standardwebhooks.Webhook(f"whsec_{WHSEC}").sign("msg_1", moment, body.decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,AAAA {signature}",
    }
    return Knock(body=body, headers=headers)


def _standard_ed25519(body: bytes, at_s: int) -> Knock:
    signature = b64(ed_key().sign(f"msg_1.{at_s}.".encode() + body))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,AAAA v1a,{signature}",
    }
    return Knock(body=body, headers=headers)


def _telnyx(body: bytes, at_s: int) -> Knock:
    signature = b64(ed_key().sign(f"{at_s}|".encode() + body))
    headers = {"telnyx-signature-ed25519": signature, "telnyx-timestamp": str(at_s)}
    return Knock(body=body, headers=headers)


def _highlevel(body: bytes, _: int) -> Knock:
    signature = rsa_key().sign(body, padding.PKCS1v15(), hashes.SHA256())
    return Knock(body=body, headers={"x-wh-signature": b64(signature)})


def _sendgrid(body: bytes, at_s: int) -> Knock:
    signature = ec_key().sign(str(at_s).encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": b64(signature),
        "x-twilio-email-event-webhook-timestamp": str(at_s),
    }
    return Knock(body=body, headers=headers)


def _twilio_form(body: bytes, _: int) -> Knock:
    fields = {"phone": LEAD["phone"], "name": LEAD["name"], "empty": ""}
    signature = RequestValidator(SECRET).compute_signature(f"{URL}?a=b", fields)
    headers = {"x-twilio-signature": signature, "content-type": FORM_TYPE}
    return Knock(path="/hooks/crm?a=b", body=body, headers=headers)


def _twilio_json(body: bytes, _: int) -> Knock:
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(SECRET).compute_signature(f"{URL}?{query}", {})
    return Knock(path=f"/hooks/crm?{query}", body=body, headers={"x-twilio-signature": signature})


def _monday(body: bytes, at_s: int) -> Knock:
    claims = {"iat": at_s, "exp": at_s + 200, "aud": URL}
    return Knock(
        body=body, headers={"authorization": jwt.encode(claims, LONG_SECRET, algorithm="HS256")}
    )


def _with_rsa(body: bytes, at_s: int) -> Knock:
    token = jwt.encode({"iat": at_s}, rsa_key(), algorithm="RS256")
    return Knock(body=body, headers={"x-jwt": f"Bearer {token}"})


def _part(content: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _unsigned(algorithm: str, at_s: int) -> str:
    return f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part({'iat': at_s})}"


def _hs256(content: str, key: str) -> str:
    digest = hmac.new(key.encode(), content.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _vonage(body: bytes, at_s: int) -> Knock:
    claims = {"iat": at_s, "payload_hash": hashlib.sha256(body).hexdigest()}
    token = jwt.encode(claims, LONG_SECRET, algorithm="HS256")
    return Knock(body=body, headers={"authorization": f"Bearer {token}"})


def _dialpad(body: bytes, _: int) -> Knock:
    token = jwt.encode(json.loads(body), LONG_SECRET, algorithm="HS256")
    return Knock(body=token.encode(), headers={"content-type": "text/plain"})


def _mailgun_body(at_s: int, token: str = "0123", signed: str = "") -> bytes:
    signature = sha256(f"{at_s}{signed or token}".encode()).hex()
    proof = {"timestamp": str(at_s), "token": token, "signature": signature}
    return json.dumps(LEAD | {"signature": proof}).encode()


def _mailgun(_: bytes, at_s: int) -> Knock:
    return Knock(body=_mailgun_body(at_s))


def _justcall(body: bytes, at_s: int) -> Knock:
    content = f"{URL}|call.completed|{at_s}"
    headers = {"x-justcall-signature": sha256(content.encode()).hex(), "x-time": str(at_s)}
    return Knock(body=body, headers=headers)


def _header_value(write: Callable[[str, int], str], between: str = ".") -> Callable[..., Knock]:
    def make(body: bytes, at_s: int) -> Knock:
        signature = sha256(f"{at_s}{between}".encode() + body).hex()
        return Knock(body=body, headers={"x-sig": write(signature, at_s)})

    return make


def _http_date(body: bytes, at_s: int) -> Knock:
    date = format_datetime(datetime.fromtimestamp(at_s, UTC), usegmt=True)
    signature = sha256(f"{date}\n".encode() + body).hex()
    return Knock(body=body, headers={"x-sig": signature, "date": date})


def _milliseconds(body: bytes, at_s: int) -> Knock:
    signature = sha256(f"{at_s}000.".encode() + body).hex()
    return Knock(body=body, headers={"x-sig": signature, "x-time": f"{at_s}000"})


def _by_digest(body: bytes, at_s: int) -> Knock:
    content = "\n".join(
        (
            "POST",
            URL,
            "nonce-7",
            hashlib.sha256(body).hexdigest(),
            hashlib.md5(body, usedforsecurity=False).hexdigest(),
            str(at_s),
        )
    )
    headers = {
        "x-sig": b64(sha256(content.encode())),
        "x-nonce": "nonce-7",
        "x-time": str(at_s),
    }
    return Knock(body=body, headers=headers)


def _tiktok(body: bytes, _: int) -> Knock:
    content = json.dumps(json.loads(body)).encode()
    return Knock(body=body, headers={"x-open-signature": sha256(content).hex()})


def _in_query(body: bytes, at_s: int, *, signed_at_s: int = 0) -> Knock:
    signature = b64(sha256(f"{signed_at_s or at_s}.".encode() + body))
    return Knock(path=f"/hooks/crm?at={at_s}&sig={quote(signature)}", body=body)


def _query_hmac() -> Mapping[str, object]:
    return {
        "hmac": {
            "query": "sig",
            "secret": SECRET,
            "encoding": "base64",
            "signed": "{timestamp}.{body}",
            "timestamp": {"query": "at"},
        }
    }


def _hmac(**keys: object) -> Mapping[str, object]:
    return {"hmac": {"header": "X-Sig", "secret": SECRET, **keys}}


VENDORS = (
    Vendor(
        name="svix",
        auth={"standard_webhooks": {"secret": f"v1,whsec_{WHSEC.rstrip('=')}"}},
        make=_svix,
        proof="svix-signature",
    ),
    Vendor(
        name="standardwebhooks",
        auth={"standard_webhooks": {"secret": WHSEC}},
        make=_standard,
        proof="webhook-signature",
    ),
    Vendor(
        name="standardwebhooks-ed25519",
        auth={"standard_webhooks": {"public_key": f"whpk_{raw64(ed_key())}"}},
        make=_standard_ed25519,
        proof="webhook-signature",
    ),
    Vendor(
        name="telnyx",
        auth={
            "public_key": {
                "header": "telnyx-signature-ed25519",
                "key": raw64(ed_key()),
                "type": "ed25519",
                "signed": "{timestamp}|{body}",
                "timestamp": {"header": "telnyx-timestamp"},
            }
        },
        make=_telnyx,
        proof="telnyx-signature-ed25519",
    ),
    Vendor(
        name="highlevel",
        auth={"public_key": {"header": "x-wh-signature", "key": pem(rsa_key()), "type": "rsa"}},
        make=_highlevel,
        proof="x-wh-signature",
        is_timed=False,
    ),
    Vendor(
        name="sendgrid",
        auth={
            "public_key": {
                "header": "X-Twilio-Email-Event-Webhook-Signature",
                "key": [der64(ec_key())],
                "type": "ecdsa",
                "signed": "{timestamp}{body}",
                "timestamp": {"header": "X-Twilio-Email-Event-Webhook-Timestamp"},
            }
        },
        make=_sendgrid,
        proof="x-twilio-email-event-webhook-signature",
    ),
    Vendor(
        name="twilio-form",
        auth={"twilio": {"auth_token": SECRET}},
        make=_twilio_form,
        proof="x-twilio-signature",
        body=FORM,
        is_timed=False,
        tampered=(
            replace(_twilio_form(FORM, AT_S), path="/hooks/crm?a=c"),
            replace(_twilio_form(FORM, AT_S), body=FORM + b"&more=1"),
        ),
    ),
    Vendor(
        name="twilio-json",
        auth={"twilio": {"auth_token": SECRET}},
        make=_twilio_json,
        proof="x-twilio-signature",
        is_timed=False,
        tampered=(replace(_twilio_json(BODY, AT_S), path="/hooks/crm"),),
    ),
    Vendor(
        name="monday",
        auth={"jwt": {"secret": LONG_SECRET, "audience": URL}},
        make=_monday,
        proof="authorization",
        covers_body=False,
    ),
    Vendor(
        name="rs256",
        auth={"jwt": {"header": "X-Jwt", "key": pem(rsa_key()), "algorithm": "RS256"}},
        make=_with_rsa,
        proof="x-jwt",
        covers_body=False,
        # The public key as the secret of an HMAC: the token does not choose the algorithm.
        tampered=(
            Knock(
                headers={
                    "x-jwt": f"{_unsigned('HS256', AT_S)}."
                    + _hs256(_unsigned("HS256", AT_S), pem(rsa_key()))
                }
            ),
            Knock(headers={"x-jwt": f"{_unsigned('none', AT_S)}."}),
        ),
    ),
    Vendor(
        name="vonage",
        auth={"jwt": {"secret": LONG_SECRET}},
        make=_vonage,
        proof="authorization",
    ),
    Vendor(
        name="dialpad",
        auth={"jwt": {"secret": LONG_SECRET, "body": "$"}},
        make=_dialpad,
        is_timed=False,
        covers_body=False,
        tampered=tuple(
            Knock(body=body)
            for body in (
                _dialpad(BODY, AT_S).body[:-1],
                jwt.encode(LEAD, LONG_SECRET + "!", algorithm="HS256").encode(),
                BODY,
                b"",
            )
        ),
    ),
    Vendor(
        name="mailgun",
        auth={
            "hmac": {
                "path": "$.signature.signature",
                "secret": SECRET,
                "signed": "{timestamp}{$.signature.token}",
                "timestamp": {"path": "$.signature.timestamp"},
                "unsigned_body": "Mailgun signs a token of each delivery, and nothing else",
            }
        },
        make=_mailgun,
        covers_body=False,
        tampered=(
            Knock(body=_mailgun_body(AT_S, signed="0124")),
            Knock(body=BODY),
            Knock(body=BODY[:-1]),
        ),
    ),
    Vendor(
        name="justcall",
        auth={
            "hmac": {
                "header": "x-justcall-signature",
                "secret": SECRET,
                "signed": "{url}|{$.type}|{timestamp}",
                "timestamp": {"header": "x-time"},
                "unsigned_body": "JustCall signs the address and the kind of event alone",
            }
        },
        make=_justcall,
        proof="x-justcall-signature",
        body=json.dumps(LEAD | {"type": "call.completed"}).encode(),
        covers_body=False,
        tampered=(_justcall(BODY, AT_S),),
    ),
    Vendor(
        name="semicolons",
        auth=_hmac(
            separator=";",
            prefix="h1=",
            signed="{timestamp}:{body}",
            timestamp={"field": "ts"},
        ),
        make=_header_value(lambda sig, at_s: f"ts={at_s};h1=00;h1={sig}", ":"),
        proof="x-sig",
    ),
    Vendor(
        name="positions",
        auth=_hmac(
            separator=":", position=2, signed="{timestamp}.{body}", timestamp={"field": "1"}
        ),
        make=_header_value(lambda sig, at_s: f"{at_s}:{sig}"),
        proof="x-sig",
    ),
    Vendor(
        name="list",
        auth=_hmac(separator=" ", signed="{timestamp}.{body}", timestamp={"header": "x-time"}),
        make=lambda body, at_s: Knock(
            body=body,
            headers={
                "x-sig": f"{'0' * 64} {sha256(f'{at_s}.'.encode() + body).hex()}",
                "x-time": str(at_s),
            },
        ),
        proof="x-sig",
    ),
    Vendor(
        name="named-field",
        auth=_hmac(
            prefix="s=",
            signed="{field:n}.{timestamp}.{body}",
            timestamp={"field": "t"},
        ),
        make=lambda body, at_s: Knock(
            body=body,
            headers={"x-sig": f"t={at_s},n=7,s={sha256(f'7.{at_s}.'.encode() + body).hex()}"},
        ),
        proof="x-sig",
        tampered=(
            Knock(headers={"x-sig": f"t={AT_S},s={sha256(f'7.{AT_S}.'.encode() + BODY).hex()}"}),
        ),
    ),
    Vendor(
        name="http-date",
        auth=_hmac(signed="{timestamp}\n{body}", timestamp={"header": "Date"}),
        make=_http_date,
        proof="x-sig",
    ),
    Vendor(
        name="milliseconds",
        auth=_hmac(signed="{timestamp}.{body}", timestamp={"header": "x-time"}),
        make=_milliseconds,
        proof="x-sig",
    ),
    Vendor(
        name="digests",
        auth=_hmac(
            encoding="base64",
            signed="{method}\n{url}\n{header:X-Nonce}\n{sha256:body}\n{md5:body}\n{timestamp}",
            timestamp={"header": "x-time"},
        ),
        make=_by_digest,
        proof="x-sig",
        tampered=(
            replace(
                _by_digest(BODY, AT_S), headers={**_by_digest(BODY, AT_S).headers, "x-nonce": "8"}
            ),
            replace(_by_digest(BODY, AT_S), path="/hooks/crm?a=b"),
        ),
    ),
    Vendor(
        name="tiktok",
        auth={"hmac": {"header": "X-Open-Signature", "secret": SECRET, "signed": "{escaped:body}"}},
        make=_tiktok,
        proof="x-open-signature",
        body=json.dumps(LEAD | {"name": "Zoë"}, ensure_ascii=False).encode(),
        is_timed=False,
    ),
    Vendor(
        name="query",
        auth=_query_hmac(),
        make=_in_query,
        tampered=(
            _in_query(BODY, AT_S, signed_at_s=AT_S + 1),
            Knock(path=_in_query(BODY, AT_S).path.partition("&")[0]),
            Knock(path=_in_query(BODY, AT_S).path[:-9]),
            Knock(),
        ),
    ),
)
