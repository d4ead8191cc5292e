"""Promises about drafts for tools that send messages, bookings and forms."""

from typing import Any

import pytest

from tests.authoring.drafting.drafts import drafted, example_of, mapping_of, phone_of
from tests.authoring.drafting.field_senders import FIELD_SENDERS, LEAD, OWN, FieldSender

SENDERS = pytest.mark.parametrize("sender", FIELD_SENDERS.values(), ids=list(FIELD_SENDERS))


@SENDERS
def test_the_leads_number_is_taken_and_never_the_businesss(sender: FieldSender) -> None:
    """Whom the message reached, an inbox, an organizer is the business; its number rings nobody."""
    draft = drafted(**sender.request)
    assert draft.parts.phone.is_found is (sender.phone is not None)
    if sender.phone is None:
        assert example_of(draft)["calls"][0].get("phone") is None
    else:
        found = phone_of(draft)
        assert (found[0] if isinstance(found, list) else found) == sender.phone
    assert mapping_of(draft).get("each") == sender.each
    assert not any(leaf.text.endswith(OWN[1:]) for leaf in draft.parts.phone.leaves)


@SENDERS
def test_the_key_is_no_accounts_id(sender: FieldSender) -> None:
    """An account's, a workflow's or a page's would make each later lead a duplicate."""
    said = mapping_of(drafted(**sender.request))
    assert said.get("dedupe", {}).get("key") == sender.key


@SENDERS
def test_a_kind_of_event_is_guarded(sender: FieldSender) -> None:
    """Where the request names one, under whatever key, beside a list too."""
    guards = mapping_of(drafted(**sender.request)).get("when", [])
    assert [guard["path"] for guard in guards] == ([sender.guard] if sender.guard else [])
    assert all(("from" in guard) is (sender.each is not None) for guard in guards)


@SENDERS
def test_the_zone_is_the_leads_own(sender: FieldSender) -> None:
    """Not that of an organizer, an agent, a company or an account."""
    assert mapping_of(drafted(**sender.request)).get("timezone") == sender.zone


@SENDERS
def test_variables_are_what_a_person_wrote(sender: FieldSender) -> None:
    """No captcha, consent, own number or word of a machine; the name is found where it stands."""
    found = mapping_of(drafted(**sender.request))["variables"] or {}
    assert found == sender.variables


WRITERS: list[tuple[Any, str | None, Any]] = [
    ({"from": "34612345634"}, None, "+{$.from}"),
    ({"wa_id": "6512345"}, None, None),
    ({"waId": "4740612345"}, "US", "+{$.waId}"),
    ({"from": "4740612345"}, "NO", None),
    ({"from": ["34612345634"]}, None, None),
    ({"from": "34612345634", "phone": LEAD}, None, "$.phone"),
    ({"from": "34612345634", "direction": "Outgoing"}, None, None),
    ({"from": "34612345634", "direction": "incoming"}, None, "+{$.from}"),
    ({"from": "monday", "to": "friday"}, None, None),
    ({"score": "34612345634"}, None, None),
    ({"to_number": OWN, "called_phone": OWN}, None, None),
    ({"best_number_to_call": "x", "phone_to_ring": LEAD}, None, "$.phone_to_ring"),
]


@pytest.mark.parametrize(("document", "region", "phone"), WRITERS)
def test_who_wrote_in_digits_alone_is_international(
    document: Any, region: str | None, phone: str | None
) -> None:
    """As messengers say it; so no region's national number is ever made of it."""
    draft = drafted(document, region=region)
    assert draft.parts.phone.is_found is (phone is not None)
    assert phone is None or phone_of(draft) == phone


ZONES: list[tuple[Any, str | None]] = [
    ({"phone": LEAD, "attendees": [{"timeZone": "Asia/Tokyo"}]}, "$.attendees[0].timeZone"),
    ({"phone": LEAD, "attendees": [{"x": 1}, {"timeZone": "Asia/Tokyo"}]}, None),
    ({"phone": LEAD, "rooms": [{"timeZone": "Asia/Tokyo"}]}, None),
    ({"phone": LEAD, "rooms": [{"attendees": [{"timeZone": "Asia/Tokyo"}]}]}, None),
    ([{"phone": LEAD, "timeZone": "Asia/Tokyo"}], "$.timeZone"),
    ({"phone": LEAD, "business_timezone": "Asia/Tokyo"}, None),
    ({"phone": LEAD, "organizer": {"timezone": "Asia/Tokyo"}}, None),
]


@pytest.mark.parametrize(("document", "zone"), ZONES)
def test_a_listed_zone_is_that_of_the_first_attendee(document: Any, zone: str | None) -> None:
    """A list of leads by its key; any other list, or another entry, is somebody else's."""
    assert mapping_of(drafted(document)).get("timezone") == zone


NAMES: list[tuple[Any, dict[str, str]]] = [
    ({"name": "Ada", "phones": [{"number": LEAD}]}, {"name": "$.name"}),
    ({"name": "Ada", "fields": [{"id": "f1", "value": LEAD}]}, {"name": "$.name"}),
    ({"id": 7, "data": {"name": "Ada", "tel": [{"value": LEAD}]}}, {"name": "$.data.name"}),
    ({"name": "My hook", "lead": {"fields": [{"id": "f1", "value": LEAD}]}}, {}),
]


@pytest.mark.parametrize(("document", "variables"), NAMES)
def test_a_name_stands_above_the_leads_fields(document: Any, variables: dict[str, str]) -> None:
    """Beside the list that the phone is an entry of, and not further up."""
    assert (mapping_of(drafted(document))["variables"] or {}) == variables


OTHERS = ["BOOKING_RESCHEDULED", "booking.rejected", "message.sent", "lead_no_show"]


@pytest.mark.parametrize("event", OTHERS)
def test_another_event_is_no_new_lead(event: str) -> None:
    """A draft of it claims nothing about events."""
    assert "when" not in mapping_of(drafted({"phone": LEAD, "triggerEvent": event}))


PAIRS: list[tuple[Any, str, str | None]] = [
    ([{"id": "m1", "text": {"body": LEAD}}], "$.text.body", "$.list[*]"),
    ([{"id": "m1", "text": LEAD, "timestamp": 1}], "$.text", "$.list[*]"),
    ([{"id": "f1", "value": LEAD}], "$.list[?(@.id=='f1')].value", None),
    ([{"name": "tel", "value": LEAD, "timestamp": 1}], "$.list[?(@.name=='tel')].value", None),
]


@pytest.mark.parametrize(("pairs", "phone", "each"), PAIRS)
def test_an_id_of_one_message_filters_nothing(pairs: Any, phone: str, each: str | None) -> None:
    """The next message has another; a form's field keeps its own."""
    draft = drafted({"list": pairs})
    assert (phone_of(draft), mapping_of(draft).get("each")) == (phone, each)
