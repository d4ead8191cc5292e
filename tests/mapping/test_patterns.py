"""Operators' patterns: read in linear time, and nothing that a document holds breaks them."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import CompileError
from adapter.mapping.guards import compile_comparison
from adapter.mapping.paths import compile_path
from adapter.mapping.patterns import compile_pattern, compile_replacement, narrower_classes
from adapter.mapping.values import PathSource, View
from tests.harness.documents import DOCUMENTS

# Each takes Python's own module minutes or for ever.
HARD = [
    r"^([a-z0-9]+[._-]?)+@example[.]com$",
    r"(a+)+$",
    r"(a|a)*b",
    r"(.*,){11}P",
    r"^(\pL+\s?)*$",
]


@pytest.mark.parametrize("pattern", HARD)
def test_no_pattern_is_slow(pattern: str) -> None:
    """In a guard, a replacement and a filter alike; the longest text takes no 50 ms of CPU."""
    text = "a" * 999 + "!"
    guard = compile_comparison(PathSource(path=compile_path("$.x")), "matches", pattern)
    replacement = compile_replacement(compile_pattern(pattern), "")
    path = compile_path(f"$.l[?(@.x =~ '{pattern}')].x")
    began = time.process_time()
    guard.holds(View(document={"x": text}))
    replacement.put(text)
    path.find({"l": [{"x": text}]})
    assert time.process_time() - began < 0.15


@given(text=st.text())
def test_any_text_is_read(text: str) -> None:
    """Half characters too."""
    pattern = compile_pattern("a.c")
    assert isinstance(pattern.is_in(text), bool)
    assert "\x00" not in compile_replacement(compile_pattern(r"\x00"), "").put(text)


@given(text=st.text(alphabet="()[]{}?*+|\\.^$abAwdsbpLN<>=!:,1-é\ud800", max_size=12))
def test_any_pattern_compiles_or_is_refused(text: str) -> None:
    """Nothing else is raised."""
    with suppress(CompileError):
        assert isinstance(compile_pattern(text).is_in("abc"), bool)


@given(document=DOCUMENTS)
def test_filters_read_any_document(document: object) -> None:
    """What is no text matches no pattern."""
    for found in compile_path("$..*[?(@ =~ 'a')]").find(document):
        assert isinstance(found, str)
        assert "a" in found


@pytest.mark.parametrize(
    ("pattern", "classes"),
    [(r"^\d+\w$", r"\d, \w"), (r"\\d", ""), ("[0-9]", ""), (r"\bx\b", r"\b")],
)
def test_what_means_less_is_known(pattern: str, classes: str) -> None:
    """The classes that are ASCII's alone."""
    assert narrower_classes(pattern) == classes
