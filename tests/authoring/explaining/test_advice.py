"""Promises about what `try` advises: no name for a phone or a company, and no body as a path."""

from typing import Any

import pytest

from adapter.authoring.explaining.explanation import Explanation, explain
from adapter.authoring.key_words import is_body
from adapter.mapping.mapping import Route, SourceMapping, Variable
from adapter.mapping.path_text import key_segment
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import PhoneRule
from adapter.mapping.values import PathSource, Value, View
from tests.authoring.drafting.drafts import drafted

PHONE = "+12025550123"


def _path(text: str) -> PathSource:
    return PathSource(path=compile_path(text))


def _explained(document: Any, phone: str, name: str = "name", at: str = "$.name") -> Explanation:
    mapping = SourceMapping(
        routes=(Route(guard=None, agent="sales"),),
        phone=PhoneRule(sources=(_path(phone),)),
        variables=(Variable(name=name, value=Value(source=_path(at))),),
    )
    (explanation,) = explain(mapping, View(document=document))
    return explanation


PHONES: list[tuple[str, Any, list[str]]] = [
    ("$.contact_phone", {"contact": "Ada Example", "tel": PHONE}, ["phone: $.tel"]),
    ("$.phone_number", {"phone_name": "Ada Example"}, []),
    ("$.phone_number", {"phone_name": "Ada Example", "Phone Number": PHONE}, ["Phone Number"]),
    ("$.lead.phone", {"lead": {"phone_name": "Ada"}, "phone": ["Ada", "Example"]}, []),
    ("$.fone", {"phone": True}, []),
    ("$.fone", {"phone": [PHONE]}, ["phone: $.phone"]),
    ("$.phone", {"phone": {"name": "Ada", "label": "home"}}, []),
    ("$.phone", {"phone": {"name": "Ada", "number": PHONE}}, ["phone: $.phone.number"]),
]


@pytest.mark.parametrize(("written", "document", "fixes"), PHONES)
def test_no_name_is_advised_for_a_phone(written: str, document: Any, fixes: list[str]) -> None:
    """What has no digit is no number, however near its key is."""
    seen = _explained(document, written)
    assert [fix in found.write for fix, found in zip(fixes, seen.phone.fixes, strict=True)] == [
        True for _ in fixes
    ]
    hints = [hint for tried in seen.phone.tries for look in tried.looks for hint in look.hints]
    assert not any("Ada" in hint or "did you mean $.contact?" in hint for hint in hints)


COMPANIES: list[tuple[str, str, Any, list[str]]] = [
    ("company", "$.company_name", {"name": "Ada"}, []),
    ("firm", "$.company_name", {"name": "Ada", "full_name": "Ada Example"}, []),
    ("company", "$.nam", {"name": "Ada"}, []),
    ("company", "$.company_name", {"name": "Ada", "companyName": "Roe"}, ["$.companyName"]),
    ("company", "$.company.nam", {"company": {"name": "Roe"}}, ["$.company.name"]),
    ("name", "$.fullname", {"full_name": "Ada"}, ["$.full_name"]),
]


@pytest.mark.parametrize(("name", "written", "document", "paths"), COMPANIES)
def test_no_persons_name_is_advised_for_a_company(
    name: str, written: str, document: Any, paths: list[str]
) -> None:
    """A voice that greets Ada as the firm Ada is wrong; no advice is better."""
    (variable,) = _explained({"phone": PHONE, **document}, "$.phone", name, written).variables
    assert [near for look in variable.looks for near in look.near] == paths
    assert len(variable.fixes) == len(paths)


BODIES = [
    '{"name":"Ada","phone":" 12025550123","x":"a',
    '  {"phone"',
    "{'phone': '1'",
    '[{"phone":"1"}]',
    "<?xml version",
    "<lead><phone>12025550123</phone></lead>",
]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_no_path(body: str) -> None:
    """One that came as a form and is broken is said to be so, and none of it is a key."""
    document = {body: f"{PHONE} b"}
    seen = _explained(document, "$.phone")
    shown = str(seen)
    assert "read as a form, and is broken" in shown
    assert body.strip() not in shown
    assert key_segment(body) not in shown
    assert seen.phone.fixes == ()
    inside = _explained({"phone": {body: PHONE}}, "$.phone")
    assert inside.phone.fixes == ()
    assert body.strip() not in drafted(document, region="US").text


@pytest.mark.parametrize("key", ["[name]", "{", "<", "name", "<3 solar", "(phone)", "[]"])
def test_a_fields_name_is_no_body(key: str) -> None:
    """However a form builder writes it."""
    assert not is_body(key)
