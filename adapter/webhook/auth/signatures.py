"""Checks by a signature over the request: plain HMAC, HubSpot's three, Standard Webhooks."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from adapter.agent import Secret
from adapter.webhook.auth.proof import Headers, Proof
from adapter.webhook.auth.shared_secrets import check_secrets, secret_bytes
from adapter.webhook.auth.signature_text import (
    ENCODINGS,
    decode_signature,
    encode_signature,
    is_fresh,
    proof_by_signature,
)
from adapter.webhook.request import Request, wire_bytes

_TOLERANCE = timedelta(minutes=5)
_HUBSPOT_VERSIONS = frozenset({"v1", "v2", "v3"})
_HUBSPOT_HEADERS = frozenset({"x-hubspot-signature", "x-hubspot-signature-v3"})
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
    tolerance: timedelta = _TOLERANCE
    key_encoding: str = "text"
    is_wrapped: bool = False
    _keys: tuple[bytes, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_secrets(self.secrets, "hmac")
        keys = tuple(_hmac_key(secret, self.key_encoding) for secret in self.secrets)
        object.__setattr__(self, "_keys", keys)  # the way to fill a field of a frozen dataclass
        _check_choice("algorithm", self.algorithm, _ALGORITHMS)
        _check_choice("encoding", self.encoding, ENCODINGS.keys())
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
class HubSpot:
    """HubSpot's request signature, exactly one version of it.

    Source: HubSpot's "Validating requests". v1 and v2 are plain hashes; v3 is an HMAC with a time
    in milliseconds, at most five minutes old. `public_url` is what the sender was told.
    """

    client_secrets: tuple[Secret, ...]
    version: str
    public_url: str

    def __post_init__(self) -> None:
        check_secrets(self.client_secrets, "hubspot")
        _check_choice("version", self.version, _HUBSPOT_VERSIONS)
        if self.version != "v1" and not self.public_url.strip():
            raise ValueError(f"hubspot: {self.version} signs the URL: set `public_url`")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if the signature of this version is right, less its headers.

        v1 and v2 can be extended by whoever has seen one (SHA-256 of secret and body), but not to
        a body that is JSON in UTF-8: they count for nothing else.
        """
        if self.version == "v3":
            proof = self._prove_v3(request, now)
        else:
            is_plain = not request.body or _is_strict_json(request.body)
            proof = self._prove_hash(request) if is_plain else None
        if proof is None:
            return None
        kept = tuple(pair for pair in request.headers if pair[0] not in _HUBSPOT_HEADERS)
        return replace(proof, without=replace(request, headers=kept))

    def sign(self, request: Request, *, now: datetime) -> Headers | None:
        """Return the headers that HubSpot would add at this time with the first secret."""
        secret = self.client_secrets[0]
        if self.version == "v3":
            timestamp = str(int(now.timestamp() * 1000))
            digest = self._digest_v3(secret, request, _decode_uri(self._uri(request)), timestamp)
            signature = encode_signature(digest, "base64")
            return {
                "x-hubspot-request-timestamp": timestamp,
                "x-hubspot-signature-v3": signature,
            }
        digest = hashlib.sha256(secret_bytes(secret) + self._hashed(request)).digest()
        return {
            "x-hubspot-signature-version": self.version,
            "x-hubspot-signature": encode_signature(digest, "hex"),
        }

    def _prove_v3(self, request: Request, now: datetime) -> Proof | None:
        timestamp = request.header("x-hubspot-request-timestamp")
        if timestamp is None or not is_fresh(timestamp, now=now, tolerance=_TOLERANCE):
            return None
        # Some of HubSpot's own clients sign the URI as sent, its page says decoded: take either.
        raw = self._uri(request)
        expected = [
            self._digest_v3(secret, request, uri, timestamp)
            for secret in self.client_secrets
            for uri in (_decode_uri(raw), raw)
        ]
        found = decode_signature(request.header("x-hubspot-signature-v3") or "", "base64")
        return proof_by_signature(request, expected, [found])

    def _digest_v3(self, secret: Secret, request: Request, uri: str, timestamp: str) -> bytes:
        content = wire_bytes(request.method) + wire_bytes(uri) + request.body
        return hmac.digest(secret_bytes(secret), content + wire_bytes(timestamp), "sha256")

    def _prove_hash(self, request: Request) -> Proof | None:
        if request.header("x-hubspot-signature-version") not in {None, self.version}:
            return None
        content = self._hashed(request)
        expected = [
            hashlib.sha256(secret_bytes(secret) + content).digest()
            for secret in self.client_secrets
        ]
        found = decode_signature(request.header("x-hubspot-signature") or "", "hex")
        return proof_by_signature(request, expected, [found])

    def _hashed(self, request: Request) -> bytes:
        """Return what v1 and v2 hash behind the secret."""
        if self.version == "v1":
            return request.body
        return wire_bytes(request.method) + wire_bytes(self._uri(request)) + request.body

    def _uri(self, request: Request) -> str:
        query = f"?{request.query}" if request.query else ""
        return f"{self.public_url.rstrip('/')}{request.path}{query}"


# The only characters that HubSpot decodes in a v3 URI before it signs.
_HUBSPOT_DECODED = {f"%{ord(character):02X}": character for character in ":/?@!$'()*,;"}
_HUBSPOT_ENCODED = re.compile("|".join(_HUBSPOT_DECODED), re.IGNORECASE)


def _is_strict_json(body: bytes) -> bool:
    try:
        json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True


def _decode_uri(uri: str) -> str:
    return _HUBSPOT_ENCODED.sub(lambda match: _HUBSPOT_DECODED[match[0].upper()], uri)


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardWebhooks:
    """A signature as standardwebhooks.com has it: HMAC-SHA256 over id, timestamp and body.

    A secret is base64, with or without `whsec_`; ValueError if it is not.
    """

    secrets: tuple[Secret, ...]
    tolerance: timedelta = _TOLERANCE
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
    _check_choice("secret_encoding", encoding, {"text", *ENCODINGS})
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


def _check_choice(key: str, found: str, choices: Collection[str]) -> None:
    if found not in choices:
        raise ValueError(f"{key}: expected one of {', '.join(sorted(choices))}, found {found!r}")


def _check_signed(signed: str, *, has_timestamp: bool) -> None:
    names = set(_PLACEHOLDER.findall(signed))
    known = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
    if not names <= _PLACEHOLDERS.keys() or re.search(r"[{}]", _PLACEHOLDER.sub("", signed)):
        raise ValueError(f"signed: expected placeholders {known}, found {signed!r}")
    if not names & {"body", "query"}:
        raise ValueError("signed: expected {body} or {query} in it, or nothing sent is proven")
    if "timestamp" in names and not has_timestamp:
        raise ValueError("signed: {timestamp} needs `timestamp: {header: …}` or `{field: …}`")
