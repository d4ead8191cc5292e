"""What a look-up showed, and when it is made again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.lookup.answers import Found, Missed, decide_missed
from adapter.model import Reason, State
from tests.harness.calls import stored_call

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
CALL = stored_call(NOW, agent=None, phone=None, reason=Reason.LOOKUP, lookups=1)


@pytest.mark.parametrize(
    ("status", "denied_by", "is_well"),
    [
        (None, "", False),
        (200, "", True),
        (302, "", False),
        (400, "", True),
        (401, "401", False),
        (403, "403", False),
        (404, "", True),
        (408, "", False),
        (410, "", True),
        (429, "", False),
        (500, "", False),
        (503, "", False),
    ],
)
def test_what_a_status_says_of_the_vendor(
    status: int | None, denied_by: str, is_well: bool
) -> None:
    """Two statuses deny; an answer that is the vendor's own word shows it well."""
    missed = Missed(kind="any", status=status)
    assert (missed.denied_by, missed.is_well) == (denied_by, is_well)


@pytest.mark.parametrize(
    ("retry_after", "wait_s"),
    [("0", 1), ("7", 7), ("1.5", 1.5), ("999999", 86_400), ("Wed, 04 Mar 2026 12:01:00 GMT", 60)],
)
def test_a_vendor_may_say_when(retry_after: str, wait_s: float) -> None:
    """Seconds or a date, at least a second and at most a day."""
    missed = Missed(kind="http_429", status=429, retry_after=retry_after)
    move = decide_missed(missed, call=CALL, now=NOW, jitter=0.5)
    assert move.due_at == NOW + timedelta(seconds=wait_s)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_call_is_never_given_up_here_and_never_pressed(tries: int, jitter: float) -> None:
    """It waits from 1 s to 5 min, says why, and only its age ends it."""
    call = replace(CALL, lookups=tries)
    move = decide_missed(Missed(kind="timeout"), call=call, now=NOW, jitter=jitter)
    assert (move.state, move.reason, move.detail) == (State.WAITING, Reason.LOOKUP, "timeout")
    assert move.due_at is not None
    assert timedelta(seconds=1) <= move.due_at - NOW <= timedelta(minutes=5)


def test_an_answer_is_in_no_repr() -> None:
    """It is a person's record."""
    assert "Ada" not in repr(Found(answer={"name": "Ada"}))
