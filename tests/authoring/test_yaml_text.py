"""Promises about the YAML of a draft: it reads back as the values that were written."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.authoring import yaml_text
from adapter.authoring.yaml_text import Env, block, flow, key, scalar
from adapter.compiler.yaml.environment import Variables, expand
from adapter.compiler.yaml.marks import read_sheet

ODD = st.sampled_from(
    [
        *("yes", "No", "1.10", "a: b", "a #b", "- x", "${X}", "$${X}", "", "~", "null", "0x1f"),
        *(
            "2026-03-02",
            "10:00",
            "+12025550123",
            "a\nb",
            "\u2028",
            "x'y",
            "$['a b']",
            "'",
            '"',
            "?x",
        ),
        *(
            "$.a[?(@.b=='c')].d",
            "-",
            "---",
            "a, b",
            "{x}",
            "[a]",
            "%a",
            "@a",
            "`a",
            "&a",
            "*a",
            "!a",
        ),
        *(
            "|",
            ">",
            "#a",
            " a",
            "a ",
            "a:",
            ":a",
            "?",
            "=",
            "<<",
            '{"a": "b"}',
            "\ufeff",
            "\x85",
            "4d",
        ),
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | ODD
SCALARS = TEXTS | st.integers() | st.booleans() | st.none() | st.sampled_from([1.5, 2.5])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES, st.sampled_from([20, 110]))
def test_what_is_written_reads_back(value: Any, width: int) -> None:
    """Any text, in flow and in blocks, also what YAML or the environment would take for more."""
    kept, yaml_text.WIDTH = yaml_text.WIDTH, width
    try:
        text = "\n".join(block("k", value)) + "\n"
    finally:
        yaml_text.WIDTH = kept
    sheet, problems = read_sheet("f.yaml", text.encode())
    assert sheet is not None
    assert problems == []
    assert expand(sheet, Variables(environ={"X": "leaked"}), str)[0].value == {"k": value}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a lead", "a lead"),
        ("4d", "4d"),
        ("yes", '"yes"'),
        ("+12025550123", '"+12025550123"'),
        ('{"a": 1}', "'{\"a\": 1}'"),
        (Env(name="A_TOKEN"), '"${A_TOKEN}"'),
        (Env(name="A", default=""), '"${A:-}"'),
        ("${A}", '"$${A}"'),
        (Decimal("1.5"), "1.5"),
        (None, "null"),
        (True, "true"),
    ],
)
def test_quotes_stand_where_they_must(value: Any, written: str) -> None:
    """And nowhere else."""
    assert scalar(value) == written


def test_keys_and_flows() -> None:
    """As a person writes them."""
    assert key("Phone Number") == "Phone Number"
    assert key("no") == '"no"'
    assert key("1.10") == '"1.10"'
    assert flow({"path": "$.a", "in": ["x", 1]}) == "{path: $.a, in: [x, 1]}"


def test_a_long_list_stands_entry_by_entry() -> None:
    """Where one line is too short for it, whatever its entries are."""
    long = "a text that is long enough to fill most of a line of a mapping, and then some more"
    assert block("k", [long, 1, {"a": long, "b": long}, []]) == [
        "k:",
        f"  - {scalar(long)}",
        "  - 1",
        f"  - a: {scalar(long)}",
        f"    b: {scalar(long)}",
        "  - []",
    ]
