"""CRMs and how they post; people and numbers invented."""

from tests.harness.proofs import basic, hubspot_v2, signed
from tests.http.senders import (
    AT_S,
    BY_TOKEN,
    KEY,
    PUBLIC_URL,
    TOKEN_QUERY,
    Sender,
    json_body,
    rings,
    rings_not,
)

SOAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound">
 <OrganizationId>00D00000000EXMPL</OrganizationId><SessionId xsi:nil="true"/>
 <Notification><Id>04l00000000EXMP1</Id>
  <sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
   <sf:FirstName>Nia</sf:FirstName><sf:Phone>(202) 555-0145</sf:Phone>
   <sf:Company>Bell &amp; Sons</sf:Company></sObject></Notification>
</notifications></soapenv:Body></soapenv:Envelope>
"""

CRMS = (
    Sender(
        name="close-lead",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
phone: $.event.data.contacts[*].phones[*].phone
variables: {name: $.event.data.display_name, state: "$.event.data['custom.cf_EXAMPLE']"}
dedupe: {key: [$.event.id]}
""",
        body=json_body(
            {
                "event": {
                    "id": "ev_example1",
                    "action": "created",
                    "data": {
                        "display_name": "Example Ltd",
                        "contact_ids": ["cont_example"],
                        "custom.cf_EXAMPLE": "Utah",
                    },
                }
            }
        ),
        expected=rings_not("refused", "phone_missing"),  # it names contacts, and gives no number
    ),
    Sender(
        name="hubspot-workflow",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
phone:
  paths: [$.properties.mobilephone.value, $.properties.phone.value]
  region: US
variables:
  name: {path: $.properties.firstname.value, default: there}
  company: $['associated-company'].properties.name.value
dedupe: {key: [$.vid]}
""",
        body=json_body(
            {
                "vid": 7,
                "properties": {"phone": {"value": "202-555-0153"}},
                "associated-company": {"properties": {"name": {"value": "Example Cars"}}},
            }
        ),
        expected=rings("+12025550153", name="there", company="Example Cars"),
    ),
    Sender(
        name="hubspot-signed",
        auth=f"{{hubspot: {{client_secret: {KEY}, version: v2}}}}",
        prove=lambda body: hubspot_v2(KEY, f"{PUBLIC_URL}/hooks/hubspot-signed", body),
        rules="""\
when: {path: $.properties.hs_is_unworked.value, equals: true, reason: worked}
phone: {path: $.properties.phone.value, region: US}
variables:
  name:
    template: "{$.properties.firstname.value} {$.properties.lastname.value}"
  since: {path: $.properties.createdate.value, transform: [{date: "%Y-%m-%d"}]}
""",
        body=json_body(
            {
                "vid": 8,
                "properties": {
                    "hs_is_unworked": {"value": "true", "versions": [{"value": "true"}]},
                    "firstname": {"value": "Uma", "versions": []},
                    "lastname": {"value": "Example", "versions": []},
                    "phone": {"value": "+1 202-555-0146", "versions": []},
                    "createdate": {"value": "1772442000000", "versions": []},
                },
            }
        ),
        expected=rings("+12025550146", name="Uma Example", since="2026-03-02"),
    ),
    Sender(
        name="intercom-lead",
        auth=f"{{hmac: {{header: X-Hub-Signature, secret: {KEY}, algorithm: sha1,"
        ' prefix: "sha1="}}',
        prove=lambda b: signed("X-Hub-Signature", KEY, b, prefix="sha1=", algorithm="sha1"),
        rules="""\
when: {path: $.data.item.role, equals: lead, reason: not_a_lead}
phone: $.data.item.phone
variables: {name: {path: $.data.item.name, transform: [title]}}
occurred_at: $.created_at
dedupe: {key: [$.id]}
""",
        body=json_body(
            {
                "id": "notif_example",
                "created_at": AT_S - 60,
                "data": {"item": {"role": "lead", "phone": "+12025550154", "name": "sky example"}},
            }
        ),
        expected=rings("+12025550154", name="Sky Example"),
    ),
    Sender(
        name="pipedrive-v1",
        auth=f"{{basic: {{username: pipe, password: {KEY}}}}}",
        prove=lambda _: basic("pipe", KEY),
        rules="""\
when: {path: $.event, equals: added.person, reason: not_new}
phone: $.current.phone[?(@.primary==true)].value
variables: {name: $.current.first_name, company: $.current.org_name}
dedupe: {key: [$.meta.id, $.meta.timestamp_micro]}
""",
        body=json_body(
            {
                "event": "added.person",
                "meta": {"id": 8, "timestamp_micro": 1772442000000001},
                "retry": 0,
                "current": {
                    "first_name": "Sam",
                    "org_name": "Example Org",
                    "phone": [
                        {"label": "home", "value": "+12025550199", "primary": False},
                        {"label": "work", "value": "+1 202-555-0161", "primary": True},
                    ],
                },
                "previous": None,
            }
        ),
        expected=rings("+12025550161", name="Sam", company="Example Org"),
    ),
    Sender(
        name="pipedrive-v2",
        auth=f"{{basic: {{username: pipe, password: {KEY}}}}}",
        prove=lambda _: basic("pipe", KEY),
        rules="""\
when:
  - {path: $.meta.action, equals: create, reason: not_new}
  - {path: $.meta.entity, equals: person, reason: not_a_person}
phone:
  paths: ["$.data.phones[?(@.primary==true)].value", "$.data.phones[*].value"]
  region: US
variables: {name: $.data.first_name}
dedupe: {key: [$.meta.id]}
""",
        body=json_body(
            {
                "data": {
                    "first_name": "Val",
                    "phones": [{"label": "home", "primary": False, "value": "2025550162"}],
                },
                "meta": {"action": "create", "entity": "person", "id": "m-1", "attempt": 1},
            }
        ),
        expected=rings("+12025550162", name="Val"),
    ),
    Sender(
        name="salesforce",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
respond: salesforce_ack
each: $.Envelope.Body.notifications.Notification
phone: {path: $.sObject.Phone, region: US}
variables: {name: $.sObject.FirstName, company: $.sObject.Company}
dedupe: {key: [$.Id]}
""",
        content_type="text/xml; charset=UTF-8",
        body=SOAP.encode(),
        expected=rings("+12025550145", name="Nia", company="Bell & Sons"),
    ),
    Sender(
        name="zoho-workflow",
        auth=f"{{body: {{path: $.webhook_secret, value: {KEY}}}}}",
        rules="""\
phone: {path: $.Phone, region: AU}
variables: {name: $.First_Name, company: $.Company}
dedupe: {key: [$.id]}
""",
        body=json_body(
            {
                "webhook_secret": KEY,
                "id": "9",
                "First_Name": "Pia",
                "Phone": "0491 570 156",
                "Company": "Example Pty",
            }
        ),
        expected=rings("+61491570156", name="Pia", company="Example Pty"),
    ),
)
