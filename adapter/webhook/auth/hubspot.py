"""The checks of HubSpot's request signatures, which are three."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapter.agent import Secret
from adapter.webhook.auth.proof import Proof, adding
from adapter.webhook.auth.shared_secrets import check_secrets, secret_bytes
from adapter.webhook.auth.signature_text import (
    TOLERANCE,
    check_choice,
    decode_signature,
    encode_signature,
    is_fresh,
    proof_by_signature,
)
from adapter.webhook.auth.signed_text import url_of
from adapter.webhook.request import Request, wire_bytes

_VERSIONS = frozenset({"v1", "v2", "v3"})
_HEADERS = frozenset({"x-hubspot-signature", "x-hubspot-signature-v3"})
# The only characters that HubSpot decodes in a v3 URI before it signs.
_DECODED = {f"%{ord(character):02X}": character for character in ":/?@!$'()*,;"}
_ENCODED = re.compile("|".join(_DECODED), re.IGNORECASE)


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
        check_choice("version", self.version, _VERSIONS)
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
        kept = tuple(pair for pair in request.headers if pair[0] not in _HEADERS)
        return replace(proof, without=replace(request, headers=kept))

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether there is no signature of HubSpot's."""
        return all(head.header(name) is None for name in _HEADERS)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request as HubSpot would send it at this time with the first secret."""
        secret = self.client_secrets[0]
        if self.version == "v3":
            timestamp = str(int(now.timestamp() * 1000))
            digest = self._digest_v3(secret, request, _decode_uri(self._uri(request)), timestamp)
            signature = encode_signature(digest, "base64")
            return adding(
                request,
                {
                    "x-hubspot-request-timestamp": timestamp,
                    "x-hubspot-signature-v3": signature,
                },
            )
        digest = hashlib.sha256(secret_bytes(secret) + self._hashed(request)).digest()
        return adding(
            request,
            {
                "x-hubspot-signature-version": self.version,
                "x-hubspot-signature": encode_signature(digest, "hex"),
            },
        )

    def _prove_v3(self, request: Request, now: datetime) -> Proof | None:
        timestamp = request.header("x-hubspot-request-timestamp")
        if timestamp is None or not is_fresh(timestamp, now=now, tolerance=TOLERANCE):
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
        return url_of(request, self.public_url)


def _is_strict_json(body: bytes) -> bool:
    try:
        json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True


def _decode_uri(uri: str) -> str:
    return _ENCODED.sub(lambda match: _DECODED[match[0].upper()], uri)
