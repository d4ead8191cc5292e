"""Paths: what they find, take out and replace, and what they say when they do not compile."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_ng.ext.parser import parse

from adapter.errors import CompileError, MappingError
from adapter.mapping.path_text import child_path, quoted_path
from adapter.mapping.paths import compile_path, compile_place
from adapter.values.elements import as_elements
from adapter.webhook.formats.json import json_text
from adapter.webhook.formats.xml import xml_from_text
from tests.harness.documents import DOCUMENTS

PEOPLE = {
    "fields": [{"name": "phone", "value": "1"}, {"name": "email", "value": "2"}],
    "score": Decimal("9.5"),
    "big": Decimal("1E+999"),
    "rows": [{"price": Decimal("0.1"), "n": 1}, {"price": Decimal("12.5"), "n": 2}],
    "mixed": ["a", 1],
    "name": "Ana",
    "zero": 0,
    "none": None,
    "a b": {"c": [10, 20]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.name", ["Ana"]),
        (" $.name ", ["Ana"]),
        ("$", [PEOPLE]),
        ("$['a b'].c[1]", [20]),
        ("$['a b'].c[-1]", [20]),
        ("$['a b'].c[2]", []),
        ("$['a b'].c.d", []),
        ("$.name[0]", []),
        ("$.name.x", []),
        ("$.none", []),
        ("$.none.x", []),
        ("$.absent", []),
        ("$.fields[*].value", ["1", "2"]),
        ("$.fields[?(@.name=='phone')].value", ["1"]),
        ("$.fields[?(@.name==phone)].value", ["1"]),
        ("$.fields[?@.name=='phone' & @.value=='1'].value", ["1"]),
        ("$.fields[?@.name =~ '^e'].value", ["2"]),
        ("$.fields[?@.name != 'phone' || @.value == 'x'].value", ["2"]),
        ("$..value", ["1", "2"]),
        ("$.rows[?(@.price > 9.5)].n", [2]),
        ("$.rows[?(@.price == 0.1)].n", [1]),
        ("$.rows[?(@.price > $.score)].n", [2]),
        ("$.rows[?(@.n > 'x')].n", []),
        ("$.score * 2", [Decimal("19.0")]),
        ("$.score + 0.25", [Decimal("9.75")]),
        ("$.name * 2", []),
        ("$.name + $.score", []),
        ("$.name * 1000000000", []),
        ("$.mixed.`sorted`", []),
        ("$.mixed.`len`", [2]),
        ("$.rows[/n][0].n", [1]),
        ("$.zero.`sub(/a/, b)`", []),
        ("$.name.`sub(/A/, E)`", ["Ena"]),
        ("$.`parent`", []),
        ("($.name)|($.zero)", ["Ana", 0]),
    ],
)
def test_find(path: str, found: list[Any]) -> None:
    """A path finds all matches but nulls, and nothing where the document does not fit it."""
    compiled = compile_path(path)
    assert compiled.find(PEOPLE) == found
    assert compiled.first(PEOPLE) == (found[0] if found else None)


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (["", "Ana"], "Ana"),
        ([None, " \n", "Ana", "Bo"], "Ana"),
        (["", 0], 0),
        (["", False], False),
        (["", " "], ""),
        (["", {"value": ""}], ""),
        (["", {}, "Ana"], "Ana"),
        ([{}, "Ana"], {}),
        ([[], [""], ["Ana"]], ["Ana"]),
        ([None], None),
        ([], None),
    ],
)
def test_a_blank_match_does_not_hide_the_next(values: list[Any], counts: Any) -> None:
    """A form writes "" where a question was passed over, and asks another one too."""
    assert compile_path("$[*]").first(values) == counts


PLAIN_STEPS = st.lists(
    st.sampled_from(
        [".a", ".b", "['c d']", "['é']", "[0]", "[-1]", "[1]", ".phone", "['0']", "['*']"]
    )
)


@given(document=DOCUMENTS, steps=PLAIN_STEPS)
def test_plain_paths_walk_as_the_library_does(document: Any, steps: list[str]) -> None:
    """Our own loop over plain paths finds what jsonpath-ng finds."""
    text = "$" + "".join(steps)
    expected = [match.value for match in parse(text).find(document) if match.value is not None]
    compiled = compile_path(text)
    assert compiled.steps is not None
    assert compiled.find(document) == expected


@pytest.mark.parametrize(
    ("path", "document", "items"),
    [
        ("$.c[*]", {"c": [{"x": 1}, None, {"x": 2}]}, [{"x": 1}, {"x": 2}]),
        ("$.c[*]", {"c": {"x": 1}}, [{"x": 1}]),
        ("$.c", {"c": [{"x": 1}, {"x": 2}]}, [{"x": 1}, {"x": 2}]),
        ("$.c", {"c": {"x": 1}}, [{"x": 1}]),
        ("$.c.*", {"c": {"x": [1], "y": [2]}}, [1, 2]),
        ("$[*]", [1, [2, 3]], [1, 2, 3]),
        ("$[*]", {"x": 1}, [{"x": 1}]),
        ("$", [{"x": 1}], [{"x": 1}]),
        ("$.c [*]", {"c": "only"}, ["only"]),
        ("$.g[*].c[*]", {"g": [{"c": {"x": 1}}, {"c": [{"x": 2}]}]}, [{"x": 1}, {"x": 2}]),
        ("$.c[*]", {"c": None}, []),
        ("$.c[*]", {}, []),
    ],
)
def test_items(path: str, document: Any, items: list[Any]) -> None:
    """A list counts as its items, a lone value as one, also under a trailing [*]."""
    assert compile_path(path).items(document) == items


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("$.secret", {"secret": "s", "x": 1}, {"x": 1}),
        ("$.a.secret", {"a": {"secret": "s"}}, {"a": {}}),
        ("$.secret", {"x": 1}, {"x": 1}),
        ("$.list[0]", {"list": ["s", "phone"]}, {"list": [None, "phone"]}),
        ("$..secret", {"secret": "s", "a": [{"secret": "s"}]}, {"a": [{}]}),
        ("$.f[?(@.n=='k')].v", {"f": [{"n": "k", "v": "s"}]}, {"f": [{"n": "k"}]}),
        ("($.a)|($.a)", {"a": 1}, {}),
    ],
)
def test_take_out(path: str, before: Any, after: Any) -> None:
    """What is matched leaves the document; indexes of a list stay."""
    compile_place(path).take_out(before)
    assert before == after


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("$.raw", {"raw": '{"a": 1}'}, {"raw": {"a": 1}}),
        ("$", '{"a": 1}', {"a": 1}),
        ("$.raws[*]", {"raws": ["1", None, "2"]}, {"raws": [1, None, 2]}),
        ("$.raw", {}, {}),
    ],
)
def test_replace(path: str, before: Any, after: Any) -> None:
    """Each match that is not null is replaced in place, also the root."""
    assert compile_path(path).replace(before, json.loads) == after


@pytest.mark.parametrize("path", ["$", "$.a.`len`", "$.a.`path`"])
def test_no_place(path: str) -> None:
    """What is computed, or is the whole document, cannot be taken out: at load and at run time."""
    with pytest.raises(CompileError, match="name"):
        compile_place(path)
    with pytest.raises(MappingError, match="names no place"):
        compile_path(path).take_out({"a": "x"})


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "paths begin with"),
        ("phone", "paths begin with"),
        ("+442079460000", "paths begin with"),
        ("$.é", r"write \$\['é'\]"),
        ("$.Phone Number", r"write \$\['Phone Number'\]"),
        ("$.a.2nd.b", r"write \$\.a\['2nd'\]\.b"),
        ("$[Phone Number].x", r"write \$\['Phone Number'\]\.x"),
        ("$.#text", r"write \$\['#text'\]"),
        ("$.where", r"write \$\['where'\]"),
        ("$.it's", r"write \$\['it\\'s'\]"),
        ("$.", "not a JSONPath"),
        ("$.score / $.zero", "not a JSONPath: [^;]*$"),
        ("$.a[", "not a JSONPath"),
        ("$.a.`nope`", "nope"),
        ("$.a.`sub(/(/, x)`", "not a JSONPath"),
        ("$.a.`split(x`", "not a JSONPath"),
        ("$.a & $.b", "&& inside a filter"),
        ("$.lead[product", r"write \$\.lead\['product'\]"),
        ("$.a|$.b", r"\$\.\(\(a\)\|\(b\)\)"),
        ("$.a[?@.n =~ '(']", "bad regular expression"),
        ("$.a[?@.n =~ 3]", "bad regular expression"),
    ],
)
def test_compile_errors(path: str, message: str) -> None:
    """A path that does not compile says what to write instead."""
    with pytest.raises(CompileError, match=message):
        compile_path(path)


@given(text=st.text(alphabet="$.[]'\"`?@()=~<>&|*/\\+-:, abé01", max_size=20))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    """No text makes anything but a path or a CompileError, and no path anything but a match."""
    try:
        path = compile_path("$" + text)
    except CompileError:
        return
    path.find(PEOPLE)
    path.items(PEOPLE)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("$.a['b c'].d", "$.a['b c'].d"),
        ("$.a.`len`", "$.a.`len`"),
        ("$..a b", "$..['a b']"),
        ("$.a[0][1:2][*].b", "$.a[0][1:2][*].b"),
    ],
)
def test_quoted_path(text: str, quoted: str) -> None:
    """Only keys that need quotes get them."""
    assert quoted_path(text) == quoted


def test_a_document_too_deep_is_refused_by_name() -> None:
    """A filter that looks up the root of a very deep document ends in a named refusal."""
    document: Any = {"v": 1}
    for _ in range(5_000):
        document = {"k": document}
    with pytest.raises(MappingError, match=r"malformed_body: .* nested too deeply"):
        compile_path("$..k[?(@.v == $.x)]").find(document)


@pytest.mark.parametrize(
    "key", ["a", "a b", "14", "11.3", "where", "*", "it's", "a\\b", "@type", "#text", "é", "", "a]"]
)
def test_any_key_has_a_path(key: str) -> None:
    """In quotes where it needs them."""
    assert compile_path(child_path("$", key)).first({key: 7}) == 7
    assert compile_path(child_path("$.a", key)).first({"a": {key: 7}}) == 7


_VOICE = "[?(@['@type']=='voice')]"
ONE = "<r><phone type='voice'>1</phone><tags><tag>x</tag></tags></r>"
MANY = (
    "<r><phone type='voice'>1</phone><phone type='fax'>2</phone>"
    "<tags><tag>x</tag><tag>y</tag></tags></r>"
)


@pytest.mark.parametrize("xml", [ONE, MANY])
@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("$.r.phone[0]['#text']", "1"),
        ("$.r.phone[*]['#text']", "1"),
        ("$.r.phone[:1]['#text']", "1"),
        (f"$.r.phone{_VOICE}['#text']", "1"),
        (f"$..phone{_VOICE}['#text']", "1"),
        ("$.r.phone[?(@['@type']=='pager')]['#text']", None),
        ("$.r.tags.tag[0]", "x"),
        ("$.r.tags.tag[*]", "x"),
        ("$.r.tags[0].tag[0]", "x"),
        ("$.r[0].phone[7]", None),
    ],
)
def test_one_element_or_many_answer_the_same_paths(xml: str, path: str, first: str | None) -> None:
    """An index, `[*]`, a slice and a filter read a lone element as a list of one."""
    document = xml_from_text(xml)
    assert compile_path(path).first(document) == first
    assert compile_path(path).first(as_elements(json.loads(json_text(document)))) == first


def test_a_lone_element_is_itself_for_every_other_path() -> None:
    """`.*` still means its values, a key its child; and a lone object of JSON stays one."""
    document = xml_from_text(ONE)
    assert compile_path("$.r.phone.*").find(document) == ["voice", "1"]
    assert compile_path("$.r.phone['#text']").find(document) == ["1"]
    lone = json.loads(json_text(document))
    assert compile_path("$.r.phone[0]").find(lone) == []
    assert compile_path("$.r.phone[*]").find(lone) == ["voice", "1"]


def test_a_lone_element_is_taken_out_where_it_stands() -> None:
    """A secret that a path names as the first of many leaves a document that has one."""
    for path in ("$.r.phone[0]", "$.r.phone[*]", f"$.r.phone{_VOICE}", "$.r.phone[0]['#text']"):
        document = xml_from_text(ONE)
        compile_place(path).take_out(document)
        assert "1" not in json_text(document)
    document = xml_from_text(ONE)
    compile_place("$.r.tags.tag[0]").replace(document, str.upper)
    assert document["r"]["tags"] == {"tag": "X"}
