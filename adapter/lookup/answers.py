"""The outcome of a look-up and its consequence (contract §4, Look-ups). Pure.

A GET rings nobody: whatever is no record is asked for again, until the lead is too old, unless the
vendor says that the record is gone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapter.mapping.lookup import Lookup, Verdict
from adapter.model import Call, Move, Reason, State
from adapter.policy.backoff import FLOOR_S, backoff_s, retry_after_s

_NOT_WELL = frozenset({408, 429})


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """The vendor answered; `answer` is the JSON of its body, None where there is none."""

    status: int
    answer: Any = field(repr=False)
    retry_after: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The vendor answered with the record."""

    answer: Any = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """There was no record to be had: `kind` says why, `status` is the answer's, if there was one.

    `kind` is `http_<status>`, unreachable, timeout, broken_connection, malformed_answer,
    answer_too_large, or `no_mapping` where nobody knows whom to ask. `detail` says what stood in
    the way of one unreachable, as for an agent.
    """

    kind: str
    detail: str = ""
    status: int | None = None
    retry_after: str | None = None
    verdict: Verdict = Verdict.AGAIN

    @property
    def why(self) -> str:
        """The kind, and the detail behind a colon if there is one."""
        return f"{self.kind}:{self.detail}" if self.detail else self.kind

    @property
    def denied_by(self) -> str:
        """The status of an answer that the credentials are wrong, else ""."""
        return str(self.status) if self.verdict is Verdict.DENIED else ""

    @property
    def is_well(self) -> bool:
        """Whether the vendor answered, and it was not its fault nor the credentials'."""
        status = self.status or 0
        is_answer = 200 <= status < 300 or 400 <= status < 500
        return is_answer and status not in _NOT_WELL and self.verdict is not Verdict.DENIED


def judged(answered: Answered, lookup: Lookup) -> Found | Missed:
    """Return the record, or what the answer means that has none."""
    verdict = lookup.verdict(answered.status, answered.answer)
    if verdict is None:
        return Found(answer=answered.answer)
    return Missed(
        kind=f"http_{answered.status}",
        status=answered.status,
        retry_after=answered.retry_after,
        verdict=verdict,
    )


def decide_missed(missed: Missed, *, call: Call, now: datetime, jitter: float) -> Move:
    """Return when a call is asked for again, or its end; `jitter` is uniform in [0, 1]."""
    if missed.verdict is Verdict.GONE:
        return Move(state=State.FAILED, reason=Reason.LOOKUP_FAILED, detail=missed.why)
    asked_s = retry_after_s(missed.retry_after, now)
    wait_s = backoff_s(call.lookups or 1, jitter) if asked_s is None else asked_s
    due_at = now + timedelta(seconds=max(wait_s, FLOOR_S))
    return Move(state=State.WAITING, reason=Reason.LOOKUP, detail=missed.why, due_at=due_at)
