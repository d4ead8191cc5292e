"""Requests for every form of `auth`: those that it lets in, and those that it refuses."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.harness.proofs import (
    basic,
    hubspot_v1,
    hubspot_v2,
    hubspot_v3,
    signed,
    signed64,
    standard_webhooks,
    timed,
)

AT_S = 1_772_442_000  # the hand clock's moment
OLD_S = AT_S - 301
SECRET = "s3cret-of-the-sender"
OLDER = "an-older-s3cret"
WRONG = "a-guess-at-it"
SECRET_HEX = SECRET.encode().hex()
WHSEC = base64.b64encode(SECRET.encode()).decode()
PUBLIC_URL = "https://hooks.example.com/base"
URL = f"{PUBLIC_URL}/hooks/crm"
LEAD = {"phone": "+12025550123", "name": "Ada"}
BODY = json.dumps(LEAD).encode()
KEYED = json.dumps(LEAD | {"account": {"key": SECRET}}).encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Knock:
    """A request from outside, and the address that it comes from."""

    path: str = "/hooks/crm"
    body: bytes = BODY
    headers: Mapping[str, str] = field(default_factory=dict)
    peer: str = "203.0.113.9"


def _with(**headers: str) -> Knock:
    return Knock(headers={name.replace("_", "-"): value for name, value in headers.items()})


def _hmac(rest: str) -> str:
    return f"{{hmac: {{header: X-Sig, secret: {SECRET}{rest}}}}}"


def _bearer(token: str) -> Knock:
    return _with(authorization=f"Bearer {token}")


def _sha1(key: str) -> Knock:
    return Knock(headers=signed("x-sig", key, BODY, prefix="sha1=", algorithm="sha1"))


def _stamped(key: str, at_s: int) -> Knock:
    digest = hmac.new(key.encode(), f"{at_s}:".encode() + BODY, hashlib.sha512).hexdigest()
    return _with(x_sig=digest, x_time=str(at_s))


def _wrapped(key: str, hook: str = "hook1") -> Knock:
    text = f"{hook}:{hmac.new(key.encode(), BODY, hashlib.sha256).hexdigest()}"
    return _with(x_sig=base64.b64encode(text.encode()).decode())


def _over_url(key: str) -> Knock:
    digest = hmac.new(key.encode(), b"POST /hooks/crm a=b" + BODY, hashlib.sha256).hexdigest()
    return Knock(path="/hooks/crm?a=b", headers={"x-sig": digest})


def _whsec(key: str, at_s: int = AT_S, message_id: str = "msg_1") -> Knock:
    return Knock(headers=standard_webhooks(key.encode(), message_id, at_s, BODY))


def _v3(key: str, at_s: int = AT_S, url: str = URL) -> Knock:
    return Knock(headers=hubspot_v3(key, url, BODY, at_s * 1000))


TOKEN = f"{{token: {SECRET}}}"
IP = "{ip: [198.51.100.0/24, 2001:db8::/32]}"
FORWARDED = {"x-forwarded-for": "198.51.100.7"}
ALL = f"{{token: {SECRET}, ip: [203.0.113.0/24]}}"
ANY = f"[{{token: {SECRET}}}, {{basic: {{username: crm, password: {SECRET}}}}}]"
ROTATED = f"{{token: [{SECRET}, {OLDER}]}}"
HEADER = f"{{header: {{name: X-Api-Key, value: [{SECRET}, {OLDER}]}}}}"
BASIC = f"{{basic: {{username: crm, password: [{SECRET}, {OLDER}]}}}}"
IN_BODY = f"{{body: {{path: $.account.key, value: {SECRET}}}}}"
PLAIN_HMAC = _hmac("")
HMAC64 = _hmac(', encoding: base64, prefix: "v0="')
HMAC1 = _hmac(', algorithm: sha1, prefix: "sha1="')
HMAC512 = _hmac(', algorithm: sha512, signed: "{timestamp}:{body}", timestamp: {header: X-Time}')
HMAC_T = _hmac(', prefix: "v1=", signed: "{timestamp}.{body}", timestamp: {field: t}')
HMAC_HEX = f"{{hmac: {{header: X-Sig, secret: {SECRET_HEX}, secret_encoding: hex}}}}"
HMAC_B64 = f"{{hmac: {{header: X-Sig, secret: {WHSEC}, secret_encoding: base64}}}}"
WRAPPED = _hmac(', prefix: "hook1:", wrapped: true')
HMAC_URL = _hmac(', signed: "{method} {path} {query}{body}"')
HUBSPOT = [f"{{hubspot: {{client_secret: {SECRET}, version: v{n}}}}}" for n in (1, 2, 3)]
STANDARD = f"{{standard_webhooks: {{secret: whsec_{WHSEC}}}}}"
OPEN = "{none: the listener is reachable from our own network only}"

PROVEN = [
    (TOKEN, Knock(path=f"/hooks/crm?token={SECRET}")),
    (TOKEN, Knock(path=f"/hooks/crm?a=1&token={SECRET}&b=2")),
    (TOKEN, Knock(path=f"/hooks/crm/{SECRET}")),
    (TOKEN, Knock(path=f"/hooks/crm/{SECRET}?a=1")),
    (TOKEN, _bearer(SECRET)),
    (TOKEN, _with(authorization=f"bearer {SECRET}")),
    (TOKEN, _with(x_webhook_token=SECRET)),
    (ROTATED, _with(x_webhook_token=OLDER)),
    (HEADER, _with(x_api_key=SECRET)),
    (HEADER, _with(x_api_key=OLDER)),
    (BASIC, Knock(headers=basic("crm", SECRET))),
    (BASIC, Knock(headers=basic("crm", OLDER))),
    (IN_BODY, Knock(body=KEYED)),
    (IN_BODY, Knock(body=KEYED, headers={"content-type": "application/json; charset=klingon"})),
    (IP, Knock(peer="198.51.100.7")),
    (IP, Knock(peer="2001:db8::7")),
    (IP, Knock(peer="10.1.2.3", headers=FORWARDED)),
    (IP, Knock(peer="10.1.2.3", headers={"x-forwarded-for": "8.8.8.8, 198.51.100.7, 10.9.9.9"})),
    (PLAIN_HMAC, Knock(headers=signed("X-Sig", SECRET, BODY))),
    (HMAC64, Knock(headers=signed64("X-Sig", SECRET, BODY, prefix="v0="))),
    (HMAC1, _sha1(SECRET)),
    (HMAC512, _stamped(SECRET, AT_S)),
    (HMAC512, _stamped(SECRET, AT_S - 299)),
    (HMAC_T, Knock(headers=timed("X-Sig", SECRET, BODY, AT_S))),
    (HMAC_HEX, Knock(headers=signed("X-Sig", SECRET, BODY))),
    (HMAC_B64, Knock(headers=signed("X-Sig", SECRET, BODY))),
    (WRAPPED, _wrapped(SECRET)),
    (HMAC_URL, _over_url(SECRET)),
    (HUBSPOT[0], Knock(headers=hubspot_v1(SECRET, BODY))),
    (HUBSPOT[1], Knock(headers=hubspot_v2(SECRET, URL, BODY))),
    (HUBSPOT[1], Knock(path="/hooks/crm?a=b", headers=hubspot_v2(SECRET, f"{URL}?a=b", BODY))),
    (HUBSPOT[2], _v3(SECRET)),
    (STANDARD, _whsec(SECRET)),
    (OPEN, Knock()),
    (ALL, Knock(headers={"x-webhook-token": SECRET})),
    (ANY, _with(x_webhook_token=SECRET)),
    (ANY, Knock(headers=basic("crm", SECRET))),
]

NOT_PROVEN = [
    (TOKEN, Knock()),
    (TOKEN, Knock(path="/hooks/crm?token=")),
    (TOKEN, Knock(path=f"/hooks/crm?token={WRONG}")),
    (TOKEN, Knock(path=f"/hooks/crm?token={SECRET}x")),
    (TOKEN, Knock(path=f"/hooks/crm?Token={SECRET}")),
    (TOKEN, Knock(path=f"/hooks/crm/{WRONG}")),
    (TOKEN, Knock(path=f"/hooks/crm/{SECRET}/more")),
    (TOKEN, _bearer(WRONG)),
    (TOKEN, _with(authorization=f"Basic {SECRET}")),
    (TOKEN, _with(authorization=SECRET)),
    (TOKEN, _with(x_token=SECRET)),
    (TOKEN, Knock(body=json.dumps(LEAD | {"token": SECRET}).encode())),
    (HEADER, Knock()),
    (HEADER, _with(x_api_key=WRONG)),
    (HEADER, Knock(path=f"/hooks/crm?x-api-key={SECRET}")),
    (BASIC, Knock()),
    (BASIC, Knock(headers=basic("crm", WRONG))),
    (BASIC, Knock(headers=basic("other", SECRET))),
    (BASIC, _with(authorization="Basic !!!")),
    (IN_BODY, Knock()),
    (IN_BODY, Knock(body=KEYED.replace(SECRET.encode(), WRONG.encode()))),
    (IN_BODY, Knock(body=KEYED[:-1])),
    (IP, Knock()),
    (IP, Knock(headers=FORWARDED)),
    (IP, Knock(peer="10.1.2.3")),
    (IP, Knock(peer="10.1.2.3", headers={"x-forwarded-for": "198.51.100.7, 8.8.8.8"})),
    (IP, Knock(peer="10.1.2.3", headers={"x-forwarded-for": "198.51.100.7, unknown"})),
    (PLAIN_HMAC, Knock()),
    (PLAIN_HMAC, _with(x_sig="")),
    (PLAIN_HMAC, Knock(headers=signed("X-Sig", WRONG, BODY))),
    (PLAIN_HMAC, Knock(headers=signed("X-Sig", SECRET, BODY + b" "))),
    (PLAIN_HMAC, Knock(headers=signed("X-Sig", "", BODY))),
    (HMAC64, Knock(headers=signed64("X-Sig", SECRET, BODY))),
    (HMAC1, _sha1(WRONG)),
    (HMAC512, _stamped(SECRET, OLD_S)),
    (HMAC512, _stamped(SECRET, AT_S + 301)),
    (HMAC512, _stamped(WRONG, AT_S)),
    (HMAC_T, Knock(headers=timed("X-Sig", SECRET, BODY, OLD_S))),
    (HMAC_T, Knock(headers=timed("X-Sig", WRONG, BODY, AT_S))),
    (HMAC_HEX, Knock()),
    (HMAC_HEX, Knock(headers=signed("X-Sig", WRONG, BODY))),
    (HMAC_HEX, Knock(headers=signed("X-Sig", SECRET_HEX, BODY))),
    (HMAC_B64, Knock()),
    (HMAC_B64, Knock(headers=signed("X-Sig", WRONG, BODY))),
    (HMAC_B64, Knock(headers=signed("X-Sig", WHSEC, BODY))),
    (WRAPPED, Knock()),
    (WRAPPED, _wrapped(WRONG)),
    (WRAPPED, _wrapped(SECRET, "hook2")),
    (WRAPPED, Knock(headers=signed("X-Sig", SECRET, BODY, prefix="hook1:"))),
    (HMAC_URL, Knock(path="/hooks/crm?a=c", headers=_over_url(SECRET).headers)),
    (HUBSPOT[0], Knock(headers=hubspot_v1(WRONG, BODY))),
    (HUBSPOT[0], Knock(headers=hubspot_v2(SECRET, URL, BODY))),
    (HUBSPOT[1], Knock(headers=hubspot_v2(SECRET, "http://localhost/hooks/crm", BODY))),
    (HUBSPOT[1], Knock(headers=hubspot_v1(SECRET, BODY))),
    (HUBSPOT[2], _v3(SECRET, OLD_S)),
    (HUBSPOT[2], _v3(WRONG)),
    (HUBSPOT[2], Knock(headers=hubspot_v2(SECRET, URL, BODY))),
    (STANDARD, _whsec(WRONG)),
    (STANDARD, _whsec(SECRET, OLD_S)),
    (STANDARD, Knock(headers={**_whsec(SECRET).headers, "webhook-id": "msg_2"})),
    (ALL, Knock(peer="198.51.100.7", headers={"x-webhook-token": SECRET})),
    (ALL, Knock()),
    (ANY, Knock()),
    (ANY, Knock(headers=basic("crm", WRONG))),
]

AUTHS = list(dict.fromkeys(auth for auth, _ in PROVEN))
