"""Promises about waiting: bounded, growing, and never longer than a server may ask."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.policy.backoff import backoff_s, retry_after_s

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@given(attempt=st.integers(1, 10**9), jitter=st.floats(0, 1))
def test_every_wait_is_between_one_second_and_five_minutes(attempt: int, jitter: float) -> None:
    """Whatever the attempt and the jitter."""
    assert 1.0 <= backoff_s(attempt, jitter) <= 300.0


@pytest.mark.parametrize(
    ("attempt", "longest_s"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (1000, 300)]
)
def test_the_longest_wait_doubles_up_to_five_minutes(attempt: int, longest_s: float) -> None:
    """Exponential; full jitter spreads each wait down to one second."""
    assert backoff_s(attempt, 1.0) == longest_s
    assert backoff_s(attempt, 0.0) == 1.0


@pytest.mark.parametrize(
    ("text", "wanted_s"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("86401", 86_400.0),
        ("9" * 5000, 86_400.0),
        ("Mon, 02 Mar 2026 10:01:30 GMT", 90.0),
        ("Monday, 02-Mar-26 10:01:30 GMT", 90.0),
        ("Mon Mar  2 10:01:30 2026", 90.0),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0.0),
        ("Wed, 02 Mar 2033 10:00:00 GMT", 86_400.0),
        ("Mon, 99 Mar 2026 10:01:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(text: str | None, wanted_s: float | None) -> None:
    """RFC 9110's forms, capped at a day, never negative; nonsense is as if absent."""
    assert retry_after_s(text, NOW) == wanted_s


@given(text=st.text())
def test_no_header_can_break_the_reading(text: str) -> None:
    """Any text gives None or a bounded wait."""
    wanted_s = retry_after_s(text, NOW)
    assert wanted_s is None or 0.0 <= wanted_s <= 86_400.0
