"""Form tools and how they post; people and numbers invented."""

from tests.harness.proofs import signed, signed64
from tests.http.senders import (
    AT_S,
    BY_TOKEN,
    FORM,
    KEY,
    MULTIPART,
    TOKEN_QUERY,
    Sender,
    form_body,
    json_body,
    multipart_body,
    rings,
)

FORM_TOOLS = (
    Sender(
        name="activecampaign-automation",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
phone: {path: $.contact.phone, region: FR}
variables: {name: $.contact.first_name, owner: $.contact.fields.contact_owner}
dedupe: {key: [$.contact.id, $.seriesid]}
""",
        content_type=FORM,
        body=form_body(
            {
                "contact[id]": "51",
                "contact[first_name]": "Lou",
                "contact[phone]": "+61 491 570 156",
                "contact[fields][contact_owner]": "Max",
                "seriesid": "7",
            }
        ),
        expected=rings("+61491570156", name="Lou", owner="Max"),
    ),
    Sender(
        name="gravity-forms",
        auth=f"{{header: {{name: X-Form-Key, value: {KEY}}}}}",
        prove=lambda _: {"X-Form-Key": KEY},
        rules="""\
phone: {path: "$['14']", region: US}
variables:
  name: {template: "{$['11.3']} {$['11.6']}"}
  message: "$['2']"
dedupe: {key: [$.form_id, $.id]}
""",
        body=json_body(
            {
                "id": "9",
                "form_id": "3",
                "2": "First line\r\n\r\nSecond line",
                "11.3": "Joy",
                "11.6": "Example",
                "14": "(202) 555-0152",
            }
        ),
        expected=rings("+12025550152", name="Joy Example", message="First line Second line"),
    ),
    Sender(
        name="jotform",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
decode: {json: [$.rawRequest]}
phone: {path: $.rawRequest.q5_phone.full, region: US}
variables: {name: $.rawRequest.q3_name.first, form: $.formTitle}
dedupe: {key: [$.submissionID]}
""",
        content_type=MULTIPART,
        body=multipart_body(
            {
                "action": "",
                "formTitle": "Solar enquiry",
                "submissionID": "600000000000000001",
                "rawRequest": '{"slug":"submit\\/1","q3_name":{"first":"Zoë"},'
                '"q5_phone":{"full":"(202) 555-0155"}}',
            }
        ),
        expected=rings("+12025550155", name="Zoë", form="Solar enquiry"),
    ),
    Sender(
        name="jotform-split-phone",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
decode: {json: [$.rawRequest]}
phone:
  template: "+{$.rawRequest.q7.country}{$.rawRequest.q7.area}{$.rawRequest.q7.phone}"
variables: {name: $.rawRequest.q3_name.first}
""",
        content_type=MULTIPART,
        body=multipart_body(
            {
                "rawRequest": '{"q3_name":{"first":"Al"},'
                '"q7":{"country":"1","area":"202","phone":"555-0156"}}'
            }
        ),
        expected=rings("+12025550156", name="Al"),
    ),
    Sender(
        name="mailchimp",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
handshake: {ping: {path: $.type, exists: false}}
when: {path: $.type, equals: subscribe, reason: not_a_subscriber}
phone: {path: $.data.merges.PHONE, region: US}
variables: {name: $.data.merges.FNAME, interest: "$.data.merges.GROUPINGS[0].groups"}
""",
        content_type=FORM,
        # Brackets and spaces as they are: this sender does not encode them.
        body=b"type=subscribe&fired_at=2026-03-02 09:00:00&data[merges][FNAME]=Eve"
        b"&data[merges][PHONE]=202-555-0157&data[merges][GROUPINGS][0][groups]=Roofs"
        b"&data[merges][GROUPINGS][1][groups]=Heat",
        expected=rings("+12025550157", name="Eve", interest="Roofs"),
    ),
    Sender(
        name="marketo",
        auth=f"{{header: {{name: X-Marketo-Key, value: {KEY}}}}}",
        prove=lambda _: {"x-marketo-key": KEY},
        rules="""\
when: {path: $.lead.black_listed, not_equals: true, reason: black_listed}
phone: {path: $.lead.phone, region: US}
variables: {name: {path: $.lead.first_name, transform: [title]}, company: $.company.name}
""",
        body=json_body(
            {
                "lead": {"first_name": "rex", "phone": 2025550158, "black_listed": False},
                "company": {"name": "Example Mills"},
            }
        ),
        expected=rings("+12025550158", name="Rex", company="Example Mills"),
    ),
    Sender(
        name="pardot",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
when: {path: $.is_do_not_call, in: ["", "0"], reason: do_not_call}
phone: {path: $.phone, region: {path: $.country, default: US}}
variables: {name: {template: "{$.first_name} {$.last_name}"}, town: $.city}
""",
        content_type=FORM,
        body=form_body(
            {
                "first_name": "Pam",
                "last_name": "Example",
                "phone": "0491 570 156",
                "country": "Australia",
                "city": "",
                "is_do_not_call": "",
            }
        ),
        expected=rings("+61491570156", name="Pam Example", town=""),
    ),
    Sender(
        name="typeform",
        auth=f"{{hmac: {{header: Typeform-Signature, secret: {KEY}, encoding: base64,"
        ' prefix: "sha256="}}',
        prove=lambda body: signed64("Typeform-Signature", KEY, body, prefix="sha256="),
        rules="""\
phone: $.form_response.answers[?(@.type=='phone_number')].phone_number
variables:
  name: $.form_response.answers[?(@.field.ref=='name')].text
  fuel: $.form_response.answers[?(@.type=='choice')].choice.label
dedupe: {key: [$.form_response.token]}
""",
        body=json_body(
            {
                "event_id": "e1",
                "form_response": {
                    "token": "t1",
                    "answers": [
                        {"type": "text", "text": "Gil", "field": {"ref": "name"}},
                        {"type": "choice", "choice": {"label": "Oil"}, "field": {"ref": "fuel"}},
                        {
                            "type": "phone_number",
                            "phone_number": "+12025550164",
                            "field": {"ref": "tel"},
                        },
                    ],
                },
            }
        )
        + b"\n",
        expected=rings("+12025550164", name="Gil", fuel="Oil"),
    ),
    Sender(
        name="unbounce",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
decode: {json: ["$['data.json']"], xml: ["$['data.xml']"]}
phone: {path: "$['data.json'].phone_number", region: US}
variables: {name: "$['data.json'].full_name", page: "$['data.xml'].form_data.page_name"}
""",
        content_type=FORM,
        body=form_body(
            {
                "page_name": "Roofs",
                "data.json": '{"phone_number":["202-555-0165"],"full_name":["Flo Example"]}',
                "data.xml": '<?xml version="1.0" encoding="UTF-8"?><form_data>'
                "<page_name>Roofs</page_name></form_data>",
            }
        ),
        expected=rings("+12025550165", name="Flo Example", page="Roofs"),
    ),
    Sender(
        name="webflow",
        auth=f"{{hmac: {{header: X-Webflow-Signature, secret: {KEY},"
        ' signed: "{timestamp}:{body}", timestamp: {header: X-Webflow-Timestamp}}}',
        prove=lambda body: (
            {"X-Webflow-Timestamp": f"{AT_S}000"}
            | signed("X-Webflow-Signature", KEY, f"{AT_S}000:".encode() + body)
        ),
        rules="""\
phone: {path: "$.payload.data['Phone Number']", region: US}
variables: {name: "$.payload.data['First Name']"}
dedupe: {key: [$.payload.id]}
respond: {status: 200}
""",
        body=json_body(
            {
                "triggerType": "form_submission",
                "payload": {
                    "id": "p1",
                    "data": {"First Name": "Bee", "Phone Number": 12025550166},
                },
            }
        ),
        expected=rings("+12025550166", name="Bee"),
    ),
)
