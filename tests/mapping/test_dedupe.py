"""Dedupe keys: equal for the same lead, different for another."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapter.errors import MappingError
from adapter.mapping.dedupe import Dedupe
from adapter.mapping.paths import compile_path
from adapter.mapping.values import PathSource, View
from adapter.model import DedupeKey

PHONE = "+34612345678"
HOUR = timedelta(hours=1)


def dedupe(*paths: str, window: timedelta | None = None) -> Dedupe:
    """Return a rule from the paths of its key."""
    key = tuple(PathSource(path=compile_path(path)) for path in paths)
    return Dedupe(key=key, window=window)


def key_of(rule: Dedupe, document: Any = None, **variables: str) -> DedupeKey:
    """Return the one key of a call."""
    (key,) = rule.keys(View(document=document), PHONE, variables)
    return key


@pytest.mark.parametrize(
    ("rule", "document", "window"),
    [
        (dedupe(), {}, timedelta(hours=24)),
        (dedupe(window=HOUR), {}, HOUR),
        (dedupe("$.id"), {"id": 1}, timedelta(days=4)),
        (dedupe("$.id", window=HOUR), {"id": 1}, HOUR),
        (dedupe("$.id", "$.x", window=HOUR), {"x": ""}, timedelta(hours=24)),
    ],
)
def test_window(rule: Dedupe, document: Any, window: timedelta) -> None:
    """An explicit key lives 4 days, the default one 24 hours, unless the mapping says."""
    assert key_of(rule, document).window == window


BY_ID = dedupe("$.id", "$.stage")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"id": 1, "stage": "x"}, {"id": "1", "stage": " x ", "attempt": 2}),
        ({"id": {"a": 1, "b": 2}}, {"id": {"b": 2, "a": 1}}),
        ({"id": 0}, {"id": "0", "stage": {}}),
    ],
)
def test_same_lead(first: Any, second: Any) -> None:
    """Only the texts of the parts count."""
    assert key_of(BY_ID, first, name="Ana") == key_of(BY_ID, second, name="Luis")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"id": 1}, {"id": 2}),
        ({"id": "a", "stage": "b"}, {"id": "b", "stage": "a"}),
        ({"id": "a,b"}, {"id": "a", "stage": "b"}),
        ({"id": ["a", "b"]}, {"id": ["a, b"]}),
        ({"id": Decimal("1E+9999")}, {"id": Decimal("1E+9998")}),
        ({"id": 1}, {}),
    ],
)
def test_another_lead(first: Any, second: Any) -> None:
    """Parts cannot run into each other."""
    assert key_of(BY_ID, first).digest != key_of(BY_ID, second).digest


def test_default_key() -> None:
    """Phone and variables make the default key, in any order; an empty explicit key falls back."""
    default = key_of(dedupe(), {"x": 1}, a="1", b="2")
    assert default == key_of(dedupe(), {"x": 2}, b="2", a="1")
    assert default == key_of(BY_ID, {"x": 2}, b="2", a="1")
    assert default != key_of(dedupe(), {"x": 1}, a="1")


def test_too_deep() -> None:
    """A part nested too deeply is a named refusal."""
    document: Any = {}
    for _ in range(100_000):
        document = {"id": document}
    with pytest.raises(MappingError, match="not_a_scalar: a part of the dedupe key"):
        key_of(BY_ID, document)
