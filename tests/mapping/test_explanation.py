"""An explanation never disagrees with the call that was made, and names what to mend."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.config.config import Source
from adapter.config.load import STANDALONE, load_mappings
from adapter.config.translation import document_of, view_of
from adapter.config.variables import Variables
from adapter.errors import IntakeError
from adapter.intake.request import Request
from adapter.mapping.dedupe import Dedupe
from adapter.mapping.explaining.explanation import MOST_CALLS, Explanation, each_seen, explain
from adapter.mapping.explaining.look import Fix
from adapter.mapping.explaining.pen import Pen
from adapter.mapping.guards import AllOf, AnyOf, Guard, Not, compile_comparison
from adapter.mapping.mapping import NamedGuard, Route, SourceMapping, Variable
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import PhoneRule, Region
from adapter.mapping.transforms import (
    date_transform,
    named_transform,
    replace_transform,
    transform_name,
    truncate_transform,
)
from adapter.mapping.values import Constant, PathSource, Template, Value, compile_template
from adapter.mapping.view import Origin, View
from adapter.model import MappedCall, State

from .strategies import DOCUMENTS

SHIPPED = sorted((Path(__file__).parents[2] / "mappings").glob("*.yaml"))


def path(text: str, origin: Origin = Origin.DOCUMENT) -> PathSource:
    """Return a source from a path's text."""
    return PathSource(path=compile_path(text), origin=origin)


def check_agreement(mapping: SourceMapping, view: View) -> None:
    """The explanations say of each call what the call says of itself."""
    calls = mapping.calls(view)
    explanations = explain(mapping, view)
    if not explanations and len(calls) == 1:  # `each` itself was refused
        assert (calls[0].state, calls[0].agent) == (State.REFUSED, None)
        return
    assert len(explanations) == len(calls)
    for call, seen in zip(calls, explanations, strict=True):
        _check_one(call, seen)


def _check_one(call: MappedCall, seen: Explanation) -> None:
    assert (seen.state, seen.reason) == (call.state, call.reason)
    if call.state is State.IGNORED:
        return
    assert call.agent in (None, seen.agent)
    if call.phone is not None:
        assert seen.phone.e164 == call.phone
    if call.state is State.WAITING:
        assert {each.name: each.text for each in seen.variables if each.name != "*"} == dict(
            call.variables
        )
        assert seen.dedupe.window_s == call.keys[0].window.total_seconds()
        assert seen.occurred_at is None or seen.occurred_at.text == (
            call.occurred_at.isoformat() if call.occurred_at else ""
        )
        assert seen.timezone is None or seen.timezone.text == call.timezone
    for value in seen.variables:
        assert not value.steps or value.steps[-1].after == Pen().json(value.text), value


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_agrees_over_all_shipped_examples(file: Path) -> None:
    """Every example of every shipped mapping is explained as it was mapped."""
    variables = Variables(environ={}, is_lenient=True)
    sources, _ = load_mappings([file], STANDALONE, variables)
    for source in sources.values():
        assert source.examples
        for example in source.examples:
            view = view_or_none(source, example.request)
            if view is not None:
                check_agreement(source.mapping, view)


def view_or_none(source: Source, request: Request) -> View | None:
    """Return what a mapping reads, or None for a body that nobody can read."""
    try:
        return view_of(request, document_of(source, request))
    except IntakeError:
        return None


KEYS = ["a", "b", "phone", "c d", "é", "items"]
PATHS = st.sampled_from(
    ["$", "$.a", "$.b", "$.phone", "$['c d']", "$.a.b", "$.items[*].a", "$.items[0]", "$..a"]
    + ["$.items[?(@.a=='b')].phone", "$.((a)|(b))"]
).map(path)
TEMPLATES = st.sampled_from(["{$.a} {$.b}", "+{$.a}", "x{$['c d']}"]).map(
    lambda text: compile_template(text, Origin.DOCUMENT)
)
TRANSFORMS = st.sampled_from(
    [
        named_transform("first_word"),
        named_transform("upper"),
        named_transform("digits"),
        named_transform("strip_html"),
        date_transform("%d/%m/%Y", None),
        replace_transform("a", " b "),
        truncate_transform(3),
    ]
)
VALUES = st.builds(
    Value,
    source=PATHS | TEMPLATES | st.builds(Constant, text=st.sampled_from(["Solar", ""])),
    join=st.none() | st.just(" and "),
    map=st.none() | st.just({"true": "yes", "612345678": "it"}),
    transforms=st.lists(TRANSFORMS, max_size=3).map(tuple),
    default=st.sampled_from(["", "none"]),
    required=st.booleans(),
    false_is_empty=st.booleans(),
)
COMPARISONS = st.builds(
    lambda source, asked: compile_comparison(source, *asked),
    PATHS,
    st.sampled_from(
        [("equals", "b"), ("not_equals", "b"), ("in", ["a", "B"]), ("not_in", ["a"])]
        + [("matches", "^6"), ("exists", True), ("exists", False), ("gt", 3), ("lt", 10)]
    ),
)
GUARDS: st.SearchStrategy[Guard] = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds(Not, guard=inner),
        st.builds(AllOf, guards=st.lists(inner, max_size=2).map(tuple)),
        st.builds(AnyOf, guards=st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=3,
)
MAPPINGS = st.builds(
    SourceMapping,
    routes=st.lists(
        st.builds(Route, guard=st.none() | GUARDS, agent=st.sampled_from(["sales", "care"])),
        max_size=2,
    ).map(tuple),
    phone=st.builds(
        PhoneRule,
        sources=st.lists(PATHS | TEMPLATES, min_size=1, max_size=2).map(tuple),
        region=st.builds(Region, fixed=st.just("ES"))
        | st.builds(Region, path=PATHS, map=st.just({"b": "ES"}), default=st.none() | st.just("ES")),
    ),
    variables=st.lists(VALUES, max_size=3).map(
        lambda values: tuple(Variable(name=f"v{n}", value=v) for n, v in enumerate(values))
    ),
    passthrough=st.none() | PATHS,
    agent_variables=st.just({"sales": ("v0", "product")}),
    each=st.none() | st.just(compile_path("$.items[*]")),
    when=st.lists(st.builds(NamedGuard, guard=GUARDS, reason=st.just("no_lead")), max_size=2).map(
        tuple
    ),
    occurred_at=st.none() | PATHS,
    timezone=st.none() | PATHS,
    dedupe=st.builds(
        Dedupe,
        key=st.lists(PATHS, max_size=2).map(tuple),
        window=st.none() | st.just(timedelta(hours=1)),
    ),
)
LEADS = st.fixed_dictionaries(
    {"phone": st.sampled_from(["612 345 678", "+34612345678", 612345678, "x"])},
    optional={key: DOCUMENTS for key in KEYS if key != "phone"},
)


@given(mapping=MAPPINGS, document=DOCUMENTS | LEADS)
@settings(max_examples=150)
def test_agrees_over_any_mapping_and_document(mapping: SourceMapping, document: Any) -> None:
    """State, reason, agent, phone and each text are those of the call, whatever was sent."""
    check_agreement(mapping, View(document=document, query={"a": "b"}, headers={"b": "x"}))
