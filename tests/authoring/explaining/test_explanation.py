"""An explanation never disagrees with the call that was made, and names what to mend."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import ruamel.yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.authoring.explaining.explanation import (
    MOST_CALLS,
    Explanation,
    explain,
    explained_each,
)
from adapter.authoring.explaining.path_trace import Fix
from adapter.authoring.explaining.render import Renderer
from adapter.authoring.yaml_text import yaml_text
from adapter.compiler.load import STANDALONE, lenient_variables, load_mappings
from adapter.config.source import Source
from adapter.errors import IntakeError
from adapter.mapping.dedupe import Dedupe
from adapter.mapping.guards import AllOf, AnyOf, Guard, Not, compile_comparison
from adapter.mapping.lookup import Lookup, compile_lookup_url
from adapter.mapping.mapping import NamedGuard, Route, SourceMapping, Trace, Variable
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import PhoneRule, Region
from adapter.mapping.reading import RequestReading
from adapter.mapping.transforms import (
    date_transform,
    named_transform,
    replace_transform,
    truncate_transform,
)
from adapter.mapping.values import (
    Constant,
    Origin,
    PathSource,
    Template,
    Value,
    View,
    compile_template,
)
from adapter.model import MappedCall, State
from adapter.webhook.request import Request
from tests.harness.documents import DOCUMENTS
from tests.harness.effort import examples

SHIPPED = sorted((Path(__file__).parents[3] / "mappings").glob("*.yaml"))


def path(text: str, origin: Origin = Origin.ITEM) -> PathSource:
    """Return a source from a path's text."""
    return PathSource(path=compile_path(text), origin=origin)


def check_agreement(mapping: SourceMapping, view: View) -> None:
    """Check that the explanations say of each call what the call says of itself."""
    calls = mapping.calls(view)
    explanations = explain(mapping, view)
    if not explanations and len(calls) == 1:  # `each` itself was refused
        assert (calls[0].state, calls[0].agent) == (State.REFUSED, None)
        return
    assert len(explanations) == len(calls)
    for item, call, seen in zip(mapping.items(view), calls, explanations, strict=True):
        assert mapping.call(item, Trace()) == call  # a trace changes nothing
        _check_one(call, seen)


def _check_one(call: MappedCall, seen: Explanation) -> None:
    assert (seen.state, seen.reason) == (call.state, call.reason)
    if call.state is State.IGNORED:
        return
    if call.is_before_lookup:
        assert (call.agent, call.phone) == (seen.agent, None)
        assert seen.lookup is not None
        assert seen.lookup.asks.startswith("http")
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
        assert not value.steps or value.steps[-1].after == Renderer().json(value.text), value


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_agrees_over_all_shipped_examples(file: Path) -> None:
    """Every example of every shipped mapping is explained as it was mapped."""
    variables = lenient_variables({})
    sources, _ = load_mappings([file], STANDALONE, variables)
    for source in sources.values():
        assert source.examples
        for example in source.examples:
            view = view_or_none(source, example.request)
            if view is None:
                continue
            check_agreement(source.mapping, view)
            if example.lookup is not None:
                check_agreement(source.mapping, replace(view, lookup=example.lookup))


def view_or_none(source: Source, request: Request) -> View | None:
    """Return what a mapping reads, or None for a body that nobody can read."""
    try:
        return RequestReading(source.mapping, request).view()
    except IntakeError:
        return None


KEYS = ["a", "b", "phone", "c d", "é", "items"]
PATHS = st.sampled_from(
    [
        "$",
        "$.a",
        "$.b",
        "$.phone",
        "$['c d']",
        "$.a.b",
        "$.items[*].a",
        "$.items[0]",
        "$..a",
        "$.items[?(@.a=='b')].phone",
        "$.((a)|(b))",
    ]
).map(path)
TEMPLATES = st.sampled_from(["{$.a} {$.b}", "+{$.a}", "x{$['c d']}"]).map(
    lambda text: compile_template(text, Origin.ITEM)
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
        [
            ("equals", "b"),
            ("not_equals", "b"),
            ("in", ["a", "B"]),
            ("not_in", ["a"]),
            ("matches", "^6"),
            ("exists", True),
            ("exists", False),
            ("gt", 3),
            ("lt", 10),
        ]
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
        | st.builds(
            Region, path=PATHS, map=st.just({"b": "ES"}), default=st.none() | st.just("ES")
        ),
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
@settings(max_examples=examples(150))
def test_agrees_over_any_mapping_and_document(mapping: SourceMapping, document: Any) -> None:
    """State, reason, agent, phone and each text are those of the call, whatever was sent."""
    check_agreement(mapping, View(document=document, query={"a": "b"}, headers={"b": "x"}))


def leading(**changes: Any) -> SourceMapping:
    """Return a mapping of leads with some parts changed."""
    mapping = SourceMapping(
        routes=(Route(guard=None, agent="sales"),), phone=PhoneRule(sources=(path("$.phone"),))
    )
    return replace(mapping, **changes)


def seen_of(document: Any, mapping: SourceMapping, **more: Any) -> Explanation:
    """Return the one explanation of a document, which agrees with its call."""
    view = View(document=document, **more)
    check_agreement(mapping, view)
    (seen,) = explain(
        mapping,
        view,
        renderer=Renderer(),
        countries={"sales": frozenset({"ES"}), "care": frozenset()},
    )
    return seen


def variable(source: PathSource | Template | Constant, **steps: Any) -> Variable:
    """Return the variable `name`."""
    return Variable(name="name", value=Value(source=source, **steps))


PHONE = "+12025550123"
NAME = path("$.name")


@pytest.mark.parametrize(
    ("given_variable", "found", "steps", "text"),
    [
        (variable(NAME), "Ada", [], "Ada"),
        (variable(Constant(text="Solar")), None, [], "Solar"),
        (variable(NAME), " A &amp; B ", ["text: A & B"], "A & B"),
        (variable(NAME), 7, [], "7"),
        (variable(NAME), False, [], "false"),
        (variable(NAME, false_is_empty=True), False, ["text: "], ""),
        (variable(NAME), ["a", "b"], ["text: a, b"], "a, b"),
        (variable(path("$.name[*]"), join="+"), ["a", "b"], ["join: a+b"], "a+b"),
        (variable(path("$.name[*]"), join="+"), ["a"], [], "a"),
        (variable(NAME, map={"a": "b"}), "a", ["map: b"], "b"),
        (variable(NAME, map={"a": "b"}), None, [], ""),
        (variable(NAME, map={"a": "b"}), "A", ["map:  (no entry; did you mean a?)"], ""),
        (variable(NAME, map={"a": "b"}), "x", ["map:  (no entry; there are: a)"], ""),
        (
            variable(NAME, map={str(n): "" for n in range(9)}),
            "x",
            ["map:  (no entry; there are: 0, 1, 2, 3, 4, 5, 6, 7, …)"],
            "",
        ),
        (
            variable(NAME, transforms=(named_transform("first_word"), named_transform("upper"))),
            "ada b",
            ["first_word: ada", "upper: ADA"],
            "ADA",
        ),
        (
            variable(NAME, transforms=(named_transform("upper"),)),
            "ADA",
            [],
            "ADA",
        ),
        (
            variable(NAME, transforms=(date_transform("%d/%m/%Y", None),), default="soon"),
            "never",
            ["date: %d/%m/%Y:  (this is no date)", "default: soon"],
            "soon",
        ),
        (
            variable(NAME, transforms=(replace_transform("-", "  "), truncate_transform(3))),
            "a-b",
            ["replace: [-,   ]: a  b", "truncate: 3: a"],
            "a",
        ),
        (
            variable(NAME, transforms=(replace_transform("-", "  "),)),
            "a-b",
            ["replace: [-,   ]: a  b", "text: a b"],
            "a b",
        ),
        (variable(compile_template("Dr {$.name}", Origin.ITEM)), "Ada", [], "Dr Ada"),
    ],
)
def test_each_step_that_changed_something(
    given_variable: Variable, found: Any, steps: list[str], text: str
) -> None:
    """Its name, what came of it, and why that is nothing; no step for what changed nothing."""
    seen = seen_of({"phone": PHONE, "name": found}, leading(variables=(given_variable,)))
    (value,) = seen.variables
    shown = [
        f"{step.name}: {step.after[1:-1]}{f' ({step.note})' if step.note else ''}"
        for step in value.steps
    ]
    assert shown == steps
    assert (value.text, value.fault.reason) == (text, "")


def test_transforms_have_the_names_of_the_mapping() -> None:
    """Those that are written as a word, and those with a setting."""
    for name in ("lower", "upper", "title", "first_word", "last_word", "digits", "strip_html"):
        assert named_transform(name).name == name
    assert date_transform("%Y", None).name == "date: %Y"
    assert replace_transform("a", "b").name == "replace: [a, b]"
    assert truncate_transform(3).name == "truncate: 3"


OTHER = {"phone": PHONE, "lead": {"full_name": "Ada", "it's": {"x": 1}}}
FULL_NAME = path("$.lead.name")


@pytest.mark.parametrize(
    ("given_variable", "document", "reason", "fixes"),
    [
        (variable(FULL_NAME), OTHER, "new", [("variables", "name: $.lead.full_name")]),
        (
            variable(FULL_NAME, default="there"),
            OTHER,
            "new",
            [("variables.name", "path: $.lead.full_name")],
        ),
        (
            variable(FULL_NAME, required=True),
            OTHER,
            "variable_missing",
            [("variables.name", "path: $.lead.full_name")],
        ),
        (variable(path("$.zip")), OTHER, "new", []),
        (
            variable(compile_template("Dr {$.lead.name}!", Origin.ITEM)),
            OTHER,
            "new",
            [("variables.name", 'template: "Dr {$.lead.full_name}!"')],
        ),
        (
            variable(path("$.lead")),
            OTHER,
            "not_a_scalar",
            [("variables", "name: $.lead.full_name")],
        ),
        (
            variable(path("$.lead"), join=" "),
            {"phone": PHONE, "lead": {"a b": {}}},
            "not_a_scalar",
            [],
        ),
        (variable(NAME), {"phone": PHONE, "name": float("inf")}, "not_a_scalar", []),
        (
            variable(compile_template("{$.phone} {$.lead}", Origin.ITEM)),
            OTHER,
            "not_a_scalar",
            [("variables.name", 'template: "{$.phone} {$.lead.full_name}"')],
        ),
    ],
)
def test_a_variable_has_the_line_that_mends_it(
    given_variable: Variable, document: Any, reason: str, fixes: list[tuple[str, str]]
) -> None:
    """In the form in which the mapping has it, and none where nothing is near."""
    seen = seen_of(document, leading(variables=(given_variable,)))
    assert seen.reason == reason
    assert [(fix.under, fix.write) for fix in seen.fixes] == fixes


def test_another_part_of_the_request_may_have_it() -> None:
    """The query, the headers or the document, where a path reads the wrong one of them."""
    view = {"query": {"utm": "x"}, "headers": {"x-via": "y"}}
    for source, told in (
        (path("$.utm"), "the query has it: write {path: $.utm, from: query}"),
        (path("$.X-Via"), "the headers has it: write {path: $.x-via, from: headers}"),
        (path("$.phone", Origin.QUERY), "the document has it: write {path: $.phone}"),
    ):
        mapping = leading(variables=(variable(source),))
        (value,) = seen_of({"phone": PHONE}, mapping, **view).variables
        assert told in value.looks[0].hints
    assert value.fixes == ()
    sought = variable(path("$.utm_source", Origin.QUERY))
    (value,) = seen_of({"phone": PHONE}, leading(variables=(sought,)), **view).variables
    assert value.fixes == (Fix(under="variables.name", write="path: $.utm"),)


def test_what_stands_beside_the_items_is_within_reach() -> None:
    """A path of the whole document is told as such, and how to write it."""
    mapping = leading(each=compile_path("$.people"), variables=(variable(path("$.title")),))
    (value,) = seen_of({"title": "x", "people": {"phone": PHONE}}, mapping).variables
    wanted = "the document has it: write {path: $.title, from: document}"
    assert value.looks[0].hints[-1] == wanted


@pytest.mark.parametrize(
    ("document", "reason", "names", "fixes"),
    [
        ({"all": {"n": 1, "name": "x"}}, "new", ["name", "n", "city"], []),
        ({"ALL": {"n": 1}}, "new", ["name", "*", "city"], [("variables", '"*": $.ALL')]),
        ({"all": {"system": 1}}, "variable_not_allowed", ["name", "*", "city"], []),
    ],
)
def test_copied_variables(
    document: Any, reason: str, names: list[str], fixes: list[tuple[str, str]]
) -> None:
    """Each by its name, explicit ones first; a refusal, or nothing at all, as `*`."""
    mapping = leading(
        variables=(variable(Constant(text="Ada")),),
        passthrough=path("$.all"),
        agent_variables={"sales": ("city", "name")},
    )
    seen = seen_of({"phone": PHONE, **document}, mapping)
    assert seen.reason == reason
    assert [value.name for value in seen.variables] == names
    assert [(fix.under, fix.write) for fix in seen.fixes] == fixes


def asks(text: str, operator: str, operand: Any) -> Guard:
    """Return a comparison."""
    return compile_comparison(path(text), operator, operand)


@pytest.mark.parametrize(
    ("guard", "document", "wants", "fixes"),
    [
        (asks("$.form", "equals", "call_me"), {"form": "x"}, "equals call_me", []),
        (asks("$.form", "equals", "yes"), {"form": "Yes"}, "equals yes", ['equals: "Yes"']),
        (asks("$.form", "in", ["a", "b", ""]), {"form": "B"}, 'in ["", a, b]', []),
        (asks("$.lead.form", "exists", True), {"form": 1}, "exists true", ["path: $.form"]),
        (asks("$.n", "gt", 3), {"n": 2}, "gt 3", []),
        (asks("$.n", "matches", "^a"), {"n": 2}, 'matches "^a"', []),
        (Not(guard=AllOf(guards=(asks("$.n", "exists", True),))), {"n": 2}, "not", []),
        (Not(guard=asks("$.n", "exists", True)), {"n": 2}, "not", []),
        (AnyOf(guards=(asks("$.m", "equals", "a"),)), {"M": "a"}, "any", ["path: $.M"]),
        (AllOf(guards=(asks("$.m", "equals", "a"),)), {"M": "a"}, "all", ["path: $.M"]),
    ],
)
def test_a_guard_that_turns_away(guard: Guard, document: Any, wants: str, fixes: list[str]) -> None:
    """What it wanted, and the line that would let the call pass."""
    mapping = leading(when=(NamedGuard(guard=guard, reason="no_lead"),))
    seen = seen_of({"phone": PHONE, **document}, mapping)
    assert (seen.state, seen.reason) == (State.IGNORED, "no_lead")
    assert (seen.when[0].guard.wants, seen.when[0].guard.holds) == (wants, False)
    assert [(fix.under, fix.write) for fix in seen.fixes] == [("when", fix) for fix in fixes]


@pytest.mark.parametrize(
    ("routes", "document", "fixes"),
    [
        (["sales"], {"team": "x"}, ["- {agent: sales}"]),
        (["sales", "care"], {"team": "x"}, []),
        (["sales", "care"], {"Team": "x"}, ["path: $.Team", "path: $.Team"]),
    ],
)
def test_no_route(routes: list[str], document: Any, fixes: list[str]) -> None:
    """Every route is told; the one agent that there is could take what is left."""
    made = tuple(Route(guard=asks("$.team", "equals", name), agent=name) for name in routes)
    seen = seen_of({"phone": PHONE, **document}, leading(routes=made))
    assert seen.reason == "no_route"
    assert [fix.write for fix in seen.fixes] == fixes
    assert all(route.is_asked and not route.is_chosen for route in seen.routes)


ES = Region(fixed="ES")
BY_COUNTRY = Region(path=path("$.country"), map={"Iberia": "ES"})


@pytest.mark.parametrize(
    ("sources", "region", "document", "reason", "fixes"),
    [
        (["$.phone"], Region(), {"tel": "x"}, "phone_missing", []),
        (["$.phone"], Region(), {"Phone": PHONE}, "phone_missing", ["phone: $.Phone"]),
        (["$.phone"], ES, {"Phone": PHONE}, "phone_missing", ["path: $.Phone"]),
        (["$.a", "$.phone"], ES, {"Phone": PHONE}, "phone_missing", ["- $.Phone"]),
        (["$.a"], Region(), {"mobile": PHONE}, "phone_missing", ["phone: $.mobile"]),
        (["$.a"], ES, {"m": {"tel": 612345678}}, "phone_missing", ["paths: [$.a, $.m.tel]"]),
        (
            ["$.a"],
            ES,
            {"tel1": True, "telx": "x", **{f"tel{n}": PHONE for n in range(2, 9)}},
            "phone_missing",
            ["paths: [$.a, $.tel2]"],
        ),
        (
            ["$.phone"],
            ES,
            {"phone": {"no": 1, "number": PHONE}},
            "not_a_scalar",
            ["path: $.phone.number"],
        ),
        (["+{$.cc}"], Region(), {"CC": "34"}, "phone_missing", ['template: "+{$.CC}"']),
        (["+{$.cc}{$.a}"], Region(), {"cc": {}, "a": "1"}, "not_a_scalar", []),
        (["$.phone"], Region(), {"phone": "abc"}, "phone_invalid", []),
        (["$.phone"], Region(fixed="US"), {"phone": "803123456"}, "phone_invalid", []),
        (["$.phone"], Region(fixed="US"), {"phone": "612345678"}, "phone_invalid", ["region: ES"]),
        (
            ["$.phone"],
            Region(),
            {"phone": "612345678", "address": {"country": "es"}},
            "phone_invalid",
            ["phone: {path: $.phone, region: {path: $.address.country}}"],
        ),
        (
            ["$.phone"],
            Region(fixed="US"),
            {"phone": "612345678", "country": "spain", "nation": 1, "region": "?"},
            "phone_invalid",
            ["region: {path: $.country}"],
        ),
        (
            ["$.phone"],
            Region(),
            {"phone": "020 7946 0000", "country": "GB"},
            "phone_invalid",
            ["phone: {path: $.phone, region: {path: $.country}}"],
        ),
    ],
)
def test_a_phone_that_cannot_be_rung(
    sources: list[str], region: Region, document: Any, reason: str, fixes: list[str]
) -> None:
    """The path that is near, the number that stands elsewhere, or the region that is meant."""
    read = tuple(
        compile_template(each, Origin.ITEM) if "{" in each else path(each) for each in sources
    )
    seen = seen_of(document, leading(phone=PhoneRule(sources=read, region=region)))
    assert seen.reason == reason
    assert [fix.write for fix in seen.fixes] == fixes


MISSING, INVALID = "phone_missing", "phone_invalid"
CONTACT = {"contact": {"phone": "020 7946 0018"}}
STRANGERS: list[tuple[str, Any, str, list[str]]] = [
    ("$.contact.phone", CONTACT | {"owner": {"phone": PHONE}}, INVALID, []),
    ("$.phone", {"company": {"phone": PHONE}}, MISSING, []),
    ("$.phone", {"owner_phone": PHONE, "fax_phone": PHONE}, MISSING, []),
    ("$.phone", {"Sales Rep": {"Mobile": PHONE}, "switchboard_number": PHONE}, MISSING, []),
    ("$.phone", {"billing": {"phone": PHONE}, "shipping": {"tel": PHONE}}, MISSING, []),
    ("$.phone", {"user": {"phone": PHONE}, "accountOwner": {"tel": PHONE}}, MISSING, []),
    ("$.phone", {"f": [{"name": "Owner phone", "value": PHONE}]}, MISSING, []),
    ("$.who", {"who": {"agent_phone": PHONE}}, "not_a_scalar", []),
    ("$.owner.fone", {"owner": {"phone": PHONE}}, MISSING, ["phone: $.owner.phone"]),
    (
        "$.phone",
        {"owner": {"phone": PHONE}, "lead": {"tel": PHONE}},
        MISSING,
        ["phone: $.lead.tel"],
    ),
]


@pytest.mark.parametrize(("written", "document", "reason", "fixes"), STRANGERS)
def test_nobody_is_advised_to_ring_a_stranger(
    written: str, document: Any, reason: str, fixes: list[str]
) -> None:
    """No owner's, agent's or company's phone is named, unless the mapping names them already."""
    seen = seen_of(document, leading(phone=PhoneRule(sources=(path(written),))))
    assert seen.reason == reason
    assert [fix.write for fix in seen.fixes] == fixes
    told = [*seen.phone.hints, *(hint for each in seen.phone.tries for hint in each.hints)]
    told += [hint for each in seen.phone.tries for look in each.looks for hint in look.hints]
    advice = " ".join(
        each for each in told if "stand" in each or "mean" in each or "one of" in each
    )
    assert all(fix.partition(" ")[2] in advice for fix in fixes)
    assert fixes or not advice


def test_a_number_at_home_asks_for_its_region_first() -> None:
    """Before any other number is named, of which none is put in its place."""
    document = {"contact": CONTACT["contact"] | {"mobile": PHONE}}
    seen = seen_of(document, leading(phone=PhoneRule(sources=(path("$.contact.phone"),))))
    first, second = seen.phone.hints
    assert "region: ES" in first
    assert "PHONE_REGION" in first
    assert second == "a number that could be rung stands at $.contact.mobile"
    assert seen.fixes == ()


def test_an_object_of_the_answer_is_looked_into() -> None:
    """For a variable too, with `$.lookup` in front."""
    mapping = replace(LOOKING_UP, when=(), variables=(variable(path("$.lookup.who")),))
    view = View(document={}, lookup={"phone": PHONE, "who": {"name": "Ada"}})
    (seen,) = explain(mapping, view)
    assert [fix.write for fix in seen.fixes] == ["name: $.lookup.who.name"]


@pytest.mark.parametrize("text", ["abc", "+34 12", "call 0207 946", "0034 12", "\uff0b34 12", "12"])
def test_no_region_mends_what_is_no_number_at_home(text: str) -> None:
    """Words, a number of another country that is wrong, or next to nothing."""
    seen = seen_of({"phone": text}, leading())
    assert (seen.reason, seen.phone.hints) == ("phone_invalid", ())


@pytest.mark.parametrize(
    ("region", "fix"),
    [(Region(), "phone: $.lead.phone"), (Region(fixed="US"), "path: $.lead.phone")],
)
def test_the_only_path_is_put_right(region: Region, fix: str) -> None:
    """And not kept with its slip beside the right one."""
    rule = PhoneRule(sources=(path("$.lead.fone"),), region=region)
    seen = seen_of({"lead": {"phone": PHONE}}, leading(phone=rule))
    assert [each.write for each in seen.fixes] == [fix]


@pytest.mark.parametrize(
    ("written", "lookup", "fixes"),
    [
        ("$.lookup.fone", {"phone": PHONE}, ["phone: $.lookup.phone"]),
        ("$.lookup.a", {"b": {"tel": PHONE}}, ["phone: $.lookup.b.tel"]),
        ("$.lookup.a", {"a": {"number": PHONE}}, ["phone: $.lookup.a.number"]),
        ("$.lookup.a", {"owner": {"tel": PHONE}}, []),
    ],
)
def test_a_slip_in_what_is_read_of_the_answer(written: str, lookup: Any, fixes: list[str]) -> None:
    """The path that is near is one of the answer, with `$.lookup` in front."""
    mapping = replace(LOOKING_UP, when=(), phone=PhoneRule(sources=(path(written),)))
    (seen,) = explain(mapping, View(document={"phone": "x"}, lookup=lookup))
    assert [fix.write for fix in seen.fixes] == fixes


def test_two_regions_would_mend_it_and_none_is_chosen() -> None:
    """Both are told, and the person decides."""
    document = {"phone": "202 555 0123", "country": "US", "billing": {"country": "CA"}}
    seen = seen_of(document, leading())
    assert len(seen.phone.hints) == 2
    assert seen.fixes == ()


@pytest.mark.parametrize(
    ("country", "default", "code", "told"),
    [
        ("Iberia", None, "ES", '"Iberia" by its map'),
        ("Spain", None, "ES", "read at $.country"),
        ("pt", None, "PT", "read at $.country"),
        ("Narnia", "ES", "", '"Narnia" names no country that is understood'),
        (None, "ES", "ES", "$.country found nothing, so its default"),
        ("Germany", None, "DE", "read at $.country"),
        (
            "Germny",
            None,
            "",
            '"Germny" names no country that is understood; write map: {Germny: DE}',
        ),
        (None, None, "", "$.country found nothing"),
        ({"x": 1}, "ES", "", "$.country found no text that names a country"),
    ],
)
def test_the_region_says_where_it_is_from(
    country: Any, default: str | None, code: str, told: str
) -> None:
    """Its map, the path itself, or its default; and the entry that its map lacks."""
    region = replace(BY_COUNTRY, default=default)
    mapping = leading(phone=PhoneRule(sources=(path("$.phone"),), region=region))
    seen = seen_of({"phone": PHONE, "country": country}, mapping).phone.region
    assert (seen.code, seen.told) == (code, told)


@pytest.mark.parametrize(
    ("key", "document", "used", "window_s"),
    [
        ([], {"id": 1}, "default", 86_400),
        (["$.id"], {"id": 1}, "explicit", 345_600),
        (["$.id"], {}, "default", 86_400),
    ],
)
def test_the_key_that_is_used(key: list[str], document: Any, used: str, window_s: int) -> None:
    """The explicit one, or the default one where that is empty."""
    mapping = leading(dedupe=Dedupe(key=tuple(map(path, key))))
    seen = seen_of({"phone": PHONE, **document}, mapping).dedupe
    assert (seen.used, seen.window_s, len(seen.parts)) == (used, window_s, len(key))


def test_no_items() -> None:
    """Where there is no call, what `each` met is told, and what it could be."""
    mapping = leading(each=compile_path("$.people[*]"))
    view = View(document={"persons": [], "People": [{"phone": PHONE}]})
    assert (explain(mapping, view), mapping.calls(view)) == ((), ())
    seen = explained_each(mapping, view)
    assert seen is not None
    assert seen.fixes == (Fix(under="", write="each: $.People[*]"),)
    assert explained_each(leading(), view) is None


def test_of_very_many_calls_the_first_are_explained() -> None:
    """An import of thousands does not hold up the terminal."""
    view = View(document={"people": [{"phone": PHONE}] * (MOST_CALLS + 1)})
    mapping = leading(each=compile_path("$.people"))
    assert len(mapping.calls(view)) == MOST_CALLS + 1
    assert len(explain(mapping, view)) == MOST_CALLS


DEEP = "$..k[?(@.v != $.x)]"


@pytest.mark.parametrize(
    "changes",
    [
        {"each": compile_path(DEEP)},
        {"when": (NamedGuard(guard=asks(DEEP, "exists", True)),)},
        {"routes": (Route(guard=asks(DEEP, "exists", True), agent="sales"),)},
        {"variables": (variable(path(DEEP)),)},
        {"occurred_at": path(DEEP)},
        {"timezone": path(DEEP)},
        {"dedupe": Dedupe(key=(path(DEEP),))},
        {"passthrough": path(DEEP)},
        {"phone": PhoneRule(sources=(path(DEEP),))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_document_too_deep_is_explained_as_it_is_refused(changes: dict[str, Any]) -> None:
    """Whichever part of the mapping meets it."""
    document: Any = {}
    for _ in range(5_000):
        document = {"k": document}
    mapping = leading(**changes)
    view = View(document={"phone": PHONE, "k": document})
    check_agreement(mapping, view)
    assert mapping.calls(view)[0].reason == "malformed_body"


YAML = ruamel.yaml.YAML(typ="safe", pure=True)


@given(
    text=st.text(alphabet="$abY.[]'\"\\ :#,{}?@=\n\x1b é", min_size=1, max_size=12).map("$".__add__)
)
@settings(max_examples=examples(150))
def test_a_line_to_write_is_yaml(text: str) -> None:
    """Whatever stands in a path, YAML reads it as it is, by itself and inside braces."""
    assert YAML.load(f"name: {yaml_text(text)}") == {"name": text}
    assert YAML.load(f"name: {{path: {yaml_text(text, in_flow=True)}, from: query}}") == {
        "name": {"path": text, "from": "query"}
    }


@pytest.mark.parametrize("text", ["yes", "True", "7", "-", "a b", "null", "", "a: b", "a #b", "é"])
def test_a_text_to_write_stays_a_text(text: str) -> None:
    """What YAML would take for something else stands in quotes."""
    assert YAML.load(f"equals: {yaml_text(text)}") == {"equals": text}


LOOKING_UP = SourceMapping(
    when=(
        NamedGuard(guard=compile_comparison(path("$.kind"), "equals", "lead"), reason="other"),
        NamedGuard(guard=compile_comparison(path("$.lookup.vip"), "equals", "no"), reason="vip"),
    ),
    routes=(
        Route(guard=compile_comparison(path("$.lookup.team"), "equals", "a"), agent="a"),
        Route(guard=None, agent="b"),
    ),
    phone=PhoneRule(sources=(path("$.lookup.phone"),)),
    variables=(Variable(name="name", value=Value(source=path("$.name"))),),
    lookups=(Lookup(url=compile_lookup_url("https://a.b/{$.id}?token=t")),),
)


@pytest.mark.parametrize(
    ("document", "lookup", "state", "reason"),
    [
        ({"kind": "lead", "id": 1}, None, "waiting", "lookup"),
        ({"kind": "else", "id": 1}, None, "ignored", "other"),
        ({"kind": "lead", "Id": 1}, None, "refused", "phone_missing"),
        ({"kind": "lead", "id": 1}, {"vip": "yes"}, "ignored", "vip"),
        ({"kind": "lead", "id": 1}, {"vip": "no", "phone": ""}, "refused", "phone_missing"),
        ({"kind": "lead", "id": 1}, {"vip": "no", "phone": "+12025550123"}, "waiting", "new"),
    ],
)
def test_look_ups_are_explained_before_and_after(
    document: Any, lookup: Any, state: str, reason: str
) -> None:
    """Before the answer only what decides without it is asked, and the address shows no token."""
    view = View(document=document, lookup=lookup)
    (seen,) = explain(LOOKING_UP, view)
    assert (seen.state, seen.reason) == (state, reason)
    check_agreement(LOOKING_UP, view)
    assert (seen.lookup is None) == (lookup is not None)
    if seen.lookup is not None:
        assert "token" not in seen.lookup.asks
        assert [each.reason for each in seen.when] == ["other"]


@pytest.mark.parametrize("part", ["routes", "dedupe"])
def test_a_refusal_before_a_look_up_is_explained_as_one(part: str) -> None:
    """Even where a later route, or the look-up's own address, could be asked for."""
    document: Any = {}
    for _ in range(5_000):
        document = {"k": document}
    deep = compile_comparison(path(DEEP), "exists", True)
    changes: dict[str, Any] = {
        "routes": (Route(guard=deep, agent="a"), *LOOKING_UP.routes),
        "dedupe": Dedupe(key=(path(DEEP),)),
    }
    view = View(document={"kind": "lead", "id": 1, "k": document})
    mapping = replace(LOOKING_UP, **{part: changes[part]})
    assert mapping.calls(view)[0].reason == "malformed_body"
    check_agreement(mapping, view)


def test_what_the_answer_has_is_told() -> None:
    """Somebody forgot that the record stands under `$.lookup`."""
    view = View(document={"kind": "lead", "id": 1}, lookup={"vip": "no", "name": "Ada"})
    (seen,) = explain(LOOKING_UP, view)
    (name,) = seen.variables
    hints = [hint for each in name.looks for hint in each.hints]
    assert "the look-up's answer has it: write $.lookup.name" in hints
