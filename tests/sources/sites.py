"""Senders of websites, tables and smaller CRMs: how each writes and proves a request."""

from tests.harness.proofs import Headers, signed, signed64
from tests.http.senders import FORM, form_body
from tests.sources.doors import Door

XML = "application/x-adf+xml"


def _by_header(secret: str, _: bytes, __: int) -> Headers:
    return {"X-Webhook-Token": secret}


def _by_clickfunnels(secret: str, body: bytes, at_s: int) -> Headers:
    name = "X-Webhook-ClickFunnels-Signature"
    at = {"X-Webhook-ClickFunnels-Timestamp": str(at_s)}
    return at | signed(name, secret, f"{at_s}.".encode() + body)


def _by_systeme(secret: str, body: bytes, _: int) -> Headers:
    return {"X-Webhook-Event": "CONTACT_OPT_IN"} | signed("X-Webhook-Signature", secret, body)


def _by_wpforms(secret: str, body: bytes, at_s: int) -> Headers:
    digest = signed("", secret, f"{at_s}.".encode() + body)[""]
    return {"X-WPForms-Webhook-Signature": f"t={at_s},v={digest}"}


SITE_DOORS = (
    Door(source="adf", variable="ADF_TOKEN", write=str.encode, content_type=XML),
    Door(source="airtable", variable="AIRTABLE_TOKEN", prove=_by_header),
    Door(source="clickfunnels", variable="CLICKFUNNELS_SECRET", prove=_by_clickfunnels),
    Door(source="contact-form-7", variable="CONTACT_FORM_7_TOKEN", prove=_by_header),
    Door(source="fluent-forms", variable="FLUENT_FORMS_TOKEN", prove=_by_header),
    Door(source="freshdesk", variable="FRESHDESK_TOKEN", prove=_by_header),
    Door(source="google-forms", variable="GOOGLE_FORMS_TOKEN", prove=_by_header),
    Door(
        source="mautic",
        variable="MAUTIC_SECRET",
        prove=lambda secret, body, _: signed64("Webhook-Signature", secret, body),
    ),
    Door(source="ninja-forms", variable="NINJA_FORMS_TOKEN", write=form_body, content_type=FORM),
    Door(source="suitecrm", variable="SUITECRM_TOKEN", prove=_by_header),
    Door(source="systeme-io", variable="SYSTEME_IO_SECRET", prove=_by_systeme),
    Door(source="wpforms", variable="WPFORMS_SECRET", prove=_by_wpforms),
)
