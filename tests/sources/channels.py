"""Senders of messages, bookings and records that sign: how each writes and proves a request."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twilio.request_validator import RequestValidator

from tests.harness.proofs import Headers, signed, signed64
from tests.harness.vendor_requests import b64, raw64
from tests.http.senders import FORM, PUBLIC_URL, form_body
from tests.sources.doors import Door


def _by_chatwoot(secret: str, body: bytes, at_s: int) -> Headers:
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Chatwoot-Signature": f"sha256={digest}", "X-Chatwoot-Timestamp": str(at_s)}


def _by_tiktok(secret: str, body: bytes, _: int) -> Headers:
    return signed("X-Open-Signature", secret, json.dumps(json.loads(body)).encode())


def _key_of(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())


def _by_telnyx(secret: str, body: bytes, at_s: int) -> Headers:
    signature = _key_of(secret).sign(f"{at_s}|".encode() + body)
    return {"telnyx-signature-ed25519": b64(signature), "telnyx-timestamp": str(at_s)}


def _by_twilio(secret: str, body: bytes, _: int) -> Headers:
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    url = f"{PUBLIC_URL}/hooks/twilio"
    return {"X-Twilio-Signature": RequestValidator(secret).compute_signature(url, fields)}


CHANNEL_DOORS = (
    Door(
        source="cal-com",
        variable="CAL_COM_SECRET",
        prove=lambda secret, body, _: signed("X-Cal-Signature-256", secret, body),
    ),
    Door(source="chatwoot", variable="CHATWOOT_SECRET", prove=_by_chatwoot),
    Door(
        source="frappe",
        variable="FRAPPE_SECRET",
        prove=lambda secret, body, _: signed64("X-Frappe-Webhook-Signature", secret, body),
    ),
    Door(source="tiktok", variable="TIKTOK_SECRET", prove=_by_tiktok),
    Door(
        source="telnyx",
        variable="TELNYX_PUBLIC_KEY",
        prove=_by_telnyx,
        kept=lambda secret: raw64(_key_of(secret)),
    ),
    Door(
        source="twilio",
        variable="TWILIO_AUTH_TOKEN",
        prove=_by_twilio,
        write=form_body,
        content_type=FORM,
    ),
    Door(
        source="whatsapp",
        variable="WHATSAPP_SECRET",
        prove=lambda secret, body, _: signed("X-Hub-Signature-256", secret, body, prefix="sha256="),
        others={"WHATSAPP_VERIFY_TOKEN": "a-verify-token"},
    ),
)
# Those whose signature grows old, and the age in seconds that is still believed.
OLDEST_S: Mapping[str, int] = {"chatwoot": 300, "clickfunnels": 600, "telnyx": 300, "wpforms": 300}
