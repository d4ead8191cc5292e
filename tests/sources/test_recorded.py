"""Promises on what senders were recorded to send: one person is one key, two people are two.

The shapes are recorded or documented, the people and numbers invented.
"""

import json
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import pytest

from adapter.config.source import Source
from adapter.mapping.reading import RequestReading
from adapter.model import MappedCall, Reason, State
from adapter.webhook.request import Request
from tests.harness.shipped import shipped, sources
from tests.http.senders import FORM, JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A request as its sender makes it: a form, XML or else JSON, and headers."""

    form: dict[str, str] = field(default_factory=dict)
    json: Any = None
    xml: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def request(self) -> Request:
        """Return it as it arrives."""
        kind, body = JSON, json.dumps(self.json)
        if self.form:
            kind, body = FORM, urlencode(self.form)
        if self.xml:
            kind, body = "text/xml", self.xml
        headers = {"content-type": kind, **self.headers}
        return Request(method="POST", path="/", headers=tuple(headers.items()), body=body.encode())


def call_of(source: str, request: Request) -> MappedCall:
    """Return the one call that a shipped mapping makes of it."""
    (call,) = RequestReading(shipped(source).mapping, request).mapped().calls
    assert call.state is State.WAITING
    return call


def contact(**fields: str) -> Told:
    """ActiveCampaign's form about one contact."""
    names = {"first_name": "Ada", "phone": "+12025550111"}
    form = {f"contact[{key}]": text for key, text in {"id": "1101", **names}.items()}
    return Told(form={**form, **fields})


def high_level(**fields: Any) -> Told:
    """HighLevel's JSON about one contact."""
    return Told(json={"phone": "+12025550131", "firstName": "Ada", **fields})


def salesforce(message: str, record: str, phone: str = "+12025550141") -> Told:
    """Salesforce's message on a lead."""
    lead = f"<Id>{record}</Id><FirstName>Ada</FirstName><Phone>{phone}</Phone>"
    told = f"<Notification><Id>{message}</Id><sObject>{lead}</sObject></Notification>"
    body = f"<Body><notifications>{told}</notifications></Body>"
    return Told(xml=f"<Envelope>{body}</Envelope>")


def jotform(number: str, phone: str) -> Told:
    """Return Jotform's submission, as it is by then."""
    answers = {"q5_phone": {"full": phone}}
    return Told(form={"submissionID": number, "rawRequest": json.dumps(answers)})


def order(event: str, number: int, **fields: Any) -> Told:
    """WooCommerce's order of a block checkout."""
    headers = {
        "x-wc-webhook-source": "https://shop.example.com/",
        "x-wc-webhook-topic": f"order.{event}",
        "x-wc-webhook-resource": "order",
        "x-wc-webhook-event": event,
    }
    billing = {"first_name": "Ada", "phone": "+12025550101"}
    lead = {"id": number, "created_via": "store-api", "status": "processing", "billing": billing}
    return Told(json={**lead, **fields}, headers=headers)


def webflow(**fields: Any) -> Told:
    """Webflow's submission, as version 1 has it."""
    return Told(json={"name": "Form", "data": {"Phone": "+12025550125"}, "_id": "6001", **fields})


def intercom(topic: str, person: str, **fields: Any) -> Told:
    """Intercom's notification on a lead."""
    item = {"id": person, "role": "lead", "phone": "+12025550171", **fields}
    return Told(json={"topic": topic, "app_id": "abc171", "data": {"item": item}})


ONE_PERSON = [
    ("activecampaign", contact(type="contact_add"), contact(type="subscribe")),
    ("activecampaign", contact(seriesid="7"), contact(seriesid="7", **{"contact[tags]": "new"})),
    ("gohighlevel", high_level(id="hl-1"), high_level(id="hl-1", type="ContactCreate")),
    ("gohighlevel", high_level(contact_id="hl-1"), high_level(contactId="hl-1")),
    ("salesforce", salesforce("04l01", "00Q1"), salesforce("04l02", "00Q1", "+12025550142")),
    ("woocommerce", order("created", 727), order("updated", 727, status="completed")),
    ("jotform", jotform("600", "+12025550123"), jotform("600", "+12025550124")),
    ("webflow", webflow(), webflow(d="2026-03-02T09:09:00.000Z")),
    (
        "intercom",
        intercom("contact.lead.created", "ic1"),
        intercom("contact.lead.added_email", "ic1", email="ada@example.com"),
    ),
]
TWO_PEOPLE = [
    ("activecampaign", contact(type="contact_add"), contact(**{"contact[id]": "1102"})),
    ("gohighlevel", high_level(contactId="hl-1"), high_level(contactId="hl-2")),
    ("salesforce", salesforce("04l01", "00Q1"), salesforce("04l02", "00Q2")),
    ("woocommerce", order("created", 727), order("updated", 728)),
    ("jotform", jotform("600", "+12025550123"), jotform("601", "+12025550123")),
    ("webflow", webflow(), webflow(_id="6002")),
    ("intercom", *(intercom("contact.lead.created", person) for person in ("ic1", "ic2"))),
]


def funnel(event: str, person: int) -> Told:
    """ClickFunnels' event about one contact."""
    contact = {"id": person, "workspace_id": 42, "phone_number": "+12025550102"}
    return Told(json={"event_type": event, "event_id": event, "data": contact})


def opt_in(event: str, person: int) -> Told:
    """Systeme.io's event about one contact."""
    fields = [{"slug": "phone_number", "value": "+12025550121"}]
    return Told(
        json={"contact": {"id": person, "fields": fields}}, headers={"x-webhook-event": event}
    )


ONE_PERSON += [
    ("clickfunnels", funnel("contact.created", 1), funnel("contact.identified", 1)),
    ("systeme-io", opt_in("CONTACT_CREATED", 1), opt_in("CONTACT_OPT_IN", 1)),
]
TWO_PEOPLE += [
    ("clickfunnels", funnel("contact.identified", 1), funnel("contact.identified", 2)),
    ("systeme-io", opt_in("CONTACT_OPT_IN", 1), opt_in("CONTACT_OPT_IN", 2)),
]


def digests(source: str, told: Told) -> set[str]:
    """Return the digests of a call's keys."""
    return {key.digest for key in call_of(source, told.request()).keys}


@pytest.mark.parametrize(("source", "first", "second"), ONE_PERSON)
def test_one_person_is_rung_once(source: str, first: Told, second: Told) -> None:
    """Whatever else the sender tells of them: another event, another version, a changed record."""
    assert digests(source, first) & digests(source, second)


@pytest.mark.parametrize(("source", "first", "second"), TWO_PEOPLE)
def test_two_people_are_two(source: str, first: Told, second: Told) -> None:
    """Though they have one phone and one name."""
    assert not digests(source, first) & digests(source, second)


# What a vendor changes when it sends a webhook again: counters, ids and times of the delivery, or
# the record as it is by then. By dotted key in the body, or by name in the headers.
LATER = "2026-03-02T10:59:00.000Z"
RETRIES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("activecampaign", {"date_time": LATER, "contact.tags": "new"}, {}),
    ("calendly", {"created_at": LATER, "payload.updated_at": LATER}, {}),
    ("callrail", {"duration": 90, "voicemail": True, "note": "called twice"}, {}),
    ("clickfunnels", {"event_id": "9", "created_at": LATER, "data.updated_at": LATER}, {}),
    ("close", {"subscription_id": "whsub_2", "event.id": "ev_2", "event.date_updated": LATER}, {}),
    ("copper", {"subscription_id": 18, "timestamp": LATER}, {}),
    ("dynamics", {"OperationId": "9", "CorrelationId": "8", "OperationCreatedOn": LATER}, {}),
    ("espocrm", {"modifiedAt": LATER, "description": "called"}, {}),
    ("fillout", {"submission.lastUpdatedAt": LATER}, {}),
    ("gohighlevel", {"webhookId": "9", "timestamp": LATER, "dateUpdated": LATER}, {}),
    ("fluent-forms", {"__submission.status": "read", "__submission.updated_at": LATER}, {}),
    ("google-ads", {"lead_submit_time": LATER}, {}),
    ("gravity-forms", {"is_read": 1, "date_updated": LATER}, {}),
    ("hubspot", {"merged-vids": [7], "properties.city.value": "Exampleton"}, {}),
    ("hubspot-app", {"attemptNumber": 3, "eventId": 99, "subscriptionId": 13}, {}),
    ("intercom", {"id": "notif_2", "delivery_attempts": 2, "first_sent_at": 1772441999}, {}),
    ("keap", {"object_keys.timestamp": LATER}, {}),
    ("linkedin", {"occurredAt": 1772441999000}, {}),
    ("mailchimp", {"fired_at": "2026-03-02 10:59:00", "data.web_id": "7"}, {}),
    ("meta", {"entry.time": 1772441999, "entry.changes.value.created_time": 1772441999}, {}),
    ("monday", {"event.triggerUuid": "9", "event.subscriptionId": 8}, {}),
    ("mautic", {"timestamp": LATER}, {}),
    ("odoo", {"write_date": LATER, "description": "called"}, {}),
    ("pipedrive", {"meta.attempt": 3, "meta.id": "9", "meta.timestamp": LATER}, {}),
    ("pipedrive-deal", {"meta.attempt": 3, "meta.id": "9", "meta.timestamp": LATER}, {}),
    ("pipedrive-v1", {"retry": 2, "meta.timestamp": 1772441999, "meta.webhook_id": "9"}, {}),
    ("segment", {"messageId": "9", "sentAt": LATER, "receivedAt": LATER}, {}),
    ("shopify", {"updated_at": LATER}, {"x-shopify-webhook-id": "9", "x-shopify-event-id": "8"}),
    ("suitecrm", {"date_modified": LATER, "status": "Assigned"}, {}),
    ("systeme-io", {"contact.tags": [{"name": "new"}]}, {}),
    ("tally", {"eventId": "9", "createdAt": LATER}, {}),
    ("typeform", {"event_id": "01EXAMPLEEVENT02", "form_response.landed_at": LATER}, {}),
    ("webflow", {"payload.schema": []}, {"x-webflow-timestamp": "1772441999000"}),
    ("woocommerce", {"date_modified_gmt": LATER}, {"x-wc-webhook-delivery-id": "9"}),
    ("wufoo", {"IP": "203.0.113.9"}, {}),
    ("zoho-notification", {"server_time": 1772441999000, "channel_id": "1002"}, {}),
    ("zoho-workflow", {"Modified_Time": LATER, "Company": "Example Roofs"}, {}),
]


@pytest.mark.parametrize(("source", "body", "headers"), RETRIES, ids=[row[0] for row in RETRIES])
def test_a_retry_is_the_same_lead(
    source: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    """Of each example that rings, sent again as the vendor does: one key at least is the same."""
    seen = 0
    for example in shipped(source).examples:
        reading = RequestReading(shipped(source).mapping, example.request)
        if reading.mapped().reason == Reason.MALFORMED_BODY:
            continue
        again = retried(example.request, deepcopy(reading.document()), body, headers)
        first = reading.mapped(example.lookup).calls
        second = RequestReading(shipped(source).mapping, again).mapped(example.lookup).calls
        for before, after in zip(first, second, strict=True):
            if before.state is State.WAITING:
                assert set(before.keys) & set(after.keys), example.name
                seen += 1
    assert seen


def retried(
    request: Request, document: Any, body: dict[str, Any], headers: dict[str, str]
) -> Request:
    """Return a request with these values in its body and these headers; a body of JSON."""
    for path, value in body.items():
        put(document, path.split("."), value)
    kept = [
        (name, text) for name, text in request.headers if name not in {"content-type", *headers}
    ]
    return replace(
        request,
        body=json.dumps(document).encode(),
        headers=(*kept, ("content-type", JSON), *headers.items()),
    )


def put(document: Any, path: list[str], value: Any) -> None:
    """Write a value into an object, or into each object of a list."""
    if isinstance(document, list):
        for item in document:
            put(item, path, value)
        return
    key, *below = path
    if below:
        put(document.setdefault(key, {}), below, value)
    else:
        document[key] = value


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_the_leads_of_the_examples_are_different_leads(source: Source) -> None:
    """No two of them have a key in common, whatever they look like."""
    seen: dict[str, str] = {}
    for example in source.examples:
        for call in RequestReading(source.mapping, example.request).mapped(example.lookup).calls:
            for key in call.keys:
                assert key.digest not in seen or key.is_old, (seen[key.digest], example.name)
            seen |= {key.digest: example.name for key in call.keys}
