"""YAML text to a value with positions."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.compiler.yaml.marks import core_value, read_sheet


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("10:00", "10:00"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("0o17", 15),
        ("0x1F", 31),
        ("+34", 34),
        ("007", 7),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 5", "5"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    """Plain scalars mean what YAML 1.2's core schema says, quoted ones are text."""
    sheet, problems = read_sheet("a.yaml", f"key: {text}\n".encode())
    assert sheet is not None
    assert (sheet.value, problems) == ({"key": value}, [])


@pytest.mark.parametrize(
    ("body", "line", "column", "words"),
    [
        (b"a:\n\tb: 1\n", 2, 1, "tab"),
        (b"a: {b: ${X}}\n", 1, 9, "quotes"),
        (b"a: 1\n---\nb: 2\n", 3, 1, "one document"),
        (b"a: 1\nb: 2\na: 3\n", 3, 1, "twice"),
        (b"a: &x [*x]\n", 1, 4, "alias"),
        (b"a: *x\n", 1, 4, "undefined alias"),
        (b"a: !secret x\n", 1, 4, "tags"),
        (b"? [a]\n: b\n", 1, 3, "key must be text"),
        (b"a: 1\nb: \xff\n", 2, 1, "UTF-8"),
        (b"a: \x00\n", 1, 1, "does not allow"),
        (b"a: b: c\n", 1, 5, "not YAML"),
        (b'a: "b\n', 2, 1, "not YAML"),
        (b"[" * 1200, 1, 1, "too deeply"),
    ],
)
def test_unreadable_text_is_one_problem(body: bytes, line: int, column: int, words: str) -> None:
    """What is wrong with the text itself is said once, where it stands."""
    _, problems = read_sheet("a.yaml", body)
    assert [(each.line, each.column) for each in problems] == [(line, column)]
    assert words in problems[0].message


def test_positions_of_keys_and_values() -> None:
    """Every value knows where it and its key stand, aliases where their anchor does."""
    sheet, _ = read_sheet("a.yaml", b"a:\n  - b: 1\n    c: &x two\nd: *x\n")
    assert sheet is not None
    mark = sheet.marks["a", 0, "c"]
    assert (mark.key_line, mark.key_column, mark.line, mark.column) == (3, 5, 3, 8)
    assert sheet.value == {"a": [{"b": 1, "c": "two"}], "d": "two"}


def test_keys_by_text_form() -> None:
    """Numbers, booleans and null as keys are what they look like."""
    sheet, _ = read_sheet("a.yaml", b"1: a\ntrue: b\n~: c\n1.5: d\n")
    assert sheet is not None
    assert sheet.value == {"1": "a", "true": "b", "": "c", "1.5": "d"}


def test_an_empty_file_and_a_bom() -> None:
    """An empty file is an empty map; a byte order mark is no part of the text."""
    assert read_sheet("a.yaml", b"")[0].value == {}  # type: ignore[union-attr]  # just read
    assert read_sheet("a.yaml", b"\xef\xbb\xbfa: 1")[0].value == {"a": 1}  # type: ignore[union-attr]  # just read


def test_an_alias_bomb_is_refused() -> None:
    """A small file whose aliases make it huge ends as a problem, quickly."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    _, problems = read_sheet("a.yaml", "\n".join(lines).encode())
    assert "alias" in problems[0].message


def test_a_number_too_long_for_python_stays_text() -> None:
    """Python reads no more than 4,300 digits."""
    assert core_value("9" * 5000) == "9" * 5000


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes at all raise."""
    sheet, problems = read_sheet(str(Path("a.yaml")), body)
    assert sheet is not None or problems
