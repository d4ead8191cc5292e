"""What a look-up showed, and when it is made again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.lookup.answers import Answered, Found, Missed, decide_missed, judged
from adapter.mapping.guards import Comparison, compile_comparison
from adapter.mapping.lookup import Lookup, Verdict, compile_lookup_url
from adapter.mapping.paths import compile_path
from adapter.mapping.values import PathSource
from adapter.model import Reason, State
from tests.harness.calls import stored_call

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LOOKUP = Lookup(url=compile_lookup_url("https://api.example.com/leads/{$.id}"))


def condition(path: str, operator: str, operand: object) -> Comparison:
    """Return one comparison."""
    return compile_comparison(PathSource(path=compile_path(path)), operator, operand)


CALL = stored_call(NOW, agent=None, phone=None, reason=Reason.LOOKUP, lookups=1)


@pytest.mark.parametrize(
    ("status", "denied_by", "is_well"),
    [
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
def test_what_a_status_says_of_the_vendor(status: int, denied_by: str, *, is_well: bool) -> None:
    """Two statuses deny; an answer that is the vendor's own word shows it well."""
    missed = judged(Answered(status=status, answer=None), LOOKUP)
    assert isinstance(missed, Missed)
    assert missed.kind == f"http_{status}"
    assert (missed.denied_by, missed.is_well) == (denied_by, is_well)
    assert Missed(kind="malformed_answer", status=200).is_well
    assert not Missed(kind="timeout").is_well


META = replace(
    LOOKUP,
    verdicts=(
        (Verdict.AGAIN, condition("$.answer.error.is_transient", "equals", True)),
        (Verdict.DENIED, condition("$.answer.error.code", "in", [190, 102])),
        (Verdict.GONE, condition("$.status", "equals", 410)),
    ),
)


@pytest.mark.parametrize(
    ("status", "answer", "verdict"),
    [
        (200, {"id": 1}, None),
        (200, None, None),
        (200, {"error": {"code": 190}}, Verdict.DENIED),
        (400, {"error": {"code": 190}}, Verdict.DENIED),
        (400, {"error": {"code": 190, "is_transient": True}}, Verdict.AGAIN),
        (403, {"error": {"code": 4, "is_transient": True}}, Verdict.AGAIN),
        (403, {"error": {"code": 4}}, Verdict.DENIED),
        (400, {"error": {"code": 100}}, Verdict.AGAIN),
        (400, None, Verdict.AGAIN),
        (410, None, Verdict.GONE),
        (500, [], Verdict.AGAIN),
    ],
)
def test_a_vendor_has_words_of_its_own(
    status: int, answer: object, verdict: Verdict | None
) -> None:
    """The first condition that holds says what an answer means, whatever its status is."""
    shown = judged(Answered(status=status, answer=answer, retry_after="7"), META)
    if verdict is None:
        assert shown == Found(answer=answer)
        return
    assert isinstance(shown, Missed)
    assert (shown.verdict, shown.retry_after) == (verdict, "7")
    assert shown.denied_by == (str(status) if verdict is Verdict.DENIED else "")


def test_a_record_that_is_gone_ends_the_call() -> None:
    """Nobody asks again for what the vendor says is not there."""
    missed = judged(Answered(status=410, answer=None), META)
    assert isinstance(missed, Missed)
    move = decide_missed(missed, call=CALL, now=NOW, jitter=0.5)
    assert (move.state, move.reason, move.detail) == (
        State.FAILED,
        Reason.LOOKUP_FAILED,
        "http_410",
    )


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
