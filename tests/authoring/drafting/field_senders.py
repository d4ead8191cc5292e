"""Requests in the shapes of tools that send messages, bookings and forms, with invented people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

LEAD = "+12025550123"
OWN = "+12025550199"
AT = "2026-03-02T08:59:00.000Z"
_SID = "0123456789abcdef0123456789abcdef"
_CAPTCHA = "03AGdBq24PBCbwiDRaS_MJ7Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldSender:
    """A request, and what a person would draft for it.

    `phone` is the path or template, None where nobody's number may be taken; `guard` is the path
    of the event. What is not said of a draft must not stand in it.
    """

    document: Any = None
    fields: Sequence[tuple[str, str]] = ()
    phone: str | None
    each: str | None = None
    key: Any = None
    guard: str | None = None
    zone: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None

    @property
    def request(self) -> dict[str, Any]:
        """The arguments of a draft."""
        if not self.fields:
            return {"document": self.document, "region": self.region}
        body = urlencode(self.fields).encode()
        kind = "application/x-www-form-urlencoded"
        return {"body": body, "content_type": kind, "region": self.region}


def _whatsapp(**content: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": OWN[1:], "phone_number_id": "106540352242922"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **content}
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


_CONTACT = {"profile": {"name": "Ada Example"}, "wa_id": LEAD[1:]}
_MESSAGE = {
    "from": LEAD[1:],
    "id": "wamid.HBgLMTIwMjU1NTAxMjMV",
    "timestamp": "1772441940",
    "type": "text",
    "text": {"body": "Please ring me"},
}
_STATUS = {"id": "wamid.X1", "status": "delivered", "recipient_id": LEAD[1:]}
_ORGANIZER = {"name": "Sam Seller", "timeZone": "Europe/London", "phoneNumber": OWN}
_BOOKED = {
    "title": "Intro between Sam Seller and Ada Example",
    "organizer": _ORGANIZER,
    "responses": {
        "name": {"label": "your_name", "value": "Ada Example"},
        "attendeePhoneNumber": {"label": "phone_number", "value": LEAD},
    },
    "attendees": [{"name": "Ada Example", "timeZone": "America/New_York"}],
    "bookingId": 91,
    "eventTypeId": 2,
    "status": "ACCEPTED",
}
_SELLER = {"id": 5, "name": "Seller", "timezone": "Europe/Madrid"}

FIELD_SENDERS: dict[str, FieldSender] = {
    "WhatsApp's cloud": FieldSender(
        document=_whatsapp(contacts=[_CONTACT], messages=[_MESSAGE]),
        region="DE",
        phone="+{$.from}",
        each="$.entry[*].changes[?(@.field=='messages')].value.messages[*]",
        key="$.id",
        variables={"message": "$.text.body"},
    ),
    "WhatsApp's cloud, a status": FieldSender(document=_whatsapp(statuses=[_STATUS]), phone=None),
    "WhatsApp's id alone": FieldSender(document=_whatsapp(contacts=[_CONTACT]), phone="+{$.wa_id}",
        each="$.entry[*].changes[?(@.field=='messages')].value.contacts[*]"),
    "360dialog": FieldSender(
        document={"contacts": [_CONTACT], "messages": [{**_MESSAGE, "text": "Please ring me"}]},
        phone="+{$.from}",
        each="$.messages[*]",
        key="$.id",
    ),
    "Wati": FieldSender(
        document={
            "id": "640c8f", "created": AT, "text": "Hi there", "type": "text", "waId": LEAD[1:],
            "eventType": "message", "statusString": "SENT", "operatorName": "Sam Seller",
            "senderName": "Ada Example",
        },
        phone="+{$.waId}",
        key="$.id",
        variables={"name": "$.senderName", "text": "$.text"},
    ),
    "Twilio's texts": FieldSender(
        fields=[
            ("ToCountry", "US"), ("ToState", "DC"), ("SmsStatus", "received"), ("To", OWN),
            ("MessageSid", f"SM{_SID}"), ("AccountSid", f"AC{_SID}"), ("Body", "Please ring me"),
            ("From", LEAD), ("FromState", "DC"), ("ApiVersion", "2010-04-01"),
        ],
        phone="$.From",
        key="$.MessageSid",
        variables={"message": "$.Body"},
    ),
    "Twilio's WhatsApp": FieldSender(
        fields=[
            ("ProfileName", "Ada Example"), ("WaId", LEAD[1:]), ("Body", "Please ring me"),
            ("To", f"whatsapp:{OWN}"), ("From", f"whatsapp:{LEAD}"), ("MessageSid", f"SM{_SID}"),
        ],
        phone="$.From",
        key="$.MessageSid",
        variables={"name": "$.ProfileName", "message": "$.Body"},
    ),
    "Twilio's calls": FieldSender(
        document={
            "CallSid": f"CA{_SID}", "CallStatus": "completed", "Direction": "inbound",
            "Called": OWN, "To": OWN, "From": LEAD, "AccountSid": f"AC{_SID}",
        },
        phone="$.From",
        key="$.CallSid",
    ),
    "Twilio's calls, its own": FieldSender(
        document={"CallSid": f"CA{_SID}", "Direction": "outbound-api", "To": LEAD, "From": OWN},
        phone=None,
        key="$.CallSid",
    ),
    "Telnyx": FieldSender(
        document={
            "data": {
                "event_type": "message.received",
                "id": "b301ed3f-1490-491f-995f-6e64e69674d4",
                "occurred_at": AT,
                "payload": {
                    "direction": "inbound",
                    "from": {"carrier": "Cell Co", "line_type": "long_code", "phone_number": LEAD},
                    "messaging_profile_id": "740572b6-099c-44a1-89b9-6c92163bc68d",
                    "to": [{"carrier": "Telnyx", "phone_number": OWN}],
                },
            }
        },
        phone="$.data.payload.from.phone_number",
        key=["$.data.id", "$.data.event_type"],
        guard="$.data.event_type",
    ),
    "Vonage": FieldSender(
        document={
            "to": OWN[1:], "from": LEAD[1:], "channel": "sms", "message_type": "text",
            "message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "text": "Please ring me",
        },
        region="DE",
        phone="+{$.from}",
        key="$.message_uuid",
        variables={"text": "$.text"},
    ),
    "MessageBird": FieldSender(
        document={"id": "m1", "recipient": OWN[1:], "originator": LEAD[1:], "body": "ring me"},
        phone="+{$.originator}",
        key="$.id",
        variables={"message": "$.body"},
    ),
    "Chatwoot": FieldSender(
        document={
            "event": "message_created", "id": "1", "content": "Please ring me",
            "message_type": "incoming", "content_type": "text",
            "sender": {"id": "5", "name": "Ada Example", "phone_number": LEAD},
            "inbox": {"id": 2, "phone_number": OWN},
        },
        phone="$.sender.phone_number",
        key=["$.id", "$.event"],
        guard="$.event",
        variables={"name": "$.sender.name", "content": "$.content"},
    ),
    "Cal.com": FieldSender(
        document={"triggerEvent": "BOOKING_CREATED", "createdAt": AT, "payload": _BOOKED},
        phone="$.payload.responses.attendeePhoneNumber.value",
        key="$.payload.bookingId",
        guard="$.triggerEvent",
        zone="$.payload.attendees[0].timeZone",
        variables={"name": "$.payload.responses.name.value"},
    ),
    "Cal.com, of attendees": FieldSender(
        document={
            "triggerEvent": "BOOKING_CREATED",
            "payload": {
                "organizer": _ORGANIZER,
                "attendees": [
                    {"name": "Ada Example", "phoneNumber": LEAD, "timeZone": "America/New_York"}
                ],
            },
        },
        phone="$.phoneNumber",
        each="$.payload.attendees[*]",
        guard="$.triggerEvent",
        zone="$.timeZone",
        variables={"name": "$.name"},
    ),
    "Calendly": FieldSender(
        document={
            "event": "invitee.created",
            "payload": {
                "uri": "https://api.calendly.example/invitees/I1",
                "name": "Ada Example",
                "timezone": "America/New_York",
                "text_reminder_number": LEAD,
                "scheduled_event": {"event_type": "x", "user_timezone": "Europe/London"},
            },
        },
        phone="$.payload.text_reminder_number",
        key=["$.payload.uri", "$.event"],
        guard="$.event",
        zone="$.payload.timezone",
        variables={"name": "$.payload.name"},
    ),
    "GoHighLevel": FieldSender(
        document={
            "first_name": "Ada", "phone": LEAD, "timezone": "America/New_York",
            "contact_id": "sx6wyHhbFdRXh302Lunr", "contact_type": "lead",
            "location": {"id": "ve9E", "phone": OWN, "timeZone": "America/Los_Angeles"},
            "user": {"firstName": "Sam", "phone": "+12025550198"},
            "workflow": {"id": "w1", "name": "New lead"},
        },
        phone="$.phone",
        key="$.contact_id",
        zone="$.timezone",
        variables={"first_name": "$.first_name"},
    ),
    "Kommo": FieldSender(
        fields=[
            ("contacts[add][0][id]", "9500"), ("contacts[add][0][name]", "Ada Example"),
            ("contacts[add][0][custom_fields][0][id]", "111"),
            ("contacts[add][0][custom_fields][0][name]", "Phone"),
            ("contacts[add][0][custom_fields][0][values][0][value]", LEAD),
            ("account[id]", "100"), ("account[subdomain]", "seller"),
        ],
        phone="$.custom_fields[?(@.name=='Phone')].values[*].value",
        each="$.contacts.add[*]",
        key="$.id",
        variables={"name": "$.name"},
    ),
    "Bitrix24's forms": FieldSender(
        fields=[
            ("LEAD_NAME", "Ada"), ("LEAD_PHONE", LEAD), ("AGREEMENT_1", "Yes, I agree"),
            ("LEAD_COMMENTS", "In the morning"), ("g-recaptcha-response", _CAPTCHA),
        ],
        phone="$.LEAD_PHONE",
        variables={"name": "$.LEAD_NAME", "message": "$.LEAD_COMMENTS"},
    ),
    "Elementor": FieldSender(
        fields=[
            ("Name", "Ada Example"), ("Phone", LEAD), ("Message", "Solar please"),
            ("Date", "March 2, 2026"), ("Powered by", "Elementor"), ("Consent", "I agree"),
            ("form_name", "New Form"),
        ],
        phone="$.Phone",
        variables={"name": "$.Name", "message": "$.Message", "form": "$.form_name"},
    ),
    "Contact Form 7": FieldSender(
        document={
            "your-name": "Ada Example", "your-phone": "(202) 555-0123", "_wpcf7_locale": "en_US",
            "acceptance-381": "I accept", "your-consent": ["Yes, call me"],
            "_wpcf7_recaptcha_response": _CAPTCHA, "cf-turnstile-response": "0.abc-def",
        },
        region="US",
        phone="$.your-phone",
        variables={"name": "$.your-name"},
    ),
    "Ninja Forms": FieldSender(
        fields=[
            ("name_1", "Ada Example"), ("phone_3", "(202) 555-0123"), ("recaptcha_6", "abc def"),
            ("agree_7", "Checked"), ("roof_8", "flat"),
        ],
        region="US",
        phone="$.phone_3",
        variables={"name": "$.name_1", "roof_8": "$.roof_8"},
    ),
    "Fluent Forms": FieldSender(
        document={
            "names": {"first_name": "Ada"}, "phone": LEAD, "gdpr-agreement": "on",
            "_fluentform_3_fluentformnonce": "abcdef", "h-captcha-response": "abc def",
        },
        phone="$.phone",
        variables={"first_name": "$.names.first_name"},
    ),
    "Tally": FieldSender(
        document={
            "eventType": "FORM_RESPONSE",
            "data": {
                "submissionId": "s1",
                "fields": [
                    {"key": "question_1", "label": "Name", "value": "Ada Example"},
                    {"key": "question_2", "label": "Phone", "value": LEAD},
                    {"key": "question_3", "label": "Do you agree?", "value": "Yes, I do"},
                    {"key": "question_4", "label": "Roof", "value": "solar_tiles"},
                ],
            },
        },
        phone="$.data.fields[?(@.label=='Phone')].value",
        key="$.data.submissionId",
        guard="$.eventType",
        variables={
            "name": "$.data.fields[?(@.label=='Name')].value",
            "roof": "$.data.fields[?(@.label=='Roof')].value",
        },
    ),
    "a CRM's own": FieldSender(
        document={
            "lead": {"name": "Ada Example", "mobile": LEAD, "timezone": "America/New_York"},
            "agent": {"name": "Sam", "timezone": "Europe/London"},
            "account": _SELLER,
        },
        phone="$.lead.mobile",
        zone="$.lead.timezone",
        variables={"name": "$.lead.name", "company": "$.account.name"},
    ),
    "a call tracker": FieldSender(
        document={
            "id": "CAL1", "direction": "inbound", "business_phone_number": OWN,
            "customer_name": "Ada Example", "customer_phone_number": LEAD,
            "tracking_phone_number": "+12025550198", "company_time_zone": "America/Los_Angeles",
        },
        phone="$.customer_phone_number",
        key="$.id",
        variables={"name": "$.customer_name"},
    ),
}  # fmt: skip
