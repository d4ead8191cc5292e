"""Days and times of day as people write them."""

from typing import Any

import pytest

from adapter.agent import Span
from adapter.compiler.keys.calling_hours import read_days, read_spans


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", [0]),
        ("Sun", [6]),
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("mon - wed", [0, 1, 2]),
        ("sat-mon", [5, 6, 0]),
        ("tue,thu", [1, 3]),
        ("mon-tue, fri-sat", [0, 1, 4, 5]),
        ("wed-wed", [2]),
    ],
)
def test_days(text: str, days: list[int]) -> None:
    """Days, ranges, and both with commas between; a range may pass Sunday."""
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["", "mon-", "-fri", "mon--fri", "weekdays", "mon;tue", "mon,"])
def test_what_names_no_day(text: str) -> None:
    """Anything else is refused, and the message shows what is expected."""
    with pytest.raises(ValueError, match="expected days such as mon, mon-fri or tue,thu"):
        read_days(text)


@pytest.mark.parametrize(
    ("value", "spans"),
    [
        ("09:00-20:00", [(540, 1200)]),
        ("9:00 - 20:00", [(540, 1200)]),
        ("09:00\u201320:00", [(540, 1200)]),
        ("00:00-24:00", [(0, 1440)]),
        ("15:00-20:00, 09:00-13:00", [(540, 780), (900, 1200)]),
        (["09:00-13:00", "13:00-20:00"], [(540, 780), (780, 1200)]),
        ([], []),
    ],
)
def test_spans(value: Any, spans: list[tuple[int, int]]) -> None:
    """One, several in a text or a list, in any order; they may touch; none is a closed day."""
    assert read_spans(value) == tuple(Span(start=start, end=end) for start, end in spans)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "hours such as"),
        ("9-20", "hours such as"),
        (None, "hours such as"),
        (540, "hours such as"),
        ({"from": "09:00"}, "hours such as"),
        ([540], "hours such as"),
        ("09:00-20:00 h", "hours such as"),
        ("09:60-20:00", "times from 00:00 to 24:00"),
        ("09:00-24:01", "times from 00:00 to 24:00"),
        ("09:00-25:00", "times from 00:00 to 24:00"),
        ("20:00-09:00", "an end after the beginning"),
        ("09:00-09:00", "an end after the beginning"),
        ("09:00-13:00, 12:59-20:00", "hours that do not overlap"),
    ],
)
def test_bad_spans(value: Any, expected: str) -> None:
    """Each mistake is told in its own words."""
    with pytest.raises(ValueError, match=f"expected {expected}"):
        read_spans(value)
