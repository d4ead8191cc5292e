"""Promises about dedupe keys, times, and what must not ring."""

import json
from typing import Any

import pytest

from tests.authoring.drafting.drafts import drafted, example_of, mapping_of

US = "+12025550188"
AT = "2026-01-05T10:00:00Z"

KEYS: list[tuple[dict[str, Any], Any]] = [
    ({"submissionID": "61", "id": "7"}, "$.submissionID"),
    ({"lead_id": "L1", "event_id": "e"}, "$.lead_id"),
    ({"event_id": "e1", "id": "7"}, "$.event_id"),
    ({"event": {"id": "ev_1"}}, "$.event.id"),
    ({"id": 7, "attempt_id": 3}, "$.id"),
    ({"id": 7, "event": "lead.created"}, ["$.id", "$.event"]),
    ({"vid": 151}, "$.vid"),
    ({"contact_id": "c", "type": "ContactCreated"}, ["$.contact_id", "$.type"]),
    ({"form_response": {"token": "t1", "event_id": "e"}, "event_id": "e"}, "$.form_response.token"),
    ({"form": {"id": "f1"}, "owner": {"id": "o"}}, None),
    ({"id": "", "attempt": 3, "created_at": AT}, None),
    ({"id": "two words"}, None),
    ({"gadget": {"id": "g1"}}, None),
    ({"lead": {"id": "7"}, "workflow": {"id": "w1"}}, "$.lead.id"),
    ({"user_id": "u1", "application_id": "a1", "workflow": {"contact_id": "c"}}, None),
    ({"fields": {"wish": {"id": "wish", "value": "x"}}}, None),
    ({"id": True, "uuid": "000"}, None),
    ({"id": ["a", "b"]}, None),
    ({"raw": '{"id": "7"}'}, None),
    ({"a": {"b": {"c": {"d": {"id": "deep"}}}}}, None),
]


@pytest.mark.parametrize(("more", "key"), KEYS)
def test_what_a_retry_repeats_is_the_key(more: dict[str, Any], key: Any) -> None:
    """An id of the lead or of the event, never a counter or a time."""
    draft = drafted({"phone": US, **more})
    said = mapping_of(draft)
    if key is None:
        assert "dedupe" not in said
        assert "# No dedupe key" in draft.text
    else:
        assert said["dedupe"] == {"key": key, "window": "4d"}


def test_the_key_stands_in_the_entry_of_a_list() -> None:
    """An id beside the list names all of its leads at once."""
    leads = [{"phone": US, "id": 1}, {"phone": "+12025550189", "id": 2}]
    draft = drafted({"id": "batch", "leads": leads})
    assert mapping_of(draft)["dedupe"]["key"] == "$.id"
    assert mapping_of(draft)["each"] == "$.leads[*]"


TIMES: list[tuple[dict[str, Any], str | None]] = [
    ({"submitted_at": AT}, "$.submitted_at"),
    ({"occurredAt": 1767607200000}, "$.occurredAt"),
    ({"occurredAt": "1767607200"}, "$.occurredAt"),
    ({"occurredAt": "2026-01-05T11:00:00+01:00"}, "$.occurredAt"),
    ({"submitted_at": "2026-01-05 10:00:00"}, None),
    ({"submitted_at": "yesterday"}, None),
    ({"created_at": AT}, None),
    ({"created_at": AT, "event": "lead.created"}, "$.created_at"),
    ({"created_at": AT, "event": "lead.changed"}, None),
    ({"meta": {"timestamp": AT, "action": "create"}}, "$.meta.timestamp"),
    ({"event": "lead.created", "contact": {"created_at": AT}}, None),
]


@pytest.mark.parametrize(("more", "path"), TIMES)
def test_only_the_time_of_the_event_is_the_leads(more: dict[str, Any], path: str | None) -> None:
    """A contact made years ago who enrols today is no old lead; a clock without zone is none."""
    assert mapping_of(drafted({"phone": US, **more})).get("occurred_at") == path


def test_the_leads_own_zone_is_read() -> None:
    """Not the shop's, and not what is no name of a zone."""
    assert mapping_of(drafted({"phone": US, "timezone": "Asia/Tokyo"}))["timezone"] == "$.timezone"
    for more in (
        {"timezone": "JST"},
        {"shop": {"timezone": "Asia/Tokyo"}},
        {"tz_note": "Asia/Tokyo"},
    ):
        assert "timezone" not in mapping_of(drafted({"phone": US, **more}))


FLAGS: list[tuple[dict[str, Any], str, Any, bool]] = [
    ({"is_test": True}, "test", "$.is_test", True),
    ({"test": False}, "test", "$.test", True),
    ({"do_not_call": ""}, "do_not_call", "$.do_not_call", False),
    ({"doNotPhone": "yes"}, "do_not_call", "$.doNotPhone", False),
    ({"dnd": "0"}, "do_not_call", "$.dnd", False),
    ({"lead": {"unsubscribed": True}}, "do_not_call", "$.lead.unsubscribed", True),
    ({"p": {"do_not_call": {"value": "false"}}}, "do_not_call", "$.p.do_not_call.value", False),
]


@pytest.mark.parametrize(("more", "reason", "path", "is_boolean"), FLAGS)
def test_flags_become_guards(
    more: dict[str, Any], reason: str, path: str, is_boolean: bool
) -> None:
    """And an example of their own, which rings nobody."""
    draft = drafted({"phone": US, **more})
    (guard,) = mapping_of(draft)["when"]
    assert guard["reason"] == reason
    assert guard["not"]["path"] == path
    assert ("equals" in guard["not"]) is is_boolean
    assert "phone" in example_of(draft)["calls"][0]
    assert example_of(draft, 1)["calls"] == [{"ignored": reason}]


FORMS: list[Any] = [
    [True],
    ["true"],
    ["TRUE"],
    [" Yes "],
    ["", "on"],
    [None, True],
    [1],
    [True, True],
    [True, "no"],
    "TRUE",
    " y\t",
    1,
    "x",
    [],
    [""],
    [False],
    ["0", "off"],
]


@pytest.mark.parametrize("value", FORMS, ids=repr)
@pytest.mark.parametrize("shape", ["plain", "value", "pair", "item", "text"])
def test_the_example_rings_in_whichever_form_the_flag_is_raised(value: Any, shape: str) -> None:
    """Alone, in a list, in capitals or with blanks: the example lowers it."""
    document: Any = {
        "plain": {"phone": US, "test": value},
        "value": {"phone": US, "test": {"value": value}},
        "pair": {"fields": [{"name": "phone", "value": US}, {"name": "test", "value": value}]},
        "item": {"leads": [{"phone": US, "test": value}, {"phone": US, "test": value}]},
        "text": {"lead": json.dumps({"phone": US, "test": value})},
    }[shape]
    draft = drafted(document)
    assert [guard["reason"] for guard in mapping_of(draft)["when"]] == ["test"]
    assert "phone" in example_of(draft)["calls"][0]
    assert example_of(draft, 1)["calls"] == [{"ignored": "test"}]


@pytest.mark.parametrize("value", [[[True]], [["true"], "x"], [{"a": True}], "not a word"])
def test_a_list_in_a_list_is_no_flag(value: Any) -> None:
    """Nobody says yes so, and the sample rings as it is."""
    assert "when" not in mapping_of(drafted({"phone": US, "test": value}))


@pytest.mark.parametrize(
    "more",
    [
        {"unsubscribed_from_emails": True},
        {"test": "of a boiler"},
        {"tested": True},
        {"a": {"b": {"c": {"d": {"test": True}}}}},
    ],
)
def test_what_is_no_flag_is_no_guard(more: dict[str, Any]) -> None:
    """Another channel's flag, and a word that only looks like one."""
    assert "when" not in mapping_of(drafted({"phone": US, **more}))


EVENTS: list[tuple[dict[str, Any], str | None]] = [
    ({"event": "invitee.created"}, "$.event"),
    ({"triggerType": "form_submission"}, "$.triggerType"),
    ({"type": "subscribe", "event": "contact.add"}, "$.event"),
    ({"meta": {"action": "create"}}, "$.meta.action"),
    ({"event": "contact.updated"}, None),
    ({"event": "ada.created@x.example"}, None),
    ({"a": {"b": {"event": "lead.created"}}}, None),
    ({"event": 7}, None),
]


@pytest.mark.parametrize(("more", "path"), EVENTS)
def test_the_event_of_the_sample_is_the_only_one_that_rings(
    more: dict[str, Any], path: str | None
) -> None:
    """A webhook that also tells of changes must not ring for them."""
    guards = mapping_of(drafted({"phone": US, **more})).get("when", [])
    assert [guard["path"] for guard in guards] == ([path] if path else [])
    assert all(guard["reason"] == "other_event" for guard in guards)


def test_an_event_may_stand_in_a_header() -> None:
    """The example has that header then."""
    draft = drafted(
        {"phone": US, "id": 7, "leads": [], "test": False},
        headers={"X-Shop-Topic": "orders/create", "X-Other": "lead/created"},
    )
    said = mapping_of(draft)
    assert said["when"][0] == {
        "path": "$.x-shop-topic",
        "from": "headers",
        "equals": "orders/create",
        "reason": "other_event",
    }
    assert said["dedupe"]["key"] == ["$.id", {"path": "$.x-shop-topic", "from": "headers"}]
    assert example_of(draft)["request"]["headers"] == {"x-shop-topic": "orders/create"}
    assert example_of(draft, 1)["calls"] == [{"ignored": "test"}]
