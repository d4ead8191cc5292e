"""Senders of events, many of which name a record and no phone; people and numbers invented."""

from tests.harness.proofs import hubspot_v1, signed, signed64, timed
from tests.http.senders import AT_S, BY_TOKEN, KEY, TOKEN_QUERY, Sender, json_body, rings, rings_not

EVENTS = (
    Sender(
        name="calendly-invitee",
        auth=f'{{hmac: {{header: Calendly-Webhook-Signature, secret: {KEY}, prefix: "v1=",'
        ' signed: "{timestamp}.{body}", timestamp: {field: t}}}',
        prove=lambda body: timed("Calendly-Webhook-Signature", KEY, body, AT_S),
        rules="""\
when: {path: $.event, equals: invitee.created, reason: not_booked}
phone:
  paths:
    - $.payload.text_reminder_number
    - $.payload.questions_and_answers[?(@.question=='Phone')].answer
variables:
  name: $.payload.name
  day: {path: $.payload.scheduled_event.start_time, transform: [{date: "%d/%m/%Y"}]}
dedupe: {key: [$.payload.uri, $.event]}
""",
        body=json_body(
            {
                "event": "invitee.created",
                "payload": {
                    "name": "Ida Example",
                    "uri": "https://api.example.com/invitees/1",
                    "text_reminder_number": None,
                    "questions_and_answers": [
                        {"question": "Phone", "answer": "+1 202-555-0150", "position": 0}
                    ],
                    "scheduled_event": {"start_time": "2026-03-09T06:30:00.000000Z"},
                },
            }
        ),
        expected=rings("+12025550150", name="Ida Example", day="09/03/2026"),
    ),
    Sender(
        name="google-ads",
        auth=f"{{body: {{path: $.google_key, value: {KEY}}}}}",
        rules="""\
when: {path: $.is_test, not_equals: true, reason: is_test}
phone: $.user_column_data[?(@.column_id=='PHONE_NUMBER')].string_value
variables: {name: "$.user_column_data[?(@.column_id=='FULL_NAME')].string_value"}
dedupe: {key: [$.lead_id]}
respond: {status: 200, body: "{}", content_type: application/json}
""",
        body=json_body(
            {
                "lead_id": "example-lead-1",
                "user_column_data": [
                    {"column_id": "FULL_NAME", "string_value": "Kit Example"},
                    {"column_id": "PHONE_NUMBER", "string_value": "+12025550151"},
                ],
                "google_key": KEY,
                "is_test": False,
            }
        ),
        expected=rings("+12025550151", name="Kit Example"),
    ),
    Sender(
        name="hubspot-app",
        auth=f"{{hubspot: {{client_secret: {KEY}, version: v1}}}}",
        prove=lambda body: hubspot_v1(KEY, body),
        rules="""\
each: $[*]
phone: $.phone
variables: {kind: $.subscriptionType}
dedupe: {key: [$.eventId, $.subscriptionId, $.objectId]}
""",
        body=json_body([{"eventId": 1, "subscriptionId": 12, "objectId": 9, "attemptNumber": 0}]),
        expected=rings_not("refused", "phone_missing"),  # it names a record: nothing to ring
    ),
    Sender(
        name="keap",
        auth=f"{{hmac: {{header: X-Hook-Signature, secret: {KEY}, encoding: base64}}}}",
        prove=lambda body: signed64("X-Hook-Signature", KEY, body),
        rules="""\
handshake: {echo_header: X-Hook-Secret}
each: $.object_keys
phone: $.phone
variables: {contact: $.id}
dedupe: {key: [$.id, $.timestamp]}
""",
        body=json_body(
            {"event_key": "contact.add", "object_keys": [{"id": "5", "timestamp": "t"}]}
        ),
        expected=rings_not("refused", "phone_missing"),  # it names a record: nothing to ring
    ),
    Sender(
        name="meta-lead",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
phone: $.field_data[?(@.name=='phone_number')].values[0]
variables: {name: "$.field_data[?(@.name=='full_name')].values"}
occurred_at: $.created_time
dedupe: {key: [$.id]}
""",
        body=json_body(
            {
                "id": "100",
                "created_time": "2026-03-02T08:49:14+0000",
                "field_data": [
                    {"name": "full_name", "values": ["Joe Example"]},
                    {"name": "phone_number", "values": ["+1-202-555-0159"]},
                ],
            }
        ),
        expected=rings("+12025550159", name="Joe Example"),
    ),
    Sender(
        name="meta-leadgen",
        auth=f'{{hmac: {{header: X-Hub-Signature-256, secret: {KEY}, prefix: "sha256="}}}}',
        prove=lambda body: signed("X-Hub-Signature-256", KEY, body, prefix="sha256="),
        rules="""\
handshake: {meta: {verify_token: a-verify-token}}
each: $.entry[*].changes[*].value
phone: $.phone
variables: {lead: $.leadgen_id}
dedupe: {key: [$.leadgen_id]}
""",
        body=json_body(
            {
                "object": "page",
                "entry": [{"changes": [{"field": "leadgen", "value": {"leadgen_id": 6}}]}],
            }
        ),
        expected=rings_not("refused", "phone_missing"),  # it names a record: nothing to ring
    ),
    Sender(
        name="monday",
        auth=BY_TOKEN,
        query=TOKEN_QUERY,
        rules="""\
handshake: {echo: $.challenge}
phone: $.event.columnValues.phone.phone
variables: {name: $.event.pulseName}
dedupe: {key: [$.event.triggerUuid]}
""",
        body=json_body(
            {
                "event": {
                    "pulseName": "Lee Example",
                    "columnValues": {"phone": {"phone": "+12025550160"}},
                    "triggerUuid": "u1",
                }
            }
        ),
        expected=rings("+12025550160", name="Lee Example"),
    ),
    Sender(
        name="shopify",
        auth=f"{{hmac: {{header: X-Shopify-Hmac-SHA256, secret: {KEY}, encoding: base64}}}}",
        prove=lambda body: signed64("X-Shopify-Hmac-SHA256", KEY, body),
        rules="""\
when: {path: $.test, not_equals: true, reason: is_test}
phone:
  paths: [$.phone, $.customer.phone, $.shipping_address.phone]
  region: {path: $.shipping_address.country_code, default: US}
variables: {name: $.customer.first_name, order: $.name, total: $.total_price}
dedupe: {key: [$.id]}
""",
        body=json_body(
            {
                "id": 820000000000000001,
                "name": "#1001",
                "test": False,
                "phone": None,
                "total_price": "150.90",
                "customer": {"first_name": "Dee", "phone": None},
                "shipping_address": {"phone": "202-555-0163", "country_code": "US"},
            }
        ),
        expected=rings("+12025550163", name="Dee", order="#1001", total="150.90"),
    ),
    Sender(
        name="zoho-notification",
        auth=f"{{body: {{path: $.token, value: {KEY}}}}}",
        rules="""\
each: $.ids[*]
phone: $.phone
dedupe: {key: [$]}
""",
        body=json_body({"module": "Leads", "operation": "insert", "ids": ["1"], "token": KEY}),
        expected=rings_not("refused", "phone_missing"),  # it names a record: nothing to ring
    ),
)
