"""Senders of messages, bookings and records that sign: how each writes and proves a request."""

import hashlib
import hmac
from collections.abc import Mapping

from tests.harness.proofs import Headers, signed, signed64
from tests.sources.doors import Door


def _by_chatwoot(secret: str, body: bytes, at_s: int) -> Headers:
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Chatwoot-Signature": f"sha256={digest}", "X-Chatwoot-Timestamp": str(at_s)}


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
)
# Those whose signature grows old, and the age in seconds that is still believed.
OLDEST_S: Mapping[str, int] = {"chatwoot": 300}
