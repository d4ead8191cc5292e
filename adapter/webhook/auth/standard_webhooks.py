"""The signatures of standardwebhooks.com, which Svix sends under names of its own too."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapter.agent import Secret
from adapter.webhook.auth.proof import Proof, adding
from adapter.webhook.auth.shared_secrets import check_secrets, secret_bytes
from adapter.webhook.auth.signature_text import (
    TOLERANCE,
    decode_signature,
    encode_signature,
    is_fresh,
    proof_by_content,
    proof_by_signature,
)
from adapter.webhook.request import Request, wire_bytes

# The standard's names, and Svix's own.
_FAMILIES = ("webhook", "svix")
# How secrets and keys are shown to people: `whsec_…`, and `v1,whsec_…` where versions stand by.
_MARKS = (b"v1,", b"v1a,", b"whsec_", b"whpk_")


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardWebhooks:
    """A signature over id, timestamp and body: HMAC-SHA256 (`v1`), or Ed25519 (`v1a`).

    Source: the specification of standardwebhooks.com. Secrets and keys are base64, padded or not,
    with or without `whsec_` or `whpk_`; ValueError if they are not.
    """

    secrets: tuple[Secret, ...] = ()
    public_keys: tuple[str, ...] = ()
    tolerance: timedelta = TOLERANCE
    _keys: tuple[bytes, ...] = field(init=False, repr=False)
    _verifiers: tuple[Callable[[bytes, bytes], bool], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.public_keys:
            check_secrets(self.secrets, "standard_webhooks")
        keys = tuple(map(_secret_key, self.secrets))
        verifiers = tuple(map(_verifier, self.public_keys))
        object.__setattr__(self, "_keys", keys)  # the way to fill a field of a frozen dataclass
        object.__setattr__(self, "_verifiers", verifiers)

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if one of the signatures is right and fresh."""
        for family in _FAMILIES:
            proof = self._prove(request, family, now)
            if proof is not None:
                return proof
        return None

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the signature's header is missing."""
        return all(head.header(f"{family}-signature") is None for family in _FAMILIES)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request as a sender with the first secret would send it at this time."""
        if not self._keys:
            return None
        message_id = f"msg_{hashlib.sha256(request.body).hexdigest()[:24]}"
        timestamp = str(int(now.timestamp()))
        digest = hmac.digest(self._keys[0], _content(message_id, timestamp, request), "sha256")
        return adding(
            request,
            {
                "webhook-id": message_id,
                "webhook-timestamp": timestamp,
                "webhook-signature": f"v1,{encode_signature(digest, 'base64')}",
            },
        )

    def _prove(self, request: Request, family: str, now: datetime) -> Proof | None:
        message_id = request.header(f"{family}-id")
        timestamp = request.header(f"{family}-timestamp")
        if not message_id or not is_fresh(timestamp, now=now, tolerance=self.tolerance):
            return None
        content = _content(message_id, timestamp or "", request)
        signatures = (request.header(f"{family}-signature") or "").split(" ")
        by_version = {
            version: [
                decode_signature(piece.removeprefix(version), "base64")
                for piece in signatures
                if piece.startswith(version)
            ]
            for version in ("v1,", "v1a,")
        }
        expected = [hmac.digest(key, content, "sha256") for key in self._keys]
        return proof_by_signature(request, expected, by_version["v1,"]) or proof_by_content(
            request, content, self._verifiers, by_version["v1a,"]
        )


def _content(message_id: str, timestamp: str, request: Request) -> bytes:
    return wire_bytes(f"{message_id}.{timestamp}.") + request.body


def _secret_key(secret: Secret) -> bytes:
    key = decode_signature(_unmarked(secret_bytes(secret)).decode("latin-1"), "base64")
    if not key:
        raise ValueError("standard_webhooks: expected a secret `whsec_<base64>`, found another")
    return key


def _verifier(key: str) -> Callable[[bytes, bytes], bool]:
    # What verifies costs megabytes, which only its users pay.
    from adapter.webhook.auth.public_keys import verifier  # noqa: PLC0415

    raw = decode_signature(_unmarked(key.encode()).decode("latin-1"), "base64")
    return verifier(base64.b64encode(raw).decode(), "ed25519", "sha256")


def _unmarked(text: bytes) -> bytes:
    text = text.strip()
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return text
