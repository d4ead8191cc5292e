"""What is told of a path that found nothing: how far it got, and paths that would match."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.authoring.explaining.places import first_match, matches, places
from adapter.authoring.explaining.render import Renderer
from adapter.authoring.explaining.spelling import near_keys
from adapter.authoring.explaining.suggestions import (
    Nearness,
    inside,
    is_several,
    is_text,
    is_there,
    nearness,
)
from adapter.mapping.path_text import key_of, key_segment, segments
from adapter.mapping.paths import compile_path
from tests.harness.documents import DOCUMENTS
from tests.harness.effort import examples

FIELDS = [{"name": "tel", "value": "1"}, {"name": "Phone", "value": "2"}, "x"]
LEAD = {
    "lead": {"email": "e", "phone_number": "+1", "first_name": "Ada"},
    "contact": {"phone": "+12", "it's": {"a\\b": 1}},
    "fields": FIELDS,
    "one": {"x": 1},
    "raw": ' {"a":1}',
    "xml": "<a/>",
    "gone": {"phone": None},
    "empty": "",
    "nothing": {},
    "none": [],
    "flag": True,
    "count": 3,
    "names": ["a"],
}


@pytest.mark.parametrize(
    ("path", "told", "paths"),
    [
        (
            "$.lead.phone",
            [
                "$.lead exists and has the keys: email, phone_number, first_name",
                "did you mean $.lead.phone_number?",
                'a key "phone" stands at $.contact.phone',
                "a field named \"Phone\" stands at $.fields[?(@.name=='Phone')].value",
            ],
            ["$.lead.phone_number", "$.contact.phone", "$.fields[?(@.name=='Phone')].value"],
        ),
        ("$.leed.fone_number", ["$ has the keys: lead, contact"], ["$.lead.phone_number"]),
        (
            "$.fields[?(@.name=='phone')].value",
            [
                "$.fields exists and is a list of 3 whose items have the keys: name, value",
                "@.name is one of: tel, Phone",
                "did you mean $.fields[?(@.name=='Phone')].value?",
                'a key "phone" stands at $.contact.phone',
            ],
            ["$.fields[?(@.name=='Phone')].value", "$.contact.phone"],
        ),
        (
            '$.fields[?(@.label=="tel")].value',
            ["list of 3", "no item has @.label: they have the keys: name, value", "did you mean"],
            ["$.fields[?(@.name=='tel')].value"],
        ),
        ("$.fields[?(@.name=='a' & @.b=='c')].value", ["$.fields exists and is a list"], []),
        ("$.fields.name", ["whose items have", "did you"], ["$.fields[*].name"]),
        ("$.fields[7].value", ["whose items have", "did you"], ["$.fields[*].value"]),
        ("$.one[0].x", ["$.one exists and has the keys: x", "did you"], ["$.one.x"]),
        ("$.raw.a", ["looks like JSON: write decode: {json: $.raw}"], []),
        ("$.xml.b", ["looks like XML: write decode: {xml: $.xml}"], []),
        ("$.gone.phone", ["$.gone.phone is there, and null", "stands at", "stands at"], None),
        ("$.empty", ["$.empty is there, and empty"], []),
        ("$.empty.z", ["$.empty exists and is an empty text"], []),
        ("$.nothing.z", ["$.nothing exists and is an empty object"], []),
        ("$.none[0]", ["$.none exists and is an empty list"], []),
        ("$.flag.z", ["$.flag exists and is true or false"], []),
        ("$.count.z", ["$.count exists and is a number"], []),
        ("$.names.z", ["$.names exists and is a list of 1"], []),
        ("$..telefone", ["$ has the keys"], []),
        ("$.((zip)|(plz))", ["$ has the keys"], []),
        ("($.zip)", ["$ has the keys"], []),
        ("$.zip + $.plz", ["$ has the keys"], []),
    ],
)
def test_a_path_that_found_nothing(path: str, told: list[str], paths: list[str] | None) -> None:
    """How far it got, the closest spelling, and where else the key stands."""
    near = nearness(path, LEAD)
    assert len(near.told) >= len(told)
    for found, wanted in zip(near.told, told, strict=False):
        assert wanted in found
    assert paths is None or list(near.paths) == paths


def test_a_document_that_is_nothing() -> None:
    """An empty body has nothing to choose from."""
    assert nearness("$", None) == Nearness(told=("$ is null",))
    assert nearness("$.a", "").told == ("$ is an empty text",)


def test_long_lists_of_keys_are_cut() -> None:
    """Eight keys, and how many there are."""
    (told,) = nearness("$.zip", {f"k{n}": n for n in range(20)}).told
    assert told == "$ has the keys: k0, k1, k2, k3, k4, k5, k6, k7, … (20 in all)"


@pytest.mark.parametrize(
    ("found", "told", "paths"),
    [
        ({"a": 1, "first_name": "Ada"}, "an object with the keys: a, first_name", "$.x.first_name"),
        ({"a": {}}, "an object with the keys: a", None),
        ([{"z": 1, "value": 2}], "a list of 1 with the keys: z, value", "$.x[0].value"),
        ([[1]], "a list of 1", None),
        ({}, "an empty object with the keys: none", None),
    ],
)
def test_an_object_where_a_text_is_wanted(found: Any, told: str, paths: str | None) -> None:
    """Its keys, the likeliest first; none where nothing in it is a text."""
    near = inside("$.x", {"x": found}, name="name")
    assert near.told[0] == f"$.x is {told}"
    assert (near.paths[0] if near.paths else None) == paths


def test_what_is_wanted() -> None:
    """A variable wants text, `each` a list or an object, a guard anything."""
    values: list[Any] = ["a", 0, [1], "", [], [{}], {}, None]
    assert [is_text(value) for value in values] == [True] * 3 + [False] * 5
    assert [is_several(v) for v in ([1], {"a": 1}, [], "a")] == [True, True, False, False]
    assert [is_there(v) for v in ("", None)] == [True, False]


PATHS = st.sampled_from(
    [
        "$.a",
        "$.A.b",
        "$.phone",
        "$.fone",
        "$['c  d'].b",
        "$.items[0].fone",
        "$.items.b",
        "$..e",
        "$.item[?(@.a=='Phone')].b",
        "$.a[?(@.name=='b')].value",
        "$.items[5]",
        "$.0",
        "$.a[0].b",
    ]
)
NAMED = st.fixed_dictionaries({"name": st.text(max_size=3), "value": st.text(max_size=3)})
SHAPED = st.fixed_dictionaries({"a": st.lists(NAMED, max_size=3)}, optional={"items": DOCUMENTS})


@given(path=PATHS, document=DOCUMENTS | SHAPED)
@settings(max_examples=examples(60))
def test_suggestions_compile_and_match(path: str, document: Any) -> None:
    """Whatever the document, a path that is suggested finds a text in it."""
    near = nearness(path, document)
    for suggested in near.paths:
        assert suggested != path
        assert is_text(compile_path(suggested).first(document))
    for within in inside("$", document, name="phone").paths:
        assert is_text(compile_path(within).first(document))
    assert all(told.isprintable() for told in near.told)


@given(document=DOCUMENTS)
@settings(max_examples=examples(40))
def test_places_lead_to_their_values(document: Any) -> None:
    """A place's path, where it can be written at all, finds the value that stands there."""
    for place in places(document):
        if not place.is_field and place.value is not None:
            found = first_match(place.path, document)
            assert found is None or found is place.value or found == place.value


def test_a_field_that_a_filter_cannot_reach_is_not_suggested() -> None:
    """A name in quotes, and one that stands twice with no text at the first."""
    assert nearness("$.its", {"f": [{"name": "it's", "value": "1"}]}).paths == ()
    for first, paths in [({}, ()), ("", ("$.f[?(@.name=='tel')].value",))]:
        twice = [{"name": "tel", "value": first}, {"name": "tel", "value": "1"}]
        assert nearness("$.tel", {"f": twice}).paths == paths


def test_places_are_bounded() -> None:
    """A large document is not walked to its end, a deep one not to its depth."""
    assert len(list(places({str(n): n for n in range(10_000)}))) == 3_000
    deep: Any = {}
    for _ in range(500):
        deep = {"k": deep}
    assert len(list(places(deep))) == 12
    for _ in range(5_000):
        deep = {"k": deep}
    assert first_match("$..k[?(@.v != $.x)]", deep) is None
    assert matches("$..k[?(@.v != $.x)]", deep) == matches("$.(", deep) == []
    assert first_match("$.(", deep) is None


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("$.a[0]['b c'].d", ["$", ".a", "[0]", "['b c']", ".d"]),
        ("$.f[?(@.n=='x.y[z')].value", ["$", ".f", "[?(@.n=='x.y[z')]", ".value"]),
        ("$..phone", ["$", "..phone"]),
        ("$.a.`parent`.b", ["$", ".a", ".`parent`", ".b"]),
        ("$.a.((b)|(c))", ["$", ".a", ".((b)|(c))"]),
        (r"$['it\'s'].b", ["$", r"['it\'s']", ".b"]),
        ("$.a + $.b", ["$.a + $.b"]),
        ("($.a)", ["($.a)"]),
    ],
)
def test_paths_are_cut_where_their_steps_begin(path: str, parts: list[str]) -> None:
    """Quotes, filters and parentheses stay whole; a sum is not cut at all."""
    assert list(segments(path)) == parts


@pytest.mark.parametrize(
    ("segment", "key"),
    [
        (".a", "a"),
        ("['a b']", "a b"),
        ('["a"]', "a"),
        (".'a'", "a"),
        ("[a]", "a"),
        (r"['it\'s']", "it's"),
        ("['']", ""),
        ("..a", None),
        ("[0]", None),
        ("[*]", None),
        (".*", None),
        ("[?(@.a)]", None),
        ("$", None),
    ],
)
def test_a_step_names_one_key_or_none(segment: str, key: str | None) -> None:
    """In each of the ways in which a key can be written."""
    assert key_of(segment) == key


@given(key=st.text(min_size=1, max_size=8))
@settings(max_examples=examples(60))
def test_a_key_is_written_as_it_is_read(key: str) -> None:
    """Whatever signs it has."""
    assert key_of(key_segment(key)) == key


@pytest.mark.parametrize(
    ("wanted", "keys", "near"),
    [
        ("phone", ["email", "Phone Number", "PHONE", "phnoe"], ["PHONE", "phnoe", "Phone Number"]),
        ("firstName", ["first_name", "name"], ["first_name", "name"]),
        ("a", ["b", "a", "", "--", "x" * 200], []),
        ("fone", ["email", "phone"], ["phone"]),
        ("--", ["a b", "++"], []),
    ],
)
def test_the_nearest_keys_come_first(wanted: str, keys: list[str], near: list[str]) -> None:
    """The same word, then a slip, then a word more or less; nothing for none."""
    assert near_keys(wanted, keys) == near


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", '"a"'),
        ('say "hi"\n\x1b[2J\u202e\\', r'"say \"hi\"\u000a\u001b[2J\u202e\\"'),
        ("\U000e0001", r'"\U000e0001"'),
        ("x" * 100, '"' + "x" * 79 + '…"'),
        ({"a": [1, None, True, {"b": {"c": 1}}]}, '{"a": [1, null, true, {"b": {…}}]}'),
        ([False, {}, [], "s"], '[false, {}, [], "s"]'),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …]"),
        ({"k" * 60: "v" * 60}, '{"' + "k" * 60 + '": "' + "v" * 13 + "…"),
        ("the token is hunter-22", '"the token is ***"'),
        ({"t": "x" * 75 + "hunter-22"}, '{"t": "' + "x" * 72 + "…"),
    ],
)
def test_values_are_shown_short_and_harmless(value: Any, shown: str) -> None:
    """Nothing reaches the terminal as a control, nothing of a secret is written."""
    assert Renderer(hidden=("hunter-22",)).json(value) == shown
    assert "hunter" not in repr(Renderer(hidden=("hunter-22",)))


def test_texts_are_shown_on_one_line() -> None:
    """Without quotes, as keys and paths are."""
    assert Renderer().text("a\nb") == r"a\u000ab"
