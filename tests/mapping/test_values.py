"""Values: path → text → join → map → transforms → default."""

from typing import Any

import pytest
from hypothesis import given

from adapter.errors import CompileError, MappingError
from adapter.mapping.paths import compile_path
from adapter.mapping.transforms import named_transform, replace_transform
from adapter.mapping.values import Constant, Origin, PathSource, Text, Value, View, compile_template
from adapter.values.text import fold
from tests.harness.documents import DOCUMENTS

VIEW = View(
    document={
        "name": " ana  LÓPEZ ",
        "tags": ["vip", "new", None],
        "rows": [{"n": 1}, {"n": None}, {"n": 2}],
        "plan": "p1",
        "off": False,
        "empty": "",
        "object": {"a": 1},
        "a}b": "brace",
        "it's": "quote",
    },
    query={"utm": "spring"},
    headers={"x-foo": "bar"},
)
TITLE = named_transform("title")


def path(text: str, origin: Origin = Origin.ITEM) -> PathSource:
    """Return a source from a path's text."""
    return PathSource(path=compile_path(text), origin=origin)


@pytest.mark.parametrize(
    ("value", "text", "matched"),
    [
        (Value(source=path("$.name")), "ana LÓPEZ", "$.name"),
        (Value(source=path("$.name"), transforms=(TITLE,)), "Ana López", "$.name"),
        (Value(source=path("$.absent")), "", ""),
        (Value(source=path("$.absent"), default="you"), "you", ""),
        (Value(source=path("$.empty"), default=" you "), "you", ""),
        (Value(source=path("$.tags")), "vip, new", "$.tags"),
        (Value(source=path("$.tags"), join="/"), "vip/new", "$.tags"),
        (Value(source=path("$.rows[*].n")), "1", "$.rows[*].n"),
        (Value(source=path("$.rows[*].n"), join="; "), "1; 2", "$.rows[*].n"),
        (Value(source=path("$.plan"), map={"p1": "Basic"}), "Basic", "$.plan"),
        (Value(source=path("$.name"), map={"p1": "Basic"}), "", ""),
        (Value(source=path("$.name"), map={"p1": "Basic"}, default="none"), "none", ""),
        (Value(source=path("$.off")), "false", "$.off"),
        (Value(source=path("$.off"), false_is_empty=True, default="x"), "x", ""),
        (Value(source=path("$.plan"), false_is_empty=True), "p1", "$.plan"),
        (Value(source=path("$.plan"), transforms=(replace_transform("1", "\n"),)), "p", "$.plan"),
        (Value(source=path("$.utm", Origin.QUERY)), "spring", "$.utm"),
        (Value(source=path("$.x-foo", Origin.HEADERS)), "bar", "$.x-foo"),
        (Value(source=Constant(text="Solar  panels")), "Solar panels", ""),
    ],
)
def test_text(value: Value, text: str, matched: str) -> None:
    """Each step has its place, and the path that gave the text is named."""
    assert value.text(VIEW) == Text(text=text, matched=matched)


@pytest.mark.parametrize(
    ("template", "text", "is_filled"),
    [
        ("{$.name} {$.plan}", "ana LÓPEZ p1", True),
        ("{$.absent} {$.plan}", "p1", True),
        ("{{{$.plan}}} }}", "{p1} }", True),
        ("{$['a}b']}", "brace", True),
        (r"{$['it\'s']}!", "quote!", True),
        ('{$["a}b"]}-{$.tags}', "brace-vip, new", True),
        ("+{$.absent}{$.empty}", "+", False),
    ],
)
def test_template(template: str, text: str, is_filled: bool) -> None:
    """A template inserts texts, and tells whether anything was inserted."""
    compiled = compile_template(template, Origin.ITEM)
    assert compiled.read(VIEW) == Text(text=text, matched=template if is_filled else "")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{$.a", "not closed"),
        ("{$['a}", "not closed"),
        ("{$.a\\", "not closed"),
        ("$.a}", "lone"),
        ("$.first $.last", "inserts nothing"),
        ("{name}", "paths begin with"),
        ("{}", "paths begin with"),
    ],
)
def test_template_errors(template: str, message: str) -> None:
    """A template that does not compile says why."""
    with pytest.raises(CompileError, match=message):
        compile_template(template, Origin.ITEM)


@pytest.mark.parametrize(
    "source", [path("$.object"), compile_template("x {$.object}", Origin.ITEM)]
)
def test_an_object_is_refused(source: Any) -> None:
    """An object names its path, and never shows its content."""
    with pytest.raises(MappingError, match=r"not_a_scalar: \$\.object: expected one value"):
        Value(source=source).text(VIEW)


@given(document=DOCUMENTS)
def test_any_document_gives_clean_text_or_a_refusal(document: Any) -> None:
    """Whatever a sender writes, a variable's text is folded, or the call refused."""
    value = Value(source=path("$.a"), join=" ", transforms=(TITLE,), default="x")
    try:
        text = value.text(View(document=document)).text
    except MappingError:
        return
    assert text
    assert text == fold(text)
