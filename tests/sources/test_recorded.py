"""Promises on what senders were recorded to send: one person is one key, two people are two.

The shapes are recorded or documented, the people and numbers invented.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from adapter.mapping.reading import RequestReading
from adapter.model import MappedCall, State
from adapter.webhook.request import Request
from tests.harness.project import SETTINGS, Project
from tests.http.senders import FORM, JSON
from tests.sources.doors import MAPPINGS

SECRET = "00112233445566778899aabbccddeeff"  # text and hex


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a sender tells: a form, if every key is a text's name, or else JSON; and headers."""

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


def call_of(folder: Path, source: str, told: Told) -> MappedCall:
    """Return the one call that a shipped mapping makes of it."""
    text = (MAPPINGS / f"{source}.yaml").read_text(encoding="utf-8")
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), SECRET)
    loaded = Project(folder, environ).load(SETTINGS, {source: text})
    assert loaded.config is not None, "\n".join(map(str, loaded.problems))
    (call,) = RequestReading(loaded.config.sources[source].mapping, told.request()).mapped().calls
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
    ("webflow", webflow(), webflow(_id="6002")),
    ("intercom", *(intercom("contact.lead.created", person) for person in ("ic1", "ic2"))),
]


def digests(folder: Path, source: str, told: Told) -> set[str]:
    """Return the digests of a call's keys."""
    return {key.digest for key in call_of(folder, source, told).keys}


@pytest.mark.parametrize(("source", "first", "second"), ONE_PERSON)
def test_one_person_is_rung_once(tmp_path: Path, source: str, first: Told, second: Told) -> None:
    """Whatever else the sender tells of them: another event, another version, a changed record."""
    assert digests(tmp_path, source, first) & digests(tmp_path, source, second)


@pytest.mark.parametrize(("source", "first", "second"), TWO_PEOPLE)
def test_two_people_are_two(tmp_path: Path, source: str, first: Told, second: Told) -> None:
    """Though they have one phone and one name."""
    assert not digests(tmp_path, source, first) & digests(tmp_path, source, second)
