"""The outcome of a look-up and its consequence (contract §4, Look-ups). Pure.

A GET rings nobody: whatever is no answer is asked for again, until the lead is too old.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapter.model import Call, Move, Reason, State
from adapter.policy.backoff import FLOOR_S, backoff_s, retry_after_s

_DENIED = frozenset({401, 403})
_NOT_WELL = frozenset({408, 429})


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The vendor answered with JSON."""

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

    @property
    def why(self) -> str:
        """The kind, and the detail behind a colon if there is one."""
        return f"{self.kind}:{self.detail}" if self.detail else self.kind

    @property
    def denied_by(self) -> str:
        """The status of an answer that the credentials are wrong, else ""."""
        return str(self.status) if self.status in _DENIED else ""

    @property
    def is_well(self) -> bool:
        """Whether the vendor answered, and it was not its fault nor the credentials'."""
        status = self.status or 0
        is_answer = 200 <= status < 300 or 400 <= status < 500
        return is_answer and status not in _DENIED | _NOT_WELL


def decide_missed(missed: Missed, *, call: Call, now: datetime, jitter: float) -> Move:
    """Return when a call is asked for again; `jitter` is uniform in [0, 1]."""
    asked_s = retry_after_s(missed.retry_after, now)
    wait_s = backoff_s(call.lookups or 1, jitter) if asked_s is None else asked_s
    due_at = now + timedelta(seconds=max(wait_s, FLOOR_S))
    return Move(state=State.WAITING, reason=Reason.LOOKUP, detail=missed.why, due_at=due_at)
