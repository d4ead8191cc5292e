"""Look-ups: the address of a record, what is decided before the answer, and what after."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.config.source import Source
from adapter.errors import CompileError, MappingError
from adapter.mapping.lookup import Lookup, answers_view, compile_lookup_url
from adapter.mapping.reading import RequestReading
from adapter.mapping.values import View
from adapter.model import MappedCall, Reason, State
from adapter.webhook.request import Request
from tests.harness.project import Project
from tests.harness.webhook_requests import post

URL = "https://api.example.com/v1/{$.kind}/{$.id}?of={$.id}"
BASE = """\
auth: {token: a-long-enough-token}
lookup: {url: "https://api.example.com/leads/{$.id}"}
phone: $.lookup.phone
"""
NO_AGENT = BASE + "variables: {name: $.lookup.name, form: $.form}\n"
FOUND = {"phone": "+12025550123", "name": "Ann"}


@pytest.fixture
def project(tmp_path: Any) -> Project:
    """Return a folder to write configurations into."""
    return Project(tmp_path)


def posted(document: Any) -> Request:
    """Return a POST of JSON."""
    return post(json.dumps(document).encode(), "application/json")


def call_of(source: Source, document: Any, lookup: Any = None) -> MappedCall:
    """Return the one call that a document makes, with its look-up's answer or before it."""
    (call,) = RequestReading(source.mapping, posted(document)).mapped(lookup).calls
    return call


@pytest.mark.parametrize(
    ("value", "inserted"),
    [
        ("a1", "a1"),
        (" a1 ", "a1"),
        (9007199254740993123, "9007199254740993123"),
        ("a/../b", "a%2F..%2Fb"),
        ("a?b=c&d#e", "a%3Fb%3Dc%26d%23e"),
        ("%2e%2e", "%252e%252e"),
        ("ä ß", "%C3%A4%20%C3%9F"),
        ("...", "..."),
        ("http://evil.example.com", "http%3A%2F%2Fevil.example.com"),
        ("@evil", "%40evil"),
        ("\\..\\", "%5C..%5C"),
    ],
)
def test_what_is_inserted_is_percent_encoded(value: Any, inserted: str) -> None:
    """A webhook's value stays one part of the path and of the query."""
    url = compile_lookup_url(URL).filled(View(document={"kind": "x", "id": value}))
    assert url == f"https://api.example.com/v1/x/{inserted}?of={inserted}"


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        ({"kind": "x"}, r"nothing stands at \$\.id"),
        ({"kind": "x", "id": None}, r"nothing stands at \$\.id"),
        ({"kind": "x", "id": " "}, r"nothing stands at \$\.id"),
        ({"kind": "x", "id": ".."}, "no record is called"),
        ({"kind": ".", "id": "1"}, "no record is called"),
    ],
)
def test_an_address_without_a_record_is_refused(document: Any, detail: str) -> None:
    """Neither nothing nor `.` and `..` is asked for."""
    with pytest.raises(MappingError, match=detail) as caught:
        compile_lookup_url(URL).filled(View(document=document))
    assert caught.value.reason == Reason.PHONE_MISSING


def test_dots_that_meet_are_seen() -> None:
    """Two values that are harmless apart make no `..` together."""
    url = compile_lookup_url("https://a.b/{$.x}{$.y}")
    with pytest.raises(MappingError):
        url.filled(View(document={"x": ".", "y": "."}))
    assert compile_lookup_url("https://a.b/?x={$.x}").filled(View(document={"x": ".."}))


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_value_leaves_its_part(first: str, second: str) -> None:
    """Whatever is inserted, host, path and query keep their shape."""
    url = compile_lookup_url("https://api.example.com/a/{$.x}/b?y={$.y}&z=1")
    try:
        filled = url.filled(View(document={"x": first, "y": second}))
    except MappingError:
        return
    assert filled.startswith("https://api.example.com/a/")
    assert filled.isascii()
    path, _, query = filled.removeprefix("https://api.example.com/").partition("?")
    assert path.split("/")[0::2] == ["a", "b"]
    assert path.count("/") == 2
    assert ".." not in path.split("/")
    assert query.count("&") == 1
    assert query.endswith("&z=1")


@pytest.mark.parametrize(
    "text", ["https://a.b/", "https://{$.a}/", "https://a.b/{$.a", "//a/{$.b}"]
)
def test_an_address_is_checked_at_load(text: str) -> None:
    """The host is the mapping's, and some path is inserted."""
    with pytest.raises(CompileError):
        compile_lookup_url(text)


def test_before_the_answer_a_call_waits_without_phone(project: Project) -> None:
    """What no look-up has to tell is decided: the agent and an explicit key."""
    source = project.source(NO_AGENT + "agent: sales\ndedupe: {key: $.id}\n")
    call = call_of(source, {"id": 7})
    assert (call.state, call.reason) == (State.WAITING, Reason.LOOKUP)
    assert (call.agent, call.phone, call.variables) == ("sales", None, {})
    assert len(call.keys) == 1
    assert call_of(source, {"id": 7}, FOUND).keys == call.keys


def test_with_the_answer_a_call_is_whole(project: Project) -> None:
    """`$.lookup` is the answer, every other path the document."""
    source = project.source(NO_AGENT + "agent: sales\n")
    call = call_of(source, {"id": 7, "form": "f", "lookup": {"phone": "x"}}, FOUND)
    assert (call.state, call.reason, call.phone) == (State.WAITING, Reason.NEW, "+12025550123")
    assert call.variables == {"name": "Ann", "form": "f"}
    assert call.matched["phone"] == "$.lookup.phone"
    assert len(call.keys) == 1


@pytest.mark.parametrize("dedupe", ["", "dedupe: {key: [$.id, $.lookup.id]}\n"])
def test_a_key_that_needs_the_answer_is_not_guessed(project: Project, dedupe: str) -> None:
    """The default key, and one that reads `$.lookup`, are claimed with the answer."""
    source = project.source(NO_AGENT + "agent: sales\n" + dedupe)
    assert call_of(source, {"id": 7}).keys == ()
    assert call_of(source, {"id": 7}, FOUND | {"id": 8}).keys != ()


@pytest.mark.parametrize(
    ("guard", "before"),
    [
        ("{path: $.kind, equals: lead, reason: other}", "other"),
        ("{path: $.lookup.kind, equals: lead, reason: other}", "lookup"),
        (
            "{any: [{path: $.kind, equals: x}, {path: $.lookup.kind, equals: y}], reason: o}",
            "lookup",
        ),
        ("{all: [{path: $.kind, equals: x}, {path: $.id, equals: y}], reason: o}", "o"),
        ("{not: {path: $.lookup.kind, exists: false}, reason: o}", "lookup"),
        ("{path: $.lookup, from: query, equals: x, reason: o}", "o"),
    ],
)
def test_guards_wait_for_what_they_read(project: Project, guard: str, before: str) -> None:
    """A guard that does not read the answer turns away at once, any other only afterwards."""
    source = project.source(NO_AGENT + f"agent: sales\nwhen: [{guard}]\n")
    assert call_of(source, {"id": 7}).reason == before
    after = call_of(source, {"id": 7}, FOUND)
    assert after.state is State.IGNORED


@pytest.mark.parametrize(
    ("routes", "agent"),
    [
        ("[{when: {path: $.id, equals: 7}, agent: sales}, {agent: care}]", "sales"),
        ("[{when: {path: $.lookup.vip, equals: true}, agent: care}, {agent: sales}]", None),
        ("[{when: {path: $.id, equals: 8}, agent: care}, {agent: sales}]", "sales"),
    ],
)
def test_a_route_that_needs_the_answer_leaves_the_agent_open(
    project: Project, routes: str, agent: str | None
) -> None:
    """The agent is told at intake where nothing but the document decides."""
    settings = (
        "agents:\n"
        "  sales: {endpoint: https://a.b/, api_key: k-1, secret: s-1}\n"
        "  care: {endpoint: https://a.b/, api_key: k-2, secret: s-2}\n"
    )
    source = project.config(settings, NO_AGENT + f"routes: {routes}\n").sources["crm"]
    assert call_of(source, {"id": 7}).agent == agent
    assert call_of(source, {"id": 7}, FOUND).agent == "sales"


def test_no_route_is_known_before_the_answer(project: Project) -> None:
    """Where no route can hold any more, nothing is looked up."""
    routes = "routes: [{when: {path: $.id, equals: 8}, agent: sales}]\n"
    call = call_of(project.source(NO_AGENT + routes), {"id": 7})
    assert (call.state, call.reason) == (State.REFUSED, Reason.NO_ROUTE)


def test_a_webhook_that_names_no_record_is_refused_at_once(project: Project) -> None:
    """Its sender hears of it, and nobody asks a vendor for nothing."""
    call = call_of(project.source(NO_AGENT + "agent: sales\n"), {"id": ""})
    assert (call.state, call.reason) == (State.REFUSED, Reason.PHONE_MISSING)
    assert "look-up" in call.detail


def test_each_item_has_its_own_look_up(project: Project) -> None:
    """With `each` the address is the item's, also where that is a bare id."""
    source = project.source(
        "auth: {token: a-long-enough-token}\nagent: sales\neach: $.ids\n"
        'lookup: {url: "https://api.example.com/leads/{$}"}\n'
        "phone: $.lookup.phone\nvariables: {id: $, name: $.lookup.name}\n"
    )
    request = posted({"ids": ["a", "b"]})
    calls = RequestReading(source.mapping, request).mapped().calls
    assert [call.reason for call in calls] == [Reason.LOOKUP, Reason.LOOKUP]
    url = source.mapping.lookups[0].url
    assert [url.filled(view) for view in RequestReading(source.mapping, request).views()] == [
        "https://api.example.com/leads/a",
        "https://api.example.com/leads/b",
    ]
    (first, _) = RequestReading(source.mapping, request).mapped(FOUND).calls
    assert first.variables == {"id": "a", "name": "Ann"}


def test_several_look_ups_stand_by_name(project: Project) -> None:
    """A later one may read the answers of the earlier ones."""
    source = project.source(
        "auth: {token: a-long-enough-token}\nagent: sales\n"
        "lookup:\n"
        '  deal: {url: "https://api.example.com/deals/{$.id}"}\n'
        '  person: {url: "https://api.example.com/persons/{$.lookup.deal.person_id}"}\n'
        "phone: $.lookup.person.phone\n"
    )
    lookups = source.mapping.lookups
    assert [lookup.name for lookup in lookups] == ["deal", "person"]
    answers = answers_view(lookups, {"deal": {"person_id": 5}})
    filled = lookups[1].url.filled(View(document={"id": 1}, lookup=answers))
    assert filled == "https://api.example.com/persons/5"
    found = answers_view(lookups, {"deal": {}, "person": FOUND})
    assert call_of(source, {"id": 1}, found).phone == "+12025550123"


def test_one_look_up_needs_no_name() -> None:
    """Its answer is `$.lookup` itself, whatever JSON it is."""
    lookups = (Lookup(url=compile_lookup_url("https://a.b/{$.id}")),)
    assert answers_view(lookups, {"": [1]}) == [1]
    assert answers_view(lookups, {}) == {}


def test_without_lookup_the_key_is_the_documents_own(project: Project) -> None:
    """A sender may well have a key of that name."""
    source = project.source(
        "auth: {token: a-long-enough-token}\nagent: sales\nphone: $.lookup.phone\n"
    )
    assert call_of(source, {"lookup": FOUND}).phone == "+12025550123"


def test_an_address_is_in_no_repr(project: Project) -> None:
    """It may hold a token."""
    source = project.source(BASE.replace("leads", "SECRET") + "agent: sales\n")
    assert "SECRET" not in repr(source.mapping.lookups)
