"""The outcome of an attempt and its consequence: the table of contract §6 as values. Pure.

A call is sent again only where the table proves that no phone rang; doubt is never redialled.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapter.model import Attempt, Call, Move, Outcome, Reason, State
from adapter.policy.backoff import FLOOR_S, backoff_s, retry_after_s

PREFIX_BYTES = 4096
BUSY_WAIT_S = 30.0
BUSY_DOUBT = timedelta(minutes=10)

_CODE = re.compile(rb"ctc:[0-9]{3}")
_BUSY_CODE = "ctc:007"
# Answers that prove by default that no phone rang. An operator who took one of them out of
# `not_rung` does not believe it, so then it proves nothing.
_DOUBTFUL_IF_UNLISTED = frozenset({"ctc:002", "ctc:007", "ctc:008", "429", "503"})
_FAULT_STATUSES = frozenset({401, 403, 404, 405, *range(300, 400)})
_FAULT_CODES = frozenset({"ctc:001", "ctc:003", "ctc:004", "ctc:005", "ctc:006"})
_BROKEN_REASONS: Mapping[str, Reason] = {
    "read_timeout": Reason.NO_ANSWER,
    "dropped": Reason.BROKEN_CONNECTION,
    "half": Reason.UNCLEAR_ANSWER,
    "garbage": Reason.UNCLEAR_ANSWER,
    "cut": Reason.PROCESS_DIED,
    "bug": Reason.UNCLEAR_ANSWER,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """The agent answered: its status, the ctc code in its body, its raw Retry-After header."""

    status: int
    code: str | None = None
    retry_after: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NotSent:
    """No byte of the call left; `why` says what stood in the way, as attempts and logs show it.

    `kind` is dns, refused, connect_timeout, tls, proxy or broken; `detail` is a word or two of a
    fixed stock, never of the peer's choosing, such as certificate_has_expired.
    """

    kind: str
    detail: str = ""

    @property
    def why(self) -> str:
        """The kind, and the detail behind a colon if there is one."""
        return f"{self.kind}:{self.detail}" if self.detail else self.kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """Bytes may have left and no clear answer came.

    `kind` is read_timeout, dropped, half, garbage, cut (we were stopped meanwhile) or bug.
    """

    kind: str


SendResult = Answered | NotSent | Broken


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The next state of the call, and the code or status that halts its agent, if any."""

    move: Move
    halt_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attempted:
    result: SendResult
    call: Call
    earlier: Sequence[Attempt]
    now: datetime
    jitter: float


def tls_word(verdict: str | None, reason: str | None) -> str:
    """Return as one word why TLS failed, by OpenSSL's verdict on a certificate or its reason.

    A verdict may name a host behind a comma, and that is left out.
    """
    text = (verdict or reason or "").partition(",")[0]
    return "_".join(text.lower().split())


def find_code(prefix: bytes) -> str | None:
    """Return the first `ctc:ddd` in the first 4 KiB of an answer's body."""
    found = _CODE.search(prefix[:PREFIX_BYTES])
    return found.group().decode("ascii") if found else None


def judge(result: SendResult, not_rung: frozenset[str]) -> Outcome:
    """Return the row of contract §6's table; `not_rung` holds ctc codes and statuses as text."""
    if isinstance(result, NotSent):
        return Outcome.UNREACHABLE
    if isinstance(result, Broken):
        return Outcome.PERHAPS
    if 200 <= result.status < 300:
        return Outcome.RUNG if result.code is None else Outcome.PERHAPS
    return _judge_refusal(result, not_rung)


def _judge_refusal(answer: Answered, not_rung: frozenset[str]) -> Outcome:
    signs = {str(answer.status), answer.code}
    rows = (
        (bool(signs & (_DOUBTFUL_IF_UNLISTED - not_rung)), Outcome.PERHAPS),
        (answer.code == _BUSY_CODE, Outcome.BUSY),
        (bool(signs & not_rung), Outcome.NOT_RUNG),
        (answer.status in _FAULT_STATUSES or answer.code in _FAULT_CODES, Outcome.AGENT_FAULT),
        (400 <= answer.status < 500 and answer.status != 408, Outcome.REJECTED),
    )
    return next((outcome for holds, outcome in rows if holds), Outcome.PERHAPS)


def decide(  # noqa: PLR0913 - what was shown, and the four facts that a decision depends on
    outcome: Outcome,
    result: SendResult,
    *,
    call: Call,
    earlier: Sequence[Attempt],
    now: datetime,
    jitter: float,
) -> Decision:
    """Return what becomes of a call whose attempt just ended at `now`.

    `earlier` are the call's attempts before this one; `jitter` is uniform in [0, 1].
    """
    attempted = _Attempted(result=result, call=call, earlier=earlier, now=now, jitter=jitter)
    return _DECIDE[outcome](attempted)


def _accept(_: _Attempted) -> Decision:
    return Decision(move=Move(state=State.RUNG, reason=Reason.ACCEPTED))


def _retry(attempted: _Attempted) -> Decision:
    # "Retry-After: 0", or a date that has passed, asks for nothing: a tight loop helps nobody
    wait_s = _asked_s(attempted) or backoff_s(len(attempted.earlier) + 1, attempted.jitter)
    move = _wait(attempted, Reason.RETRY, max(wait_s, FLOOR_S)).move
    return Decision(move=replace(move, detail=_sign(attempted.result, status_prefix="http_")))


def _wait_while_busy(attempted: _Attempted) -> Decision:
    if any(_may_be_in_progress(attempt, attempted.now) for attempt in attempted.earlier):
        return _leave_uncertain(attempted)
    return _wait(attempted, Reason.BUSY, max(BUSY_WAIT_S, _asked_s(attempted) or 0.0))


def _may_be_in_progress(attempt: Attempt, now: datetime) -> bool:
    # The call that keeps the line busy may be the one that this very attempt set off, unless the
    # line was busy already.
    reached = attempt.http_status is not None or attempt.outcome is Outcome.PERHAPS
    is_recent = now - attempt.started_at <= BUSY_DOUBT
    return reached and is_recent and attempt.outcome is not Outcome.BUSY


def _halt(attempted: _Attempted) -> Decision:
    sign = _sign(attempted.result, status_prefix="")
    move = Move(state=State.HELD, reason=Reason.AGENT_HALTED, detail=sign)
    return Decision(move=move, halt_by=sign)


def _fail(attempted: _Attempted) -> Decision:
    reason = _sign(attempted.result, status_prefix="http_")
    return Decision(move=Move(state=State.FAILED, reason=reason))


def _leave_uncertain(attempted: _Attempted) -> Decision:
    reason = _sign(attempted.result, status_prefix="http_")
    return Decision(move=Move(state=State.UNCERTAIN, reason=reason))


def _wait(attempted: _Attempted, reason: Reason, wait_s: float) -> Decision:
    due_at = attempted.now + timedelta(seconds=wait_s)
    return Decision(move=Move(state=State.WAITING, reason=reason, due_at=due_at))


def _asked_s(attempted: _Attempted) -> float | None:
    result = attempted.result
    if isinstance(result, Answered):
        return retry_after_s(result.retry_after, attempted.now)
    return None


def _sign(result: SendResult, *, status_prefix: str) -> str:
    if isinstance(result, Answered):
        return result.code or f"{status_prefix}{result.status}"
    if isinstance(result, NotSent):
        return result.why
    return _BROKEN_REASONS.get(result.kind, Reason.BROKEN_CONNECTION)


_DECIDE: Mapping[Outcome, Callable[[_Attempted], Decision]] = {
    Outcome.RUNG: _accept,
    Outcome.UNREACHABLE: _retry,
    Outcome.NOT_RUNG: _retry,
    Outcome.BUSY: _wait_while_busy,
    Outcome.AGENT_FAULT: _halt,
    Outcome.REJECTED: _fail,
    Outcome.PERHAPS: _leave_uncertain,
}
