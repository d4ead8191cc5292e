"""What a trace has of one evaluation: also what the decision had no need of."""

from adapter.mapping.guards import AllOf, AnyOf, GuardTrace, Not, compile_comparison
from adapter.mapping.mapping import NamedGuard, Route, SourceMapping, Trace, Variable
from adapter.mapping.paths import compile_path
from adapter.mapping.phone import PhoneRule, Region
from adapter.mapping.transforms import named_transform
from adapter.mapping.values import PathSource, Value, View
from adapter.model import Reason, State


def path(text: str) -> PathSource:
    """Return a source from a path's text."""
    return PathSource(path=compile_path(text))


KIND = compile_comparison(path("$.kind"), "equals", "lead")
TEAM = compile_comparison(path("$.team"), "equals", "a")
NAME = Value(
    source=path("$.name"),
    map={"ada": "ada lovelace"},
    transforms=(named_transform("title"),),
    default="you",
)
MAPPING = SourceMapping(
    when=(NamedGuard(guard=Not(guard=KIND), reason="lead"), NamedGuard(guard=KIND)),
    routes=(
        Route(guard=TEAM, agent="a"),
        Route(guard=None, agent="b"),
        Route(guard=TEAM, agent="c"),
    ),
    phone=PhoneRule(sources=(path("$.fax"), path("$.phone"), path("$.other"))),
    variables=(
        Variable(name="team", value=Value(source=path("$.team"), required=True)),
        Variable(name="name", value=NAME),
    ),
    passthrough=path("$.more"),
    agent_variables={"b": ("name", "wish")},
)
LEAD = {"kind": "lead", "phone": "+34612345678", "name": "ada", "more": {"name": "x", "age": 7}}


def traced(mapping: SourceMapping, document: object) -> Trace:
    """Return the trace of a document, which changes nothing of its call."""
    trace, view = Trace(), View(document=document)
    assert mapping.call(view, trace) == mapping.call(view)
    return trace


def test_what_comes_after_the_end_is_seen_too() -> None:
    """The first condition turns the lead away; everything else of it is there all the same."""
    trace = traced(MAPPING, LEAD)
    assert trace.ended_by == "when"
    assert [named.guard.is_asked for named in trace.when] == [True, False]
    assert [named.guard.held for named in trace.when] == [False, True]
    assert [route.guard.is_asked for route in trace.routes] == [True, True, False]
    assert not any(route.reads_lookup for route in trace.routes)
    assert trace.agent == "b"
    assert [(number.text, number.e164) for number in trace.phone.tries] == [
        ("", ""),
        ("+34612345678", "+34612345678"),
    ]
    assert trace.faults["variables"].reason == Reason.VARIABLE_MISSING
    team, name = trace.variables
    assert (team.name, team.answer, team.fault) == ("team", None, trace.faults["variables"])
    assert name.answer is not None
    assert name.value.steps == [
        ("read", "ada"),
        ("map", "ada lovelace"),
        ("title", "Ada Lovelace"),
        ("text", "Ada Lovelace"),
        ("default", "Ada Lovelace"),
    ]
    assert {copy: text.text for copy, text in trace.copied.items()} == {
        "name": "x",
        "age": "7",
        "wish": "",
    }
    assert (trace.dedupe.used, trace.dedupe.window.days) == ("default", 1)


def test_what_is_refused_later_does_not_change_the_call() -> None:
    """Of all that ends it the first counts."""
    trace = traced(MAPPING, {"kind": "lead", "more": 7})
    assert trace.ended_by == "when"
    assert list(trace.faults) == ["phone", "variables", '"*"']
    assert {copy: text.text for copy, text in trace.copied.items()} == {"name": "", "wish": ""}


def test_parts_of_a_combination_answer_in_their_order() -> None:
    """All are asked; what the combination has no need of has no say, not even a refusal."""
    deep: dict[str, object] = {}
    for _ in range(5_000):
        deep = {"k": deep}
    refuses = compile_comparison(path("$..k[?(@.v != $.x)]"), "exists", True)
    view = View(document={"kind": "lead", "k": deep})
    for combination, holds in (
        (AnyOf(guards=(KIND, refuses)), True),
        (AllOf(guards=(TEAM, refuses)), False),
    ):
        trace = GuardTrace(guard=combination)
        assert combination.holds(view, trace) is combination.holds(view) is holds
        first, second = trace.parts
        assert (first.is_asked, second.is_asked) == (True, False)
        assert second.fault is not None
        assert not second.held


def test_a_region_tells_where_it_is_from() -> None:
    """Its text, whether that names a country, and the code that counts."""
    region = Region(path=path("$.land"), map={"Iberia": "ES"}, default="AU")
    mapping = SourceMapping(
        routes=(Route(guard=None, agent="a"),),
        phone=PhoneRule(sources=(path("$.phone"),), region=region),
    )
    for land, is_unknown, is_mapped, code in (
        ("Iberia", False, True, "ES"),
        ("Spain", False, False, "ES"),
        ("us", False, False, "US"),
        ("Mars", True, False, ""),
        ("", False, False, "AU"),
    ):
        told = traced(mapping, {"phone": "x", "land": land}).phone.region
        found = (told.text, told.is_unknown, told.is_mapped, told.code)
        assert found == (land, is_unknown, is_mapped, code)
    call = mapping.call(View(document={"phone": "612345678", "land": "Spain"}), Trace())
    assert (call.state, call.phone) == (State.WAITING, "+34612345678")
