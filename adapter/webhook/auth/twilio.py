"""Twilio's signature: HMAC-SHA1 over the URL and the form's fields in order."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from adapter.agent import Secret
from adapter.webhook.auth.proof import Proof, adding
from adapter.webhook.auth.shared_secrets import check_secrets, secret_bytes
from adapter.webhook.auth.signature_text import (
    decode_signature,
    encode_signature,
    proof_by_signature,
)
from adapter.webhook.auth.signed_text import url_of
from adapter.webhook.formats.decode import is_urlencoded
from adapter.webhook.request import Request, wire_bytes

_HEADER = "x-twilio-signature"
_DIGEST_FIELD = "bodySHA256"
_MOST_FIELDS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Twilio:
    """The signature in `X-Twilio-Signature`, made with the account's auth token.

    Source: Twilio's "Webhooks Security". A form is signed field by field; any other body by its
    SHA-256 in the query field `bodySHA256`, without which it proves nothing.
    """

    auth_tokens: tuple[Secret, ...]
    public_url: str

    def __post_init__(self) -> None:
        check_secrets(self.auth_tokens, "twilio")
        if not self.public_url.strip():
            raise ValueError("twilio: the URL is signed: set `public_url`")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if the signature is right."""
        fields = _signed_fields(request)
        if fields is None:
            return None
        url = url_of(request, self.public_url)
        found = decode_signature(request.header(_HEADER) or "", "base64")
        expected = [
            hmac.digest(secret_bytes(token), wire_bytes(spelling) + fields, "sha1")
            for token in self.auth_tokens
            for spelling in (url, _with_port(url))
        ]
        return proof_by_signature(request, expected, [found])

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the signature's header is missing."""
        return head.header(_HEADER) is None

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request as Twilio would send it with the first token."""
        fields = _signed_fields(request)
        if fields is None:
            named = f"{_DIGEST_FIELD}={hashlib.sha256(request.body).hexdigest()}"
            request = replace(request, query="&".join(filter(None, (request.query, named))))
        content = wire_bytes(url_of(request, self.public_url)) + (fields or b"")
        digest = hmac.digest(secret_bytes(self.auth_tokens[0]), content, "sha1")
        return adding(request, {_HEADER: encode_signature(digest, "base64")})


def _signed_fields(request: Request) -> bytes | None:
    """Return what follows the URL in the signed text; None where the body is not signed at all."""
    if not request.body:
        return b""
    if is_urlencoded(request):
        return _in_order(request.body)
    shown = dict(parse_qsl(request.query)).get(_DIGEST_FIELD, "")
    is_right = hmac.compare_digest(
        shown.encode(), hashlib.sha256(request.body).hexdigest().encode()
    )
    return b"" if is_right else None


def _in_order(body: bytes) -> bytes | None:
    """Return each name with each of its values, in order, each value once."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    return "".join(name + value for name, value in sorted(set(pairs))).encode()


def _with_port(url: str) -> str:
    """Return the address with the port that its scheme implies, which some requests sign."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    port = {"https": "443", "http": "80"}.get(scheme, "")
    return url if ":" in host or not port else f"{scheme}://{host}:{port}{slash}{path}"
