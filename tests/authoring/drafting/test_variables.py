"""Promises about variables: what is taken, what is left alone, and what a script needs."""

from typing import Any

import pytest

from adapter.mapping.variable_names import variable_name_fault
from tests.authoring.drafting.drafts import drafted, mapping_of

US = "+12025550188"


def _variables(document: Any, *needed: str) -> dict[str, Any]:
    found: dict[str, Any] = mapping_of(drafted(document, needed=needed)).get("variables") or {}
    assert all(variable_name_fault(name) is None for name in found)
    return found


def test_names_and_wishes_are_taken() -> None:
    """By their keys, in several languages, and a form's other answers by their own."""
    lead = {
        "phone": US,
        "Vorname": "Zoe",
        "apellidos": "Roe",
        "empresa": "Roe SL",
        "mensaje": "hola",
        "Roof type?": "flat",
    }
    assert _variables(lead) == {
        "first_name": "$.Vorname",
        "last_name": "$.apellidos",
        "company": "$.empresa",
        "message": "$.mensaje",
        "roof_type": "$['Roof type?']",
    }


SKIPPED: list[dict[str, Any]] = [
    {"id": "A1b2c3d4e5"},
    {"page_url": "https://x.example/a"},
    {"utm_source": "spring"},
    {"ip": "198.51.100.7"},
    {"consent": "I agree"},
    {"api_key": "s3cretvalue"},
    {"token": "abc"},
    {"email": "zoe@x.example"},
    {"created_at": "2026-01-01T10:00:00Z"},
    {"visit": "2026-01-01 10:00"},
    {"reference": "AB-123456"},
    {"state": "Spain"},
    {"age": 44},
    {"is_new": True},
    {"essay": "x" * 301},
    {"html": "<b>x</b>"},
    {"tags": []},
    {"row": ["Zoe Roe", "+12025550189", "zoe@x.example"]},
    {"nothing": ""},
    {"owner_name": "Max"},
    {"fax": "none"},
    {"wish": "12345678"},
    {"---": "words"},
]


@pytest.mark.parametrize("more", SKIPPED, ids=lambda more: next(iter(more)))
def test_what_no_voice_says_is_left_alone(more: dict[str, Any]) -> None:
    """Ids, links, flags, dates, secrets, and what others said."""
    assert _variables({"phone": US, **more}) == {}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"first": "Maria", "last": "Lopez"}, {"first_name": "first", "last_name": "last"}),
        (
            {"vorname": "Maria", "nachname": "Lopez"},
            {"first_name": "vorname", "last_name": "nachname"},
        ),
        ({"nombre": "Maria", "apellido": "Lopez"}, {"last_name": "apellido", "name": "nombre"}),
    ],
)
def test_a_name_in_parts_is_a_name(names: dict[str, str], found: dict[str, str]) -> None:
    """In an object of its own."""
    lead = {"contact": {"names": names, "phone": US}}
    assert _variables(lead) == {name: f"$.contact.names.{key}" for name, key in found.items()}


def test_all_that_the_script_needs_is_there() -> None:
    """By its own key, one like it, one that means it, and else a constant to mend."""
    lead = {"phone": US, "first_name": "Zoe", "RoofType": "flat", "kidsNames": "x", "interest": "Y"}
    found = _variables(lead, "name", "roof_type", "kids_name", "product", "budget", "kidsnames")
    assert found == {
        "name": "$.first_name",
        "roof_type": "$.RoofType",
        "kids_name": "$.kidsNames",
        "product": "$.interest",
        "budget": "",
        "kidsnames": "$.kidsNames",
    }
    text = drafted(lead, needed=("budget",)).text
    assert "# The script wants it and the sample has no such key: write its path" in text


def test_a_first_name_is_not_given_for_a_company() -> None:
    """A company's name is `company`; a form's is `form`; an order's lines are products."""
    order = {
        "customer": {"phone": US, "fullName": "Zoe Roe"},
        "company": {"name": "Roe Ltd", "city": "Utrecht"},
        "form_title": "Offer",
        "line_items": [{"title": "Pump"}, {"title": "Tile"}],
    }
    found = _variables(order, "name", "first_name")
    assert found["name"] == "$.customer.fullName"
    assert found["first_name"] == "$.customer.fullName"
    assert found["company"] == "$.company.name"
    assert found["product"]["path"] == "$.line_items[*].title"
    assert "city" not in found


def test_what_was_booked_is_the_product() -> None:
    """An event type's name is nobody's."""
    booked = {"phone": US, "scheduled_event": {"name": "Roof advice"}}
    assert _variables(booked) == {"product": "$.scheduled_event.name"}


def test_what_stands_beside_a_wrapped_value_is_about_it() -> None:
    """The fields beside it are the person's other answers."""
    fields = {"tel": {"title": "Ring", "value": US}, "roof": {"title": "Roof", "value": "flat"}}
    assert _variables({"fields": fields}) == {"roof": "$.fields.roof.value"}
    answers = {"7": {"name": "Phone", "answer": US}, "8": {"name": "Roof", "answer": "flat"}}
    assert _variables({"answers": answers}) == {"roof": "$.answers['8'].answer"}


def test_a_name_far_from_the_phone_is_a_things() -> None:
    """A webhook's, an event's, a list's."""
    assert "name" not in _variables({"name": "My hook", "lead": {"phone": US, "first_name": "Zoe"}})
    assert "name" not in _variables({"name": "My hook", "lead": {"phone": US}})
    assert _variables({"itemName": "x", "pulseName": "Zoe", "lead": {"phone": US}}) == {
        "name": "$.pulseName",
        "product": "$.itemName",
    }
    assert _variables({"phone": US, "form": {"name": "Offer", "first_name": "Z"}})["form"]
    assert "name" not in _variables({"phone": US, "name": "#1001"})


def test_an_appointment_is_written_to_be_read_out() -> None:
    """Rather than as 2026-01-01T10:00:00Z."""
    at = {"start_time": "2026-01-01T10:00:00Z"}
    assert _variables({"phone": US, "appointment": "Monday"}) == {"appointment": "$.appointment"}
    assert _variables({"phone": US, **at}) == {}
    found = _variables({"phone": US, "scheduled_event": at})
    assert found["appointment"]["transform"] == {"date": "%Y-%m-%d %H:%M UTC", "timezone": "UTC"}


def test_of_a_large_document_only_the_known_is_taken() -> None:
    """Nobody wants a hundred properties of a CRM in a script."""
    properties = {f"property_{chr(97 + n // 26)}{chr(97 + n % 26)}": "word" for n in range(70)}
    assert _variables({"phone": US, "city": "Utrecht", **properties}) == {"city": "$.city"}


def test_eight_at_most() -> None:
    """And as many as the script needs."""
    answers = {f"question_{letter}": "word" for letter in "abcdefghijkl"}
    assert len(_variables({"phone": US, **answers})) == 8
    needed = [f"question_{letter}" for letter in "abcdefghij"]
    assert list(_variables({"phone": US, **answers}, *needed)) == needed


@pytest.mark.parametrize(
    ("key", "name"),
    [("2nd wish", "field_2nd_wish"), ("system state", "lead_system_state"), ("x" * 99, "x" * 40)],
)
def test_names_are_made_legal(key: str, name: str) -> None:
    """As contract §3 asks of a variable's name."""
    assert list(_variables({"phone": US, key: "word"})) == [name]
