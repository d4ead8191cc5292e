"""The senders that name a record and nothing more: how each proves itself, and what it posts."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from tests.harness.proofs import Headers, basic, hubspot_v3, signed, signed64
from tests.http.senders import AT_S, FORM, JSON, PUBLIC_URL, Write, form_body, json_body
from tests.sources.doors import mapping_of
from tests.sources.stand_ins import API_TOKEN

KEY = "a1b2c3d4e5f60718"  # text and hex
GUESS = "0918f7e6d5c4b3a2"
Prove = Callable[[str, bytes], Headers]


def _close(key: str, body: bytes) -> Headers:
    digest = hmac.new(bytes.fromhex(key), str(AT_S).encode() + body, hashlib.sha256).hexdigest()
    return {"close-sig-hash": digest, "close-sig-timestamp": str(AT_S)}


def _klaviyo(key: str, body: bytes) -> Headers:
    at = formatdate(AT_S, usegmt=True)
    return {"Klaviyo-Timestamp": at} | signed("Klaviyo-Signature", key, body + at.encode())


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """A source with a look-up. `secret` and `tokens` are variables: the sender's, and our own.

    `more_ids` are the records of further look-ups. `prove` makes headers of key and body;
    `body_key` is where the body holds the key; with neither the key stands in the URL.
    """

    source: str
    secret: str
    tokens: tuple[str, ...]
    record_id: str
    more_ids: tuple[str, ...] = ()
    prove: Prove | None = None
    body_key: str = ""
    write: Write = json_body
    content_type: str = JSON
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def example(self) -> Mapping[str, Any]:
        """The mapping's example of a lead that was looked up."""
        return dict(mapping_of(self.source)["examples"][1])

    @property
    def document(self) -> Any:
        """What that lead's sender posts."""
        (document,) = self.example["request"].values()
        return document

    @property
    def records(self) -> dict[str, Any]:
        """What the vendor knows of that lead, by id, in the order in which it is asked."""
        told = self.example["lookup"]
        answers = tuple(told.values()) if self.more_ids else (told,)
        return dict(zip((self.record_id, *self.more_ids), answers, strict=True))

    @property
    def environ(self) -> dict[str, str]:
        """All that the mapping asks of the environment, but for the API's address."""
        tokens = dict.fromkeys(self.tokens, API_TOKEN)
        return {self.secret: KEY, **tokens, **self.others}

    def request(self, key: str | None, document: Any = None) -> dict[str, Any]:
        """Return what a client posts, with this key or without any."""
        posted = self.document if document is None else document
        if self.body_key and key is not None:
            posted = {**posted, self.body_key: key}
        body = self.write(posted)
        in_url = key is not None and not (self.prove or self.body_key)
        return {
            "url": f"/hooks/{self.source}",
            "params": {"token": key} if in_url else {},
            "headers": {"content-type": self.content_type}
            | (self.prove(key, body) if self.prove and key is not None else {}),
            "content": body,
        }


ASKERS = (
    Asker(
        source="meta",
        secret="META_SECRET",
        tokens=("META_TOKEN",),
        record_id="4005",
        prove=lambda key, body: signed("X-Hub-Signature-256", key, body, prefix="sha256="),
        others={"META_VERIFY_TOKEN": "a-verify-token"},
    ),
    Asker(
        source="hubspot-app",
        secret="HUBSPOT_APP_SECRET",
        tokens=("HUBSPOT_APP_TOKEN",),
        record_id="9003",
        prove=lambda key, body: hubspot_v3(
            key, f"{PUBLIC_URL}/hooks/hubspot-app", body, AT_S * 1000
        ),
    ),
    Asker(
        source="linkedin",
        secret="LINKEDIN_SECRET",
        tokens=("LINKEDIN_TOKEN",),
        record_id="131-4",
        prove=lambda key, body: signed("X-LI-Signature", key, b"hmacsha256=" + body),
    ),
    Asker(source="keap", secret="KEAP_TOKEN", tokens=("KEAP_API_KEY",), record_id="6003"),
    Asker(
        source="close",
        secret="CLOSE_SECRET",
        tokens=("CLOSE_API_BASIC",),
        record_id="lead_000152",
        prove=_close,
    ),
    Asker(
        source="copper",
        secret="COPPER_TOKEN",
        tokens=("COPPER_API_KEY",),
        record_id="26163",
        prove=lambda key, _: {"x-webhook-token": key},
        others={"COPPER_EMAIL": "ada@example.com"},
    ),
    Asker(
        source="zoho-notification",
        secret="ZOHO_NOTIFICATION_TOKEN",
        tokens=("ZOHO_TOKEN",),
        record_id="9000000000000203",
        body_key="token",
    ),
    Asker(
        source="pipedrive-deal",
        secret="PIPEDRIVE_SECRET",
        tokens=("PIPEDRIVE_API_TOKEN",),
        record_id="82",
        prove=lambda key, _: basic("pipedrive", key),
    ),
    Asker(
        source="kommo",
        secret="KOMMO_TOKEN",
        tokens=("KOMMO_API_TOKEN",),
        record_id="leads/22000262?with=contacts",
        more_ids=("contacts/902",),
        write=form_body,
        content_type=FORM,
        others={"KOMMO_API_URL": "https://example.kommo.com"},
    ),
    Asker(
        source="bitrix24",
        secret="BITRIX24_TOKEN",
        tokens=("BITRIX24_API_TOKEN",),
        record_id="272",
        body_key="auth[application_token]",
        write=form_body,
        content_type=FORM,
        others={"BITRIX24_URL": "https://example.bitrix24.com"},
    ),
    Asker(
        source="acuity",
        secret="ACUITY_SECRET",
        tokens=("ACUITY_API_BASIC",),
        record_id="980002",
        prove=lambda key, body: signed64("X-Acuity-Signature", key, body),
        write=form_body,
        content_type=FORM,
    ),
    Asker(
        source="brevo",
        secret="BREVO_TOKEN",
        tokens=("BREVO_API_KEY",),
        record_id="eva@example.com",
        prove=lambda key, _: {"authorization": f"Bearer {key}"},
    ),
    Asker(
        source="klaviyo",
        secret="KLAVIYO_SECRET",
        tokens=("KLAVIYO_API_KEY",),
        record_id="01EXAMPLEPROFILE0003",
        prove=_klaviyo,
    ),
)
