"""Guards: conditions on a request."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from adapter.errors import CompileError
from adapter.mapping.guards import OPERATORS, AllOf, AnyOf, Guard, Not, compile_comparison
from adapter.mapping.paths import compile_path
from adapter.mapping.values import PathSource, View
from tests.harness.documents import DOCUMENTS

VIEW = View(
    document={
        "stage": " lead ",
        "n": 18,
        "text_n": "18.5",
        "d": Decimal("0.5"),
        "yes": True,
        "null": None,
        "object": {"a": 1},
        "tags": ["vip", "new"],
        "html": "A &amp; B",
        "long": "x" * 1_000 + "END",
        "inf": "Infinity",
        "grouped": "1_000",
        "huge": Decimal("1E+999999"),
    }
)


def comparison(path: str, operator: str, operand: Any) -> Guard:
    """Return a comparison from a path's text."""
    return compile_comparison(PathSource(path=compile_path(path)), operator, operand)


@pytest.mark.parametrize(
    ("path", "operator", "operand", "holds"),
    [
        ("$.stage", "equals", "lead", True),
        ("$.stage", "equals", " lead", True),
        ("$.stage", "equals", "Lead", False),
        ("$.n", "equals", 18, True),
        ("$.n", "equals", "18", True),
        ("$.text_n", "equals", 18.5, True),
        ("$.d", "equals", 0.5, True),
        ("$.yes", "equals", True, True),
        ("$.yes", "equals", "true", True),
        ("$.null", "equals", "", True),
        ("$.absent", "equals", "", True),
        ("$.absent", "equals", None, True),
        ("$.absent", "equals", "x", False),
        ("$.object", "equals", "", False),
        ("$.html", "equals", "A &amp; B", True),
        ("$.tags[*]", "equals", "new", True),
        ("$.tags", "equals", "vip, new", True),
        ("$.tags[*]", "not_equals", "new", False),
        ("$.tags[*]", "not_equals", "old", True),
        ("$.absent", "not_equals", "x", True),
        ("$.object", "not_equals", "x", True),
        ("$.stage", "in", ["customer", "lead"], True),
        ("$.n", "in", [17, 18], True),
        ("$.absent", "in", ["x"], False),
        ("$.tags[*]", "not_in", ["old", "new"], False),
        ("$.tags[*]", "not_in", ["old"], True),
        ("$.stage", "matches", "^le", True),
        ("$.stage", "matches", "^ad", False),
        ("$.absent", "matches", "^$", True),
        ("$.long", "matches", "END", False),
        ("$.stage", "exists", True, True),
        ("$.object", "exists", True, True),
        ("$.null", "exists", True, False),
        ("$.absent", "exists", False, True),
        ("$.n", "gt", 17, True),
        ("$.n", "gt", 18, False),
        ("$.text_n", "gt", "18.4", True),
        ("$.text_n", "lt", 18.5, False),
        ("$.d", "lt", 1, True),
        ("$.stage", "gt", 0, False),
        ("$.stage", "lt", 0, False),
        ("$.yes", "gt", 0, False),
        ("$.absent", "lt", 1, False),
        ("$.inf", "gt", 1, False),
        ("$.grouped", "gt", 1, False),
        ("$.huge", "gt", 1, False),
    ],
)
def test_comparison(path: str, operator: str, operand: Any, holds: bool) -> None:
    """Each operator compares text forms or numbers of any match."""
    assert comparison(path, operator, operand).holds(VIEW) is holds


YES = comparison("$.n", "equals", 18)
NO = comparison("$.n", "equals", 19)


@pytest.mark.parametrize(
    ("guard", "holds"),
    [
        (AllOf(guards=(YES, YES)), True),
        (AllOf(guards=(YES, NO)), False),
        (AllOf(guards=()), True),
        (AnyOf(guards=(NO, YES)), True),
        (AnyOf(guards=(NO,)), False),
        (AnyOf(guards=()), False),
        (Not(guard=NO), True),
        (Not(guard=AllOf(guards=(YES, AnyOf(guards=(YES,))))), False),
    ],
)
def test_nesting(guard: Guard, holds: bool) -> None:
    """`all`, `any` and `not` nest."""
    assert guard.holds(VIEW) is holds


@pytest.mark.parametrize(
    ("operator", "operand", "message"),
    [
        ("equal", "x", "did you mean equals"),
        ("zzz", "x", "there are equals"),
        ("equals", ["a"], "write in"),
        ("equals", {"a": 1}, "expected one text"),
        ("in", "a", "expected a list"),
        ("in", [], "expected a list"),
        ("not_in", [["a"]], "expected one text"),
        ("matches", 3, "in quotes"),
        ("matches", "(", "not a regular expression"),
        ("exists", "yes", "true or false"),
        ("gt", "many", "expected a number"),
        ("lt", {}, "expected a number"),
    ],
)
def test_compile_errors(operator: str, operand: Any, message: str) -> None:
    """A condition that cannot work does not load."""
    with pytest.raises(CompileError, match=message):
        comparison("$.n", operator, operand)


OPERANDS = {"in": ["a"], "not_in": ["a"], "matches": "a", "exists": True, "gt": 1, "lt": 1}


@given(document=DOCUMENTS)
def test_any_document_can_be_compared(document: Any) -> None:
    """No document makes a condition fail, and negations are the opposite."""
    view = View(document=document)
    results = {
        name: comparison("$..a", name, OPERANDS.get(name, "a")).holds(view) for name in OPERATORS
    }
    assert results["equals"] is results["in"] is not results["not_equals"]
    assert results["not_in"] is results["not_equals"]
