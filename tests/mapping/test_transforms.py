"""Transforms: text → text."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import CompileError
from adapter.mapping.transforms import (
    date_transform,
    named_transform,
    replace_transform,
    truncate_transform,
)


@pytest.mark.parametrize(
    ("name", "text", "result"),
    [
        ("lower", "ANA", "ana"),
        ("upper", "ana", "ANA"),
        ("title", "maría-josé O'BRIEN it's i'm d'angelo", "María-José O'Brien It's I'm D'Angelo"),
        ("title", "", ""),
        ("first_word", "Ana María López", "Ana"),
        ("first_word", "", ""),
        ("last_word", "Ana María López", "López"),
        ("last_word", "", ""),
        ("digits", "(+34) 612-٣", "346123"),
        ("strip_html", "<p>Hi <b>A</b>na</p><p>5 < 6</p><br/>ok", "Hi Ana 5 < 6 ok"),
        ("strip_html", "<script>x</script>a<!-- c -->b<style>", "a b"),
    ],
)
def test_named(name: str, text: str, result: str) -> None:
    """Each named transform does what its name says."""
    assert named_transform(name).change(text) == result


@pytest.mark.parametrize(
    ("format_", "zone", "text", "result"),
    [
        ("%d/%m/%Y", None, "2024-05-06T23:30:00Z", "06/05/2024"),
        ("%d/%m/%Y", "Europe/Madrid", "2024-05-06T23:30:00Z", "07/05/2024"),
        ("%H:%M", "Europe/Madrid", "2024-05-06T23:30:00", "23:30"),
        ("%H:%M", None, "2024-05-06T23:30:00+02:00", "23:30"),
        ("%d/%m/%Y", "Europe/Madrid", "1714996800000", "06/05/2024"),
        ("%-d %%", None, "1714996800", "6 %"),
        ("%d", None, "soon", ""),
        ("%d", None, "", ""),
        ("%d", "Asia/Tokyo", "9999-12-31T23:00:00Z", ""),
    ],
)
def test_date(format_: str, zone: str | None, text: str, result: str) -> None:
    """A date is written in the format and zone; a naive one stays as it is."""
    assert date_transform(format_, zone).change(text) == result


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "result"),
    [
        (r"(\pL+) (\pL+)", r"\2 \1", "Ana López", "López Ana"),
        ("(a)|b", r"<\1\\>é\n", "ab", "<a\\>é\n<\\>é\n"),
        ("\ud800", "x", "a\ud800b", "axb"),
        ("x", "", "axbx", "ab"),
        (r"(?P<n>a)", r"\g<n>!", "a", "a!"),
        ("^", "", "y" * 2000, "y" * 1000),
    ],
)
def test_replace(pattern: str, replacement: str, text: str, result: str) -> None:
    """A regular expression replaces each match within the first 1,000 characters."""
    assert replace_transform(pattern, replacement).change(text) == result


def test_truncate() -> None:
    """The first characters stay, without a blank at the end."""
    assert truncate_transform(4).change("Ana López") == "Ana"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: named_transform("titel"), "did you mean title"),
        (lambda: named_transform("truncate"), r"write \{truncate: 200\}"),
        (lambda: named_transform("zzz"), "there are lower"),
        (lambda: date_transform("%Q", None), "no %Q"),
        (lambda: date_transform("100%", None), "no %"),
        (lambda: date_transform("%d", "Europe/Madird"), "did you mean Europe/Madrid"),
        (lambda: date_transform("%d", "../x"), "for example Europe/Madrid"),
        (lambda: replace_transform("(", ""), "not a regular expression"),
        (lambda: replace_transform("a{9999}", ""), "not a regular expression"),
        (lambda: replace_transform("(?=a)", ""), "no look-around"),
        (lambda: replace_transform(r"(a)\1", ""), "no back-reference"),
        (lambda: replace_transform("a", r"\1"), "does not fit"),
        (lambda: replace_transform("a", "\\"), "write a backslash as"),
        (lambda: replace_transform("a", r"\g<n>"), "does not fit"),
        (lambda: truncate_transform(0), "1 or more"),
    ],
)
def test_compile_errors(build: Callable[[], object], message: str) -> None:
    """A transform that cannot work does not load."""
    with pytest.raises(CompileError, match=message):
        build()


@given(text=st.text())
def test_no_text_fails(text: str) -> None:
    """Transforms of any text give text."""
    steps = [named_transform(name) for name in ("title", "digits", "strip_html", "last_word")]
    steps += [date_transform("%d/%m/%Y %H:%M", "Asia/Tokyo"), replace_transform(".", "x")]
    assert all(isinstance(step.change(text), str) for step in steps)
