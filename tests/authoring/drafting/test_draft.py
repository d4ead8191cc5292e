"""Promises about any sample at all."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from adapter.admin.trial_request import build_request
from adapter.authoring.drafting import draft as drafting
from adapter.authoring.drafting.draft import compile_text, draft_mapping
from adapter.authoring.drafting.parts import Order
from adapter.compiler.keys.context import MappingContext
from adapter.errors import IntakeError
from adapter.mapping.reading import Mapped
from tests.authoring.drafting.drafts import drafted, mapping_of
from tests.harness.effort import examples

KEYS = st.sampled_from(
    [
        *("phone", "mobile", "Phone Number", "first_name", "name", "value", "label", "type", "id"),
        *(
            "event",
            "data",
            "contacts",
            "test",
            "dnd",
            "country",
            "area",
            "number",
            "company",
            "owner",
        ),
        *("fields", "field", "ref", "token", "google_key", "created_at", "timezone", "phones"),
        *(
            "primary",
            "question",
            "answer",
            "11.3",
            "11.6",
            "it's",
            "a.b",
            "${X}",
            "ä ö",
            "@x",
            "",
            "1",
        ),
    ]
) | st.text(max_size=4)
VALUES = st.sampled_from(
    [
        *(
            "+12025550188",
            "+1 415 555 0132",
            "(555) 678-1210",
            "0491 570 999",
            "Zaphod",
            "z@h2g2.test",
        ),
        *(
            "created",
            "lead",
            "true",
            "1",
            "0",
            "",
            "US",
            "Canada",
            "https://x.test/z",
            "{bad",
            "34",
        ),
        *('{"phone":"+34612345678","n":[1]}', '[{"a":1}]', "2026-01-01T10:00:00Z", "Europe/Madrid"),
        *(
            "${HOME}",
            "a: b",
            "yes",
            "phone_number",
            "text",
            "612",
            "345678",
            "555-555-SHIP",
            "<a/>",
        ),
    ]
)
SCALARS = VALUES | st.text(max_size=6) | st.integers() | st.booleans() | st.none()
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=examples(60), deadline=None)
@given(DOCUMENTS, st.sampled_from([None, "US", "ES", "AU"]))
def test_any_document_gives_a_sound_draft(document: Any, region: str | None) -> None:
    """It loads, its examples pass, it rings where there is a phone, and nobody is in it."""
    note(f"the document is {json.dumps(document, ensure_ascii=True)}, the region {region}")
    text = drafted(document, region=region, needed=("name", "product")).text
    for personal in ("Zaphod", "h2g2", "5550188", "5550132", "6781210", "612345678"):
        assert personal not in text, text


def test_what_cannot_be_read_is_refused() -> None:
    """By the decoder's own words."""
    with pytest.raises(IntakeError):
        drafted(body=b"{", content_type="application/json")


def test_a_draft_that_is_wrong_says_so() -> None:
    """It is for the caller not to write it: an agent that is not there, a text that is no YAML."""
    request = build_request(
        method="POST", query="", headers={}, content_type="", body=json.dumps({"a": 1}).encode()
    )
    made = draft_mapping(request, Order(name="shop", agent="nobody"), MappingContext())
    assert not made.is_right
    assert "adapter.yaml has no such agent" in made.problems[0]
    assert compile_text("shop", "a: [", MappingContext())[0] is None


def test_an_example_that_fails_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written that `adapter check` would find fault with."""
    monkeypatch.setattr(drafting, "_calls", lambda *_: [{"refused": "no_route"}])
    with pytest.raises(AssertionError, match="expected refused no_route"):
        drafted({"phone": "+12025550188"})


def test_a_sample_that_maps_to_nothing_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an example of what cannot be read does."""
    unreadable = SimpleNamespace(mapped=lambda: Mapped(reason="malformed_body"))
    monkeypatch.setattr(drafting, "RequestReading", lambda *_: unreadable)
    with pytest.raises(AssertionError, match="expected refused malformed_body"):
        drafted({"phone": "+12025550188"})


def test_a_path_too_long_or_of_no_use_is_passed_over() -> None:
    """As is what lies deeper or later than any lead."""
    said = mapping_of(drafted({"x" * 399: "word", "phone": "+12025550188"}))
    assert said["variables"] == {}
    many = {f"k{n}": "word" for n in range(10_100)}
    assert mapping_of(drafted({**many, "phone": "+12025550188"}))["phone"]["path"] == "$.phone"
