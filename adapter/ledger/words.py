"""What the ledger is asked with and answers with, beside the words of `adapter.model`."""

from dataclasses import dataclass
from datetime import datetime

from adapter.model import Call, Claim, State, Webhook, WebhookState


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A stored webhook with its final state, and its calls by position."""

    webhook: Webhook
    calls: tuple[Call, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """Calls that are now `sending`, and when this agent has something to do next, if ever.

    `moved` are the calls that this claim took elsewhere: expired, cooled down, rescheduled.
    """

    claims: tuple[Claim, ...]
    next_due: datetime | None
    moved: tuple[Call, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Halt:
    """An answer that halts the agent: the code or status, the configuration, the next probe."""

    by: str
    fingerprint: str
    probe_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """A call after a replay, and whether it may have rung before.

    `conflict` says why a call of a replayed webhook was left as it was; "" if it was replayed.
    """

    call: Call
    may_have_rung: bool
    conflict: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallFilter:
    """Which calls to list; None is any. `since` compares with `created_at`."""

    state: State | None = None
    source: str | None = None
    agent: str | None = None
    phone: str | None = None
    reason: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookFilter:
    """Which webhooks to list; None is any. `since` compares with `received_at`."""

    state: WebhookState | None = None
    source: str | None = None
    reason: str | None = None
    since: datetime | None = None
