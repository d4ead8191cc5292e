"""Promises about drafts from requests in the shapes of the senders that we know."""

import re
from typing import Any

import pytest

from adapter.authoring.drafting.choose.phones import is_phone_name
from adapter.authoring.drafting.choose.variables import kind_within
from adapter.authoring.drafting.read.leaves import Leaf
from tests.authoring.drafting.drafts import drafted, mapping_of, phone_of
from tests.harness.in_process import TOKEN
from tests.http.crm_senders import CRMS
from tests.http.event_senders import EVENTS
from tests.http.form_senders import FORM_TOOLS
from tests.http.senders import KEY, Sender

SENDERS = {sender.name: sender for sender in (*CRMS, *EVENTS, *FORM_TOOLS)}
# Where the phone of each is; a `*` in front: the sample has none, and the path is a guess.
PHONES: dict[str, Any] = {
    "close-lead": "*$.phone",
    "hubspot-workflow": "$.properties.phone.value",
    "hubspot-signed": "$.properties.phone.value",
    "intercom-lead": "$.data.item.phone",
    "pipedrive-v1": [
        "$.current.phone[?(@.primary==true)].value",
        "$.current.phone[?(@.primary==false)].value",
    ],
    "pipedrive-v2": [
        "$.data.phones[?(@.primary==true)].value",
        "$.data.phones[?(@.primary==false)].value",
    ],
    "salesforce": "$.sObject.Phone",
    "zoho-workflow": "$.Phone",
    "calendly-invitee": [
        "$.payload.text_reminder_number",
        "$.payload.questions_and_answers[?(@.question=='Phone')].answer",
    ],
    "google-ads": "$.user_column_data[?(@.column_id=='PHONE_NUMBER')].string_value",
    "hubspot-app": "*$.phone",
    "keap": "*$.phone",
    "meta-lead": "$.field_data[?(@.name=='phone_number')].values[0]",
    "meta-leadgen": "*$.phone",
    "monday": "$.event.columnValues.phone.phone",
    # The one number that this order has is that of a parcel: a present goes to somebody else.
    "shopify": ["*$.customer.phone", "$.phone"],
    "zoho-notification": "*$.phone",
    "activecampaign-automation": "$.contact.phone",
    "gravity-forms": "$['14']",
    "jotform": "$.rawRequest.q5_phone.full",
    "jotform-split-phone": (
        "+{$.rawRequest.q7.country}{$.rawRequest.q7.area}{$.rawRequest.q7.phone}"
    ),
    "mailchimp": "$.data.merges.PHONE",
    "marketo": "$.lead.phone",
    "pardot": "$.phone",
    "typeform": "$.form_response.answers[?(@.type=='phone_number')].phone_number",
    "unbounce": "$['data.json'].phone_number[0]",
    "webflow": "$.payload.data['Phone Number']",
}
AUTH = {
    "hubspot-signed": "hubspot",
    "hubspot-app": "hubspot",
    "intercom-lead": "hmac",
    "pipedrive-v1": "basic",
    "pipedrive-v2": "basic",
    "zoho-workflow": "body",
    "zoho-notification": "body",
    "google-ads": "body",
    "calendly-invitee": "hmac",
    "meta-leadgen": "hmac",
    "shopify": "hmac",
    "gravity-forms": "header",
    "marketo": "header",
    "typeform": "hmac",
    "webflow": "hmac",
}
NOBODY = {"Sales", "Lead", "Oil"}


def _draft(sender: Sender) -> Any:
    return drafted(
        body=sender.body,
        content_type=sender.content_type,
        headers=sender.prove(sender.body),
        query=sender.query,
        name=sender.name,
        needed=("name", "product"),
    )


def test_every_sender_is_in_the_table() -> None:
    """A new one needs its line."""
    assert PHONES.keys() == SENDERS.keys()


@pytest.mark.parametrize("name", PHONES)
def test_the_phone_is_found_where_it_is(name: str) -> None:
    """The draft loads, its examples pass, and it reads the phone where a person would."""
    expected = PHONES[name]
    first = expected[0] if isinstance(expected, list) else expected
    draft = _draft(SENDERS[name])
    assert draft.parts.phone.is_found is not first.startswith("*")
    plain = [path.removeprefix("*") for path in expected] if isinstance(expected, list) else None
    assert phone_of(draft) == (plain or expected.removeprefix("*"))


@pytest.mark.parametrize("name", PHONES)
def test_the_proof_is_the_best_that_the_request_shows(name: str) -> None:
    """And else a token; no secret of the sample is in the file."""
    draft = _draft(SENDERS[name])
    assert list(mapping_of(draft)["auth"]) == [AUTH.get(name, "token")]
    assert KEY not in draft.text
    assert TOKEN not in draft.text


@pytest.mark.parametrize("name", PHONES)
def test_nothing_of_a_person_is_left(name: str) -> None:
    """Neither names nor numbers nor what they wrote, in no part of the file."""
    draft = _draft(SENDERS[name])
    people = [leaf for leaf in draft.parts.reading.leaves if _is_personal(leaf)]
    assert people or not draft.parts.phone.is_found
    digits = re.sub(r"[^0-9]", "", draft.text)
    # `example` is the family name of all these people, and a word of the file's own.
    left = set(re.findall(r"\w+", draft.text)) - {"example"}
    for leaf in people:
        if is_phone_name(leaf.name):
            assert re.sub(r"[^0-9]", "", leaf.text)[-7:] not in digits
        elif leaf.text not in NOBODY:
            assert leaf.text not in draft.text or len(leaf.text) < 3
            assert not set(re.findall(r"[^\W\d]{3,}", leaf.text)) & left


def _is_personal(leaf: Leaf) -> bool:
    is_number = is_phone_name(leaf.name) and any(sign.isdecimal() for sign in leaf.text)
    return bool(leaf.text) and (bool(kind_within(leaf)) or is_number or "@" in leaf.text)
