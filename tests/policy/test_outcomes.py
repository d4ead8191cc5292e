"""Promises about the fault table: what each answer shows, and what becomes of its call."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.agent import Agent, Secret
from adapter.model import Attempt, Outcome, State, check_move
from adapter.policy.outcomes import (
    Answered,
    Broken,
    Decision,
    NotSent,
    SendResult,
    decide,
    find_code,
    judge,
    tls_word,
)
from tests.harness.calls import stored_call

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
DEFAULT = Agent(name="", endpoint="", api_key=Secret(""), secret=Secret("")).not_rung
CALL = stored_call(NOW, state=State.SENDING, attempts=1, due_at=None)


def _answer(status: int, code: str | None = None, retry_after: str | None = None) -> Answered:
    return Answered(status=status, code=code, retry_after=retry_after)


def _earlier(*, minutes: float, outcome: Outcome, status: int | None) -> Attempt:
    started_at = NOW - timedelta(minutes=minutes)
    return Attempt(number=1, started_at=started_at, outcome=outcome, http_status=status)


def _decide(
    showed: SendResult,
    *,
    earlier: Sequence[Attempt] = (),
    not_rung: frozenset[str] = DEFAULT,
    jitter: float = 1.0,
) -> Decision:
    outcome = judge(showed, not_rung)
    return decide(outcome, showed, call=CALL, earlier=earlier, now=NOW, jitter=jitter)


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        (b"", None),
        (b'{"status":"ok"}', None),
        (b'{"error":{"code":"ctc:007"}}', "ctc:007"),
        (b"<p>Error ctc:003: Invalid API key, not ctc:006</p>", "ctc:003"),
        (b"\xff\x00ctc:999\xfe", "ctc:999"),
        (b"ctc:07", None),
        (b"x" * 4089 + b"ctc:001", "ctc:001"),
        (b"x" * 4090 + b"ctc:001", None),
    ],
)
def test_a_code_is_found_anywhere_in_the_first_4_kib(prefix: bytes, code: str | None) -> None:
    """The answer's shape is undocumented, so none is assumed."""
    assert find_code(prefix) == code


@pytest.mark.parametrize(
    ("showed", "outcome"),
    [
        (NotSent(kind="dns"), Outcome.UNREACHABLE),
        (Broken(kind="dropped"), Outcome.PERHAPS),
        (_answer(200), Outcome.RUNG),
        (_answer(204), Outcome.RUNG),
        (_answer(299), Outcome.RUNG),
        (_answer(200, "ctc:003"), Outcome.PERHAPS),
        (_answer(200, "ctc:007"), Outcome.PERHAPS),
        (_answer(400, "ctc:007"), Outcome.BUSY),
        (_answer(500, "ctc:002"), Outcome.NOT_RUNG),
        (_answer(500, "ctc:008"), Outcome.NOT_RUNG),
        (_answer(429), Outcome.NOT_RUNG),
        (_answer(503), Outcome.NOT_RUNG),
        (_answer(503, "ctc:999"), Outcome.NOT_RUNG),
        (_answer(300), Outcome.AGENT_FAULT),
        (_answer(301), Outcome.AGENT_FAULT),
        (_answer(399), Outcome.AGENT_FAULT),
        (_answer(401), Outcome.AGENT_FAULT),
        (_answer(403), Outcome.AGENT_FAULT),
        (_answer(404), Outcome.AGENT_FAULT),
        (_answer(405), Outcome.AGENT_FAULT),
        (_answer(400, "ctc:001"), Outcome.AGENT_FAULT),
        (_answer(403, "ctc:003"), Outcome.AGENT_FAULT),
        (_answer(400, "ctc:004"), Outcome.AGENT_FAULT),
        (_answer(400, "ctc:005"), Outcome.AGENT_FAULT),
        (_answer(403, "ctc:006"), Outcome.AGENT_FAULT),
        (_answer(400), Outcome.REJECTED),
        (_answer(400, "ctc:999"), Outcome.REJECTED),
        (_answer(422), Outcome.REJECTED),
        (_answer(499), Outcome.REJECTED),
        (_answer(408), Outcome.PERHAPS),
        (_answer(500), Outcome.PERHAPS),
        (_answer(500, "ctc:999"), Outcome.PERHAPS),
        (_answer(502), Outcome.PERHAPS),
        (_answer(504), Outcome.PERHAPS),
        (_answer(101), Outcome.PERHAPS),
        (_answer(600), Outcome.PERHAPS),
    ],
)
def test_each_answer_shows_its_row_of_the_table(showed: SendResult, outcome: Outcome) -> None:
    """Contract §6, with the default `not_rung`."""
    assert judge(showed, DEFAULT) is outcome


@pytest.mark.parametrize(
    ("not_rung", "showed", "outcome"),
    [
        (frozenset(), _answer(400, "ctc:007"), Outcome.PERHAPS),
        (frozenset(), _answer(500, "ctc:002"), Outcome.PERHAPS),
        (frozenset(), _answer(500, "ctc:008"), Outcome.PERHAPS),
        (frozenset(), _answer(429), Outcome.PERHAPS),
        (frozenset(), _answer(503), Outcome.PERHAPS),
        (frozenset({"429"}), _answer(429), Outcome.NOT_RUNG),
        (DEFAULT | {"502"}, _answer(502), Outcome.NOT_RUNG),
        (DEFAULT | {"400"}, _answer(400, "ctc:007"), Outcome.BUSY),
        (DEFAULT | {"403"}, _answer(403, "ctc:003"), Outcome.NOT_RUNG),
        (DEFAULT | {"200"}, _answer(200), Outcome.RUNG),
    ],
)
def test_the_operator_decides_what_proves_that_no_phone_rang(
    not_rung: frozenset[str], showed: SendResult, outcome: Outcome
) -> None:
    """A default that was taken out proves nothing any more, so its call is never redialled."""
    assert judge(showed, not_rung) is outcome


@pytest.mark.parametrize(
    ("showed", "state", "reason", "detail", "halt_by"),
    [
        (_answer(202), State.RUNG, "accepted", "", None),
        (_answer(401), State.HELD, "agent_halted", "401", "401"),
        (_answer(302), State.HELD, "agent_halted", "302", "302"),
        (_answer(403, "ctc:006"), State.HELD, "agent_halted", "ctc:006", "ctc:006"),
        (_answer(422), State.FAILED, "http_422", "", None),
        (_answer(400, "ctc:999"), State.FAILED, "ctc:999", "", None),
        (_answer(408), State.UNCERTAIN, "http_408", "", None),
        (_answer(500), State.UNCERTAIN, "http_500", "", None),
        (_answer(200, "ctc:008"), State.UNCERTAIN, "ctc:008", "", None),
        (Broken(kind="read_timeout"), State.UNCERTAIN, "no_answer", "", None),
        (Broken(kind="dropped"), State.UNCERTAIN, "broken_connection", "", None),
        (Broken(kind="garbage"), State.UNCERTAIN, "unclear_answer", "", None),
        (Broken(kind="half"), State.UNCERTAIN, "unclear_answer", "", None),
        (Broken(kind="cut"), State.UNCERTAIN, "process_died", "", None),
        (Broken(kind="unheard of"), State.UNCERTAIN, "broken_connection", "", None),
    ],
)
def test_what_is_not_tried_again_ends_with_a_named_reason(
    showed: SendResult, state: State, reason: str, detail: str, halt_by: str | None
) -> None:
    """Rung, held, failed, uncertain: never a mystery, never due again by itself."""
    decision = _decide(showed)
    move = decision.move
    assert (move.state, move.reason, move.detail, move.due_at) == (state, reason, detail, None)
    assert decision.halt_by == halt_by


@pytest.mark.parametrize(
    ("showed", "earlier", "why", "wait_s"),
    [
        (NotSent(kind="refused"), 0, "retry refused", 2),
        (NotSent(kind="dns"), 3, "retry dns", 16),
        (NotSent(kind="tls", detail="hostname_mismatch"), 0, "retry tls:hostname_mismatch", 2),
        (_answer(503), 0, "retry http_503", 2),
        (_answer(500, "ctc:002"), 20, "retry ctc:002", 300),
        (_answer(429, None, "120"), 0, "retry http_429", 120),
        (_answer(429, None, "Mon, 02 Mar 2026 10:01:30 GMT"), 0, "retry http_429", 90),
        (_answer(429, None, "0"), 0, "retry http_429", 2),
        (_answer(429, None, "0"), 5, "retry http_429", 64),
        (_answer(429, None, "Mon, 02 Mar 2026 09:00:00 GMT"), 0, "retry http_429", 2),
        (_answer(429, None, "9999999"), 0, "retry http_429", 86_400),
        (_answer(429, None, "whenever"), 0, "retry http_429", 2),
        (_answer(400, "ctc:007"), 0, "busy ", 30),
        (_answer(400, "ctc:007", "5"), 0, "busy ", 30),
        (_answer(400, "ctc:007", "45"), 0, "busy ", 45),
    ],
)
def test_what_rang_nobody_waits_for_its_next_attempt(
    showed: SendResult, earlier: int, why: str, wait_s: float
) -> None:
    """Backoff by the number of attempts, unless the agent asks for a time of its own."""
    unreached = _earlier(minutes=1, outcome=Outcome.UNREACHABLE, status=None)
    move = _decide(showed, earlier=[unreached] * earlier).move
    assert (move.state, f"{move.reason} {move.detail}") == (State.WAITING, why)
    assert move.due_at == NOW + timedelta(seconds=wait_s)


@pytest.mark.parametrize(
    ("verdict", "reason", "word"),
    [
        ("certificate has expired", "CERTIFICATE_VERIFY_FAILED", "certificate_has_expired"),
        (
            "Hostname mismatch, certificate is not valid for 'agent.example.com'.",
            "CERTIFICATE_VERIFY_FAILED",
            "hostname_mismatch",
        ),
        (None, "WRONG_VERSION_NUMBER", "wrong_version_number"),
        (None, None, ""),
    ],
)
def test_why_tls_failed_is_a_word_that_names_no_host(
    verdict: str | None, reason: str | None, word: str
) -> None:
    """It stands in attempts, logs and the status: one of OpenSSL's own words."""
    assert tls_word(verdict, reason) == word


@pytest.mark.parametrize(
    ("minutes", "outcome", "status", "state"),
    [
        (10, Outcome.NOT_RUNG, 503, State.UNCERTAIN),
        (1, Outcome.BUSY, 400, State.WAITING),
        (1, Outcome.PERHAPS, None, State.UNCERTAIN),
        (1, Outcome.UNREACHABLE, None, State.WAITING),
        (10.01, Outcome.NOT_RUNG, 503, State.WAITING),
        (10.01, Outcome.PERHAPS, None, State.WAITING),
    ],
)
def test_a_busy_line_is_suspect_after_an_attempt_that_reached_the_agent(
    minutes: float, outcome: Outcome, status: int | None, state: State
) -> None:
    """The call in progress may be the one that we set off, so it is not rung again."""
    earlier = [_earlier(minutes=minutes, outcome=outcome, status=status)]
    move = _decide(_answer(400, "ctc:007"), earlier=earlier).move
    assert move.state is state
    assert move.reason == ("ctc:007" if state is State.UNCERTAIN else "busy")


_CODES = st.none() | st.from_regex(r"\Actc:00[0-9]\Z")
_ANSWERS = st.builds(
    Answered,
    status=st.integers(100, 999),
    code=_CODES,
    retry_after=st.none() | st.text(max_size=8) | st.integers().map(str),
)
_SHOWED = (
    _ANSWERS | st.builds(NotSent, kind=st.text()) | st.builds(Broken, kind=st.text(max_size=9))
)


@given(
    showed=_SHOWED,
    earlier=st.integers(0, 99),
    not_rung=st.frozensets(st.sampled_from(sorted(DEFAULT))),
    jitter=st.floats(0, 1),
)
def test_decisions_are_legal_bounded_and_never_redial_what_may_have_rung(
    showed: SendResult, earlier: int, not_rung: frozenset[str], jitter: float
) -> None:
    """For anything that an attempt can show."""
    attempts = [_earlier(minutes=1, outcome=Outcome.UNREACHABLE, status=None)] * earlier
    decision = _decide(showed, earlier=attempts, not_rung=not_rung, jitter=jitter)
    check_move(State.SENDING, decision.move.state)
    assert (decision.halt_by is not None) is (decision.move.state is State.HELD)
    assert (decision.move.due_at is not None) is (decision.move.state is State.WAITING)
    if decision.move.due_at is not None:
        assert timedelta(seconds=1) <= decision.move.due_at - NOW <= timedelta(days=1)
        assert _is_proof(showed, not_rung)


def _is_proof(showed: SendResult, not_rung: frozenset[str]) -> bool:
    if isinstance(showed, Answered):
        return bool({str(showed.status), showed.code} & not_rung)
    return isinstance(showed, NotSent)
