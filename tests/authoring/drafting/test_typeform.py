"""Promises about answers that name their question elsewhere, as Typeform's do."""

from typing import Any

from tests.authoring.drafting.drafts import drafted, mapping_of, phone_of


def _answer(kind: str, ref: Any, **value: Any) -> dict[str, Any]:
    return {"type": kind, "field": {"ref": ref} if ref else {}, **value}


ANSWERS = [
    _answer("phone_number", "r-tel", phone_number="+12025550188"),
    _answer("text", "r-name", text="Zoe Roe"),
    _answer("choice", "r-roof", choice={"label": "Flat"}),
    _answer("choices", "r-rooms", choices={"labels": ["Bath", "Hall"]}),
    _answer("text", "", text="of no question"),
    _answer("text", "r-wish", text="A pool"),
    _answer("text", "r-none", other="not where it should be"),
]


def test_titles_are_found_in_the_forms_definition() -> None:
    """And name the variables; the phone is found by the type of its answer."""
    fields = [
        {"ref": "r-name", "title": "*Full name*"},
        {"ref": "r-roof", "title": "Roof type"},
        {"ref": "r-rooms", "title": "Which rooms"},
    ]
    draft = drafted({"form_response": {"definition": {"fields": fields}, "answers": ANSWERS}})
    at = "$.form_response.answers"
    assert phone_of(draft) == f"{at}[?(@.type=='phone_number')].phone_number"
    assert mapping_of(draft)["variables"] == {
        "name": f"{at}[?(@.field.ref=='r-name')].text",
        "roof_type": f"{at}[?(@.field.ref=='r-roof')].choice.label",
        "which_rooms": f"{at}[?(@.field.ref=='r-rooms')].choices.labels",
        "r_wish": f"{at}[?(@.field.ref=='r-wish')].text",
    }


def test_a_title_may_stand_with_the_answer() -> None:
    """Or the id of the question must do."""
    answers = [
        {"type": "phone_number", "phone_number": "+12025550188", "field": {"id": "f1"}},
        {"type": "text", "text": "Flat", "field": {"id": "f2", "title": "Roof"}},
    ]
    found = mapping_of(drafted({"answers": answers}))["variables"]
    assert found == {"roof": "$.answers[?(@.field.id=='f2')].text"}
