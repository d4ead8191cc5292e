"""A compiled mapping: one view of a request → its calls."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from adapter.mapping.dedupe import Dedupe
from adapter.mapping.guards import compile_comparison
from adapter.mapping.mapping import NamedGuard, Route, SourceMapping, Variable
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import PhoneRule, Region
from adapter.mapping.values import Constant, Origin, PathSource, Value, View
from adapter.model import MappedCall, State
from adapter.values.text import fold
from tests.harness.documents import DOCUMENTS


def path(text: str, origin: Origin = Origin.ITEM) -> PathSource:
    """Return a source from a path's text."""
    return PathSource(path=compile_path(text), origin=origin)


def guard(text: str, reason: str) -> NamedGuard:
    """Return a guard that asks for `yes` at a path."""
    return NamedGuard(guard=compile_comparison(path(text), "equals", "yes"), reason=reason)


MAPPING = SourceMapping(
    when=(guard("$.lead", "not_a_lead"), guard("$.consent", "no_consent")),
    routes=(
        Route(guard=compile_comparison(path("$.team"), "equals", "care"), agent="care"),
        Route(guard=compile_comparison(path("$.team"), "exists", True), agent="sales"),
    ),
    phone=PhoneRule(sources=(path("$.phone"),), region=Region(fixed="ES")),
    variables=(
        Variable(name="name", value=Value(source=path("$.name"), required=True)),
        Variable(name="product", value=Value(source=Constant(text="Solar"))),
        Variable(name="city", value=Value(source=path("$.city"))),
    ),
    occurred_at=path("$.at"),
)
LEAD = {
    "lead": "yes",
    "consent": "yes",
    "team": "sales",
    "phone": "612 345 678",
    "name": " Ana ",
    "at": 1714996800,
}


def call(document: Any, mapping: SourceMapping = MAPPING) -> MappedCall:
    """Return the one call that a document makes."""
    (mapped,) = mapping.calls(View(document=document))
    return mapped


def test_a_lead() -> None:
    """A lead becomes a call to ring, complete, with a key and the paths that matched."""
    mapped = call(LEAD)
    assert mapped == MappedCall(
        state=State.WAITING,
        reason="new",
        agent="sales",
        phone="+34612345678",
        variables={"name": "Ana", "product": "Solar", "city": ""},
        keys=mapped.keys,
        occurred_at=datetime(2024, 5, 6, 12, 0, tzinfo=UTC),
        matched={"phone": "$.phone", "name": "$.name"},
    )
    assert len(mapped.keys) == 1


@pytest.mark.parametrize(
    ("change", "state", "reason", "agent", "phone"),
    [
        ({"lead": "no", "consent": "no"}, "ignored", "not_a_lead", None, None),
        ({"consent": None, "team": None}, "ignored", "no_consent", None, None),
        ({"team": None, "phone": None}, "refused", "no_route", None, None),
        ({"phone": None, "name": None}, "refused", "phone_missing", "sales", None),
        ({"phone": "803123456"}, "refused", "phone_not_allowed", "sales", None),
        ({"team": "care", "phone": "x"}, "refused", "phone_invalid", "care", None),
        ({"name": None}, "refused", "variable_missing", "sales", "+34612345678"),
        ({"name": {"x": 1}}, "refused", "not_a_scalar", "sales", "+34612345678"),
    ],
)
def test_first_refusal_wins(
    change: dict[str, Any], state: str, reason: str, agent: str | None, phone: str | None
) -> None:
    """Guards, route, phone and variables decide in this order; what is known is still shown."""
    mapped = call(LEAD | change)
    assert (mapped.state, mapped.reason, mapped.agent, mapped.phone) == (
        state,
        reason,
        agent,
        phone,
    )
    assert mapped.keys == ()
    assert mapped.variables == {}
    assert bool(mapped.detail) is (state == "refused")
    assert mapped.occurred_at is not None


def test_details_name_the_variable() -> None:
    """A refusal says which variable and path failed."""
    detail = call(LEAD | {"name": {"x": "secret"}}).detail
    assert detail.startswith("variable 'name': $.name: expected one value")
    assert "secret" not in detail


EACH = replace(MAPPING, each=compile_path("$.people[*]"))


@pytest.mark.parametrize(
    ("document", "phones"),
    [
        ({"people": [LEAD, None, LEAD | {"phone": "612345679"}]}, ["+34612345678", "+34612345679"]),
        ({"people": LEAD}, ["+34612345678"]),
        ({"people": []}, []),
        ({}, []),
    ],
)
def test_each(document: Any, phones: list[str]) -> None:
    """There is a call for each item, and none where there are no items."""
    assert [mapped.phone for mapped in EACH.calls(View(document=document))] == phones


def test_each_keeps_query_and_headers() -> None:
    """Inside `each`, only `$` is the item."""
    variable = Variable(name="utm", value=Value(source=path("$.utm", Origin.QUERY)))
    mapping = replace(EACH, variables=(variable,))
    (mapped,) = mapping.calls(View(document={"people": LEAD}, query={"utm": "x"}))
    assert mapped.variables == {"utm": "x"}


PASSTHROUGH = replace(
    MAPPING,
    variables=MAPPING.variables[1:2],
    passthrough=path("$.all"),
    agent_variables={"sales": ("product", "city")},
)


@pytest.mark.parametrize(
    ("copied", "variables"),
    [
        (
            {"Full Name": " Ana ", "n": 3, "no": None, "sub": {"x": 1}, "l": [1]},
            {"product": "Solar", "Full Name": "Ana", "n": "3", "no": "", "city": ""},
        ),
        ({"product": "Wind", "city": "Vigo"}, {"product": "Solar", "city": "Vigo"}),
        ({"bad.name": {}, "system_x": []}, {"product": "Solar", "city": ""}),
        ([], {"product": "Solar", "city": ""}),
        (None, {"product": "Solar", "city": ""}),
    ],
)
def test_passthrough(copied: Any, variables: dict[str, str]) -> None:
    """Scalars are copied, explicit variables win, and what the script references is there."""
    mapped = call(LEAD | {"all": copied}, PASSTHROUGH)
    assert mapped.variables == variables
    assert list(mapped.variables) == list(variables)


@pytest.mark.parametrize(
    ("copied", "reason", "detail"),
    [
        ({"bad.name": 1}, "variable_not_allowed", "a key of $.all: a variable's name"),
        ({"VoiceB_x": 1}, "variable_not_allowed", "'VoiceB_x' begins"),
        ([1], "variable_not_allowed", "expects an object at $.all"),
        ("x", "variable_not_allowed", "expects an object at $.all"),
        ({"n": float("inf")}, "not_a_scalar", "$.all.n: the number"),
    ],
)
def test_passthrough_refuses(copied: Any, reason: str, detail: str) -> None:
    """Ill-formed and reserved names refuse the call."""
    mapped = call(LEAD | {"all": copied}, PASSTHROUGH)
    assert (mapped.state, mapped.reason) == ("refused", reason)
    assert detail in mapped.detail


def test_passthrough_names_its_path() -> None:
    """Copied variables are matched by the object's path."""
    assert call(LEAD | {"all": {"n": 1}}, PASSTHROUGH).matched == {"phone": "$.phone", "n": "$.all"}


def test_a_document_too_deep_is_refused() -> None:
    """`each` over a document too deep for its path is a refusal, not an error."""
    document: Any = {}
    for _ in range(5_000):
        document = {"k": document}
    mapping = replace(MAPPING, each=compile_path("$..k[?(@.v != $.x)]"))
    assert call(document, mapping).reason == "malformed_body"


WIDE = SourceMapping(
    each=compile_path("$.items[*]"),
    when=(NamedGuard(guard=compile_comparison(path("$.b"), "not_equals", "no")),),
    routes=(Route(guard=None, agent="sales"),),
    phone=PhoneRule(sources=(path("$.phone"), path("$..a")), region=Region(fixed="ES")),
    variables=(Variable(name="a", value=Value(source=path("$.a"), join=" ")),),
    passthrough=path("$"),
    occurred_at=path("$.b"),
    dedupe=Dedupe(key=(path("$.b"), path("$.items"))),
)


@given(document=DOCUMENTS)
def test_any_document_maps_to_calls_or_named_refusals(document: Any) -> None:
    """Whatever a sender writes, calls are complete, and refusals are named."""
    for mapping in (WIDE, replace(WIDE, each=None)):
        for mapped in mapping.calls(View(document=document)):
            assert mapped.reason
            assert (mapped.state is State.WAITING) is bool(mapped.keys)
            assert mapped.state is not State.WAITING or mapped.phone
            for text in mapped.variables.values():
                assert text == fold(text)
                text.encode()


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        (" Europe/Madrid ", "Europe/Madrid"),
        ("America/New_York", "America/New_York"),
        ("Madrid", ""),
        ("../../etc/passwd", ""),
        ("", ""),
        (None, ""),
        (3600, ""),
        ({"name": "Europe/Madrid"}, ""),
    ],
)
def test_a_time_zone_is_taken_by_its_name(written: Any, zone: str) -> None:
    """What names no zone is as if it were not there, and the call is made all the same."""
    made = call({**LEAD, "tz": written}, replace(MAPPING, timezone=path("$.tz")))
    assert (made.state, made.timezone) == (State.WAITING, zone)
    assert call(LEAD).timezone == ""


def test_from_document_reads_past_the_item() -> None:
    """Where `each` made items, `$` is one, and `from: document` the whole; without it the same."""
    kind = Variable(name="kind", value=Value(source=path("$.kind", Origin.DOCUMENT)))
    plain = replace(MAPPING, when=(), occurred_at=None, variables=(kind,))
    batch = replace(plain, each=compile_path("$.leads[*]"))
    lead = LEAD | {"kind": "of the lead"}
    (mapped,) = batch.calls(View(document={"kind": "of the webhook", "leads": [lead]}))
    assert mapped.variables == {"kind": "of the webhook"}
    assert call(lead, plain).variables == {"kind": "of the lead"}
