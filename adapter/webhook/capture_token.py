"""A capture's token, its requests without their secrets, and set-up challenges. Pure."""

import hashlib
import hmac
import json
import re
from dataclasses import replace

from adapter.agent import Secret
from adapter.errors import IntakeError
from adapter.webhook.answers import JSON, Answer
from adapter.webhook.formats.json import json_document
from adapter.webhook.formats.media_type import read_media_type
from adapter.webhook.handshakes import MAX_ECHO_CHARACTERS, NOSNIFF, MetaHandshake
from adapter.webhook.request import FORGOTTEN, Request

# 24 random bytes in URL-safe base64. What has another form is not looked up at all.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_NOBODYS = "0" * 64
_NEVER_STORED = frozenset({"proxy-authorization", "cookie", "content-length"})
# Known by name: of a header without a scheme, the first word is the secret itself.
_SCHEMES = frozenset(
    {"apikey", "basic", "bearer", "digest", "hawk", "hmac", "key", "oauth", "signature", "token"}
)


def digest_of(token: str) -> str:
    """Return what the ledger keeps of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(request: Request) -> str | None:
    """Return the last part of the path if it may be a capture's token."""
    segment = (request.token_segment or "").strip(" /")
    return segment if _TOKEN.fullmatch(segment) else None


def is_proof(token: str, digest: str | None) -> bool:
    """Whether the token is the one of this digest; it takes as long where there is none."""
    found, expected = bytes.fromhex(digest_of(token)), bytes.fromhex(digest or _NOBODYS)
    return hmac.compare_digest(found, expected) and digest is not None


def storable(request: Request, token: str, *, is_decoded: bool) -> Request:
    """Return the request less the token, cookies and credentials.

    Of an Authorization header its scheme stays, since it tells which `auth` to write; the content
    encoding stays where the body is still encoded.
    """
    dropped = _NEVER_STORED | ({"content-encoding"} if is_decoded else frozenset[str]())
    headers = tuple(
        (name, _scheme(value) if name == "authorization" else value)
        for name, value in request.headers
        if name not in dropped
    )
    return replace(request, headers=headers).forgetting({token.encode()})


def challenge_answer(request: Request, token: str) -> Answer | None:
    """Return the answer to a set-up challenge, without which a sender would send nothing more.

    A JSON body's `challenge` is echoed as JSON; Meta's, whose verify token must be the capture's,
    as text.
    """
    if request.method == "GET":
        meta = MetaHandshake(verify_token=(Secret(token),))
        greeting = meta.answer(request, document=dict, view=dict)
        return greeting if greeting and greeting.status == 200 else None
    challenge = _json_challenge(request)
    if challenge is None:
        return None
    body = json.dumps({"challenge": challenge}).encode()
    return Answer(status=200, body=body, content_type=JSON, headers=(NOSNIFF,))


def _json_challenge(request: Request) -> str | None:
    media_type = read_media_type(request.header("content-type"))
    if media_type.name != JSON:
        return None
    try:
        document = json_document(request.body, media_type.charset)
    except IntakeError:
        return None
    challenge = document.get("challenge") if isinstance(document, dict) else None
    is_short = isinstance(challenge, str) and 0 < len(challenge) <= MAX_ECHO_CHARACTERS
    return challenge if is_short else None


def _scheme(value: str) -> str:
    scheme, _, credentials = value.strip().partition(" ")
    is_known = bool(credentials) and scheme.lower() in _SCHEMES
    return f"{scheme} {FORGOTTEN}" if is_known else FORGOTTEN
