"""Promises about drafts of webhooks that name a record and have no phone."""

from typing import Any

import pytest

from adapter.authoring.drafting.draft import compile_text
from adapter.compiler.keys.context import MappingContext
from adapter.mapping.values import View
from tests.authoring.drafting.drafts import drafted, mapping_of

BITRIX = {
    "event": "ONCRMLEADADD",
    "data": {"FIELDS": {"ID": "271"}},
    "ts": "1772441940",
    "auth": {"application_token": "51856fefc120afa4b628cc82d3935cce", "member_id": "m271"},
}
NAMED: list[tuple[Any, str, Any]] = [
    (BITRIX, "$.data.FIELDS.ID", "$.data.FIELDS.ID"),
    ({"event": "lead.new", "lead_id": 7, "form_id": 8}, "$.lead_id", "$.lead_id"),
    ({"event": "new", "data": {"lead": {"id": "L7"}}}, "$.data.lead.id", None),
    ({"objectId": 7, "subscriptionType": "contact.creation"}, "$.objectId", None),
]


@pytest.mark.parametrize(("document", "path", "key"), NAMED)
def test_a_look_up_is_drafted_as_a_remark(document: Any, path: str, key: Any) -> None:
    """Its lines are a mapping as they stand, once the vendor's address is right."""
    draft = drafted(document)
    assert draft.parts.record is not None
    if key is not None:
        assert mapping_of(draft)["dedupe"]["key"] == key
    source, problems = compile_text("shop", _uncommented(draft.text), _AROUND)
    assert source is not None, problems
    (lookup,) = source.mapping.lookups
    found = draft.parts.record.text
    assert lookup.url.filled(View(document=document)).endswith(f"/records/{found}")
    assert draft.parts.record.path == path
    assert "${SHOP_API_TOKEN}" in draft.text


@pytest.mark.parametrize(
    "document",
    [
        {"event": "new", "form_id": "F7", "user": {"id": "U7"}},
        {"event": "new", "data": {"fields": {"id": ""}}},
        {"lead_id": 7, "phone": "+12025550188"},
    ],
)
def test_what_names_no_record_or_has_a_phone_gets_none(document: Any) -> None:
    """A form's or an owner's id has no phone behind it."""
    draft = drafted(document)
    assert draft.parts.record is None
    assert "# lookup:" not in draft.text


_AROUND = MappingContext(agent_variables={"sales": ()}, public_url="https://hooks.example.com")


def _uncommented(text: str) -> str:
    """Return the draft with its look-up in force, and the guessed phone and the examples gone."""
    head, _, rest = text.partition("# lookup:\n")
    remark, _, below = rest.partition("\nphone:\n")
    _, _, after = below.partition("\n\n")
    lookup = "\n".join(line.removeprefix("# ") for line in remark.splitlines())
    kept, _, _ = after.partition("examples:\n")
    return f"{head}lookup:\n{lookup}\n\n{kept}"
