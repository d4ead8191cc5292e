"""Promises about how a draft proves the sender."""

from typing import Any

import pytest

from adapter.authoring.drafting.choose.auth import env_prefix
from adapter.authoring.yaml_text import Env
from tests.authoring.drafting.drafts import drafted, mapping_of

LEAD = {"phone": "+12025550188"}
SECRET = "s3cr3t-0f-the-sample"

HEADERS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"X-Hub-Signature-256": f"sha256={SECRET}"}, {"header": "X-Hub-Signature-256"}),
    ({"X-Hub-Signature": f"sha1={SECRET}"}, {"header": "X-Hub-Signature", "algorithm": "sha1"}),
    ({"Typeform-Signature": f"sha256={SECRET}"}, {"encoding": "base64", "prefix": "sha256="}),
    ({"Calendly-Webhook-Signature": f"t=1,v1={SECRET}"}, {"timestamp": {"field": "t"}}),
    ({"X-Shopify-Hmac-SHA256": SECRET}, {"header": "X-Shopify-Hmac-SHA256"}),
    ({"X-WC-Webhook-Signature": SECRET}, {"header": "X-WC-Webhook-Signature"}),
    ({"Tally-Signature": SECRET}, {"header": "Tally-Signature", "encoding": "base64"}),
    ({"X-FS-Signature": f"sha256={SECRET}"}, {"header": "X-FS-Signature", "prefix": "sha256="}),
    ({"X-Webflow-Signature": SECRET}, {"signed": "{timestamp}:{body}"}),
]


@pytest.mark.parametrize(("headers", "parts"), HEADERS, ids=lambda each: next(iter(each)))
def test_known_signatures_are_verified(headers: dict[str, str], parts: dict[str, Any]) -> None:
    """As the shipped mapping of that vendor does."""
    draft = drafted(LEAD, headers=headers)
    hmac = mapping_of(draft)["auth"]["hmac"]
    assert hmac["secret"] == "${SHOP_SECRET}"
    assert hmac.items() >= parts.items()
    assert SECRET not in draft.text


OTHERS: list[tuple[dict[str, str], dict[str, Any]]] = [
    (
        {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": f"v1,{SECRET}"},
        {"standard_webhooks": {"secret": "${SHOP_SECRET}"}},
    ),
    ({"X-HubSpot-Signature": SECRET}, {"hubspot": ("v1",)}),
    ({"X-HubSpot-Signature": SECRET, "X-HubSpot-Signature-Version": "v2"}, {"hubspot": ("v2",)}),
    ({"X-HubSpot-Signature": SECRET, "X-HubSpot-Signature-Version": "v9"}, {"hubspot": ("v1",)}),
    ({"X-HubSpot-Signature-v3": SECRET}, {"hubspot": ("v3",)}),
    (
        {"Authorization": f"Basic {SECRET}"},
        {"basic": {"username": "${SHOP_USERNAME}", "password": "${SHOP_PASSWORD}"}},
    ),
    ({"X-Api-Key": SECRET}, {"header": {"name": "X-Api-Key", "value": "${SHOP_SECRET}"}}),
    ({"X-Webhook-Token": SECRET}, {"token": "${SHOP_TOKEN}"}),
    ({"Authorization": f"Bearer {SECRET}"}, {"token": "${SHOP_TOKEN}"}),
    ({"X-Acme-Signature": SECRET}, {"token": "${SHOP_TOKEN}"}),
    # Not of the form that this vendor writes: another's header of that name.
    ({"X-Hub-Signature": f"sha256={SECRET}"}, {"token": "${SHOP_TOKEN}"}),
    ({}, {"token": "${SHOP_TOKEN}"}),
]


@pytest.mark.parametrize(("headers", "auth"), OTHERS)
def test_other_proofs_are_taken(headers: dict[str, str], auth: dict[str, Any]) -> None:
    """And a token where there is none; secrets come from the environment."""
    draft = drafted(LEAD, headers=headers)
    said = mapping_of(draft)["auth"]
    if "hubspot" in auth:
        (version,) = auth["hubspot"]
        auth = {"hubspot": {"client_secret": "${SHOP_CLIENT_SECRET}", "version": version}}
    assert said == auth
    assert SECRET not in draft.text
    assert set(draft.parts.auth.variables) == set(_variables(said))


def _variables(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [name for each in value.values() for name in _variables(each)]
    return [value[2:-1]] if str(value).startswith("${") else []


def test_hubspots_url_signature_needs_the_public_url() -> None:
    """Without it the draft has a token, and says what to write later."""
    draft = drafted(LEAD, headers={"X-HubSpot-Signature-v3": SECRET}, public_url="")
    assert mapping_of(draft)["auth"] == {"token": "${SHOP_TOKEN}"}
    assert "# The sample is signed (v3): set public_url in adapter.yaml" in draft.text


def test_an_unknown_signature_is_named() -> None:
    """Somebody may know how it is made."""
    draft = drafted(LEAD, headers={"X-Acme-Signature": "abc"})
    assert "# Write `hmac` instead if you know how x-acme-signature is made." in draft.text


BODIES: list[tuple[dict[str, Any], str | None]] = [
    ({"google_key": SECRET}, "$.google_key"),
    ({"HandshakeKey": SECRET}, "$.HandshakeKey"),
    ({"webhook_secret": SECRET}, "$.webhook_secret"),
    ({"token": SECRET}, "$.token"),
    ({"token": "short"}, None),
    ({"token": SECRET, "cart_token": "x"}, None),
    ({"auth": {"secret": SECRET}}, None),
    ({"auth": {"application_token": SECRET}}, "$.auth.application_token"),  # Bitrix24
    ({"application_token": SECRET}, "$.application_token"),
    ({"google_key": 7}, None),
    ({"google_key": ""}, None),
]


@pytest.mark.parametrize(("more", "path"), BODIES)
def test_a_secret_in_the_body_proves_it(more: dict[str, Any], path: str | None) -> None:
    """At its top, or Bitrix24's; and it is not in the example."""
    draft = drafted({**LEAD, **more})
    auth = mapping_of(draft)["auth"]
    expected = {"body": {"path": path, "value": "${SHOP_SECRET}"}}
    assert auth == (expected if path else {"token": "${SHOP_TOKEN}"})
    assert SECRET not in draft.text


@pytest.mark.parametrize(
    ("name", "prefix"), [("shop", "SHOP"), ("my-form-2", "MY_FORM_2"), ("7up", "SOURCE_7UP")]
)
def test_variables_are_called_after_the_source(name: str, prefix: str) -> None:
    """In letters that a shell takes."""
    assert env_prefix(name) == prefix
    assert f"${{{prefix}_TOKEN}}" in drafted(LEAD, name=name).text
    assert str(Env(name="A", default="b")) == "${A:-b}"
