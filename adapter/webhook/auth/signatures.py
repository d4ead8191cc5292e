"""Checks by a signature over the request: plain HMAC, and Standard Webhooks."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapter.agent import Secret
from adapter.webhook.auth.proof import Headers, Proof
from adapter.webhook.auth.shared_secrets import check_secrets, secret_bytes
from adapter.webhook.auth.signature_text import (
    ENCODINGS,
    TOLERANCE,
    check_choice,
    decode_signature,
    encode_signature,
    is_fresh,
    proof_by_signature,
)
from adapter.webhook.request import Request, wire_bytes

_ALGORITHMS = frozenset({"sha256", "sha1", "sha512"})


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


_PLACEHOLDERS: Mapping[str, Callable[[Request, str], bytes]] = {
    "body": lambda request, _: request.body,
    "timestamp": lambda _, timestamp: wire_bytes(timestamp),
    "method": lambda request, _: wire_bytes(request.method),
    "path": lambda request, _: wire_bytes(request.path),
    "query": lambda request, _: wire_bytes(request.query),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Hmac:
    """An HMAC in a header, over `signed`: text with {body}, {timestamp}, {method}, {path}, {query}.

    With `timestamp_field: t` the header reads `t=…,v1=…[,v1=…]` and `prefix` (`v1=`) picks the
    signatures; with `timestamp_header` the time stands in another header. Either way it must be
    within `tolerance` of now. With `is_wrapped` the header is base64 of what stands in it, prefix
    and all. The key is a secret's text, or what that is hex or base64 of. Raises ValueError for
    what can never verify.
    """

    header: str
    secrets: tuple[Secret, ...]
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    signed: str = "{body}"
    timestamp_header: str | None = None
    timestamp_field: str | None = None
    tolerance: timedelta = TOLERANCE
    key_encoding: str = "text"
    is_wrapped: bool = False
    _keys: tuple[bytes, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_secrets(self.secrets, "hmac")
        keys = tuple(_hmac_key(secret, self.key_encoding) for secret in self.secrets)
        object.__setattr__(self, "_keys", keys)  # the way to fill a field of a frozen dataclass
        check_choice("algorithm", self.algorithm, _ALGORITHMS)
        check_choice("encoding", self.encoding, ENCODINGS.keys())
        _check_signed(self.signed, has_timestamp=self._has_timestamp)

    @property
    def _has_timestamp(self) -> bool:
        return self.timestamp_header is not None or self.timestamp_field is not None

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if a signature in the header is right, and fresh where it has a time."""
        pieces = self._pieces(request.header(self.header) or "")
        timestamp = self._timestamp(request, pieces)
        if self._has_timestamp and not is_fresh(timestamp, now=now, tolerance=self.tolerance):
            return None
        content = self._content(request, timestamp or "")
        expected = [hmac.digest(key, content, self.algorithm) for key in self._keys]
        found = [
            decode_signature(piece.removeprefix(self.prefix), self.encoding)
            for piece in pieces
            if piece.startswith(self.prefix)
        ]
        return proof_by_signature(request, expected, found)

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the signature's header is missing."""
        return head.header(self.header) is None

    def sign(self, request: Request, *, now: datetime) -> Headers | None:
        """Return the headers that a sender with the first secret would add at this time."""
        timestamp = str(int(now.timestamp()))
        digest = hmac.digest(self._keys[0], self._content(request, timestamp), self.algorithm)
        value = self.prefix + encode_signature(digest, self.encoding)
        if self.timestamp_field is not None:
            value = f"{self.timestamp_field}={timestamp},{value}"
        if self.is_wrapped:
            value = encode_signature(value.encode(), "base64")
        timed = {self.timestamp_header: timestamp} if self.timestamp_header is not None else {}
        return {self.header: value, **timed}

    def _pieces(self, value: str) -> list[str]:
        if self.is_wrapped:
            value = decode_signature(value, "base64").decode("latin-1")
        pieces = value.split(",") if self.timestamp_field is not None else [value]
        return [piece.strip() for piece in pieces]

    def _timestamp(self, request: Request, pieces: list[str]) -> str | None:
        if self.timestamp_header is not None:
            return request.header(self.timestamp_header)
        start = f"{self.timestamp_field}="
        return next((p.removeprefix(start) for p in pieces if p.startswith(start)), None)

    def _content(self, request: Request, timestamp: str) -> bytes:
        # Odd elements are the placeholders' names.
        parts = _PLACEHOLDER.split(self.signed)
        return b"".join(
            _PLACEHOLDERS[part](request, timestamp) if index % 2 else part.encode()
            for index, part in enumerate(parts)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardWebhooks:
    """A signature as standardwebhooks.com has it: HMAC-SHA256 over id, timestamp and body.

    A secret is base64, with or without `whsec_`; ValueError if it is not.
    """

    secrets: tuple[Secret, ...]
    tolerance: timedelta = TOLERANCE
    _keys: tuple[bytes, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_secrets(self.secrets, "standard_webhooks")
        keys = tuple(_standard_key(secret) for secret in self.secrets)
        object.__setattr__(self, "_keys", keys)  # the way to fill a field of a frozen dataclass

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if one of the `v1` signatures is right and fresh."""
        message_id = request.header("webhook-id")
        timestamp = request.header("webhook-timestamp")
        is_timely = is_fresh(timestamp, now=now, tolerance=self.tolerance)
        if not message_id or not timestamp or not is_timely:
            return None
        found = [
            decode_signature(piece.removeprefix("v1,"), "base64")
            for piece in (request.header("webhook-signature") or "").split(" ")
            if piece.startswith("v1,")
        ]
        expected = [_standard_digest(key, message_id, timestamp, request) for key in self._keys]
        return proof_by_signature(request, expected, found)

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the signature's header is missing."""
        return head.header("webhook-signature") is None

    def sign(self, request: Request, *, now: datetime) -> Headers | None:
        """Return the headers that a sender with the first secret would add at this time."""
        message_id = f"msg_{hashlib.sha256(request.body).hexdigest()[:24]}"
        timestamp = str(int(now.timestamp()))
        digest = _standard_digest(self._keys[0], message_id, timestamp, request)
        return {
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{encode_signature(digest, 'base64')}",
        }


def _standard_digest(key: bytes, message_id: str, timestamp: str, request: Request) -> bytes:
    content = wire_bytes(f"{message_id}.{timestamp}.") + request.body
    return hmac.digest(key, content, "sha256")


def _hmac_key(secret: Secret, encoding: str) -> bytes:
    if encoding == "text":
        return secret_bytes(secret)
    check_choice("secret_encoding", encoding, {"text", *ENCODINGS})
    key = decode_signature(secret.reveal(), encoding)
    if not key:
        raise ValueError(f"hmac: expected a secret in {encoding}, found another")
    return key


def _standard_key(secret: Secret) -> bytes:
    try:
        key = base64.b64decode(secret_bytes(secret).strip().removeprefix(b"whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("standard_webhooks: expected a secret `whsec_<base64>`, found another")
    return key


def _check_signed(signed: str, *, has_timestamp: bool) -> None:
    names = set(_PLACEHOLDER.findall(signed))
    known = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
    if not names <= _PLACEHOLDERS.keys() or re.search(r"[{}]", _PLACEHOLDER.sub("", signed)):
        raise ValueError(f"signed: expected placeholders {known}, found {signed!r}")
    if not names & {"body", "query"}:
        raise ValueError("signed: expected {body} or {query} in it, or nothing sent is proven")
    if "timestamp" in names and not has_timestamp:
        raise ValueError("signed: {timestamp} needs `timestamp: {header: …}` or `{field: …}`")
