"""Records that go into the ledger and come out of it, beside those of `adapter.model`."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from adapter.agent import AgentSwitch
from adapter.model import Call, Claim, Move, Reason, State, Webhook, WebhookState


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
class AgentRecord:
    """An agent as the ledger knows it: its switch, its configuration, and its count of the day.

    `day_count` are the claims since `day_began_at` that rang or may have.
    """

    switch: AgentSwitch
    is_known: bool = True
    fingerprint: str = ""
    day: str = ""
    day_count: int = 0
    day_began_at: datetime | None = None
    last_claimed_at: datetime | None = None

    def block(self) -> Move | None:
        """Return the hold that this agent's waiting calls must take, or None if it may ring."""
        if not self.is_known:
            return Move(state=State.HELD, reason=Reason.AGENT_MISSING)
        if self.switch.halted_by:
            return Move(state=State.HELD, reason=Reason.AGENT_HALTED, detail=self.switch.halted_by)
        if self.switch.is_paused:
            return Move(state=State.HELD, reason=Reason.AGENT_PAUSED)
        if self.switch.full_until is not None:
            return Move(state=State.HELD, reason=Reason.DAILY_LIMIT)
        return None

    def next_due(self, waiting_due: datetime | None) -> datetime | None:
        """Return when this agent has something to do, given its earliest waiting call."""
        if not self.is_known or self.switch.is_paused:
            return None
        full_until, probe_at = self.switch.full_until, self.switch.probe_at
        if not self.switch.halted_by:
            return full_until or waiting_due
        return max(full_until, probe_at) if full_until and probe_at else probe_at


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSwitch:
    """Whether a source's calls may ring: paused by a person, or stopped by its own burst.

    Webhooks from before `counted_from` are no part of a new burst. `fingerprint` is of its
    look-ups as configured; `denied_by` is the status that denied them under `denied_fingerprint`,
    and the next try is at `probe_at`. Under `fingerprint` the vendor last let us in at `well_at`.
    """

    name: str
    is_paused: bool = False
    is_burst: bool = False
    counted_from: datetime | None = None
    fingerprint: str = ""
    denied_by: str = ""
    denied_fingerprint: str = ""
    probe_at: datetime | None = None
    well_at: datetime | None = None

    def block(self) -> Move | None:
        """Return the hold that this source's calls must take, or None if they may ring."""
        if not self.is_paused and not self.is_burst:
            return None
        detail = "paused" if self.is_paused else ""
        return Move(state=State.HELD, reason=Reason.SOURCE_BURST, detail=detail)

    def denial(self) -> Move | None:
        """Return the hold of calls that need a look-up, or None if they may be looked up."""
        if not self.denied_by:
            return None
        return Move(state=State.HELD, reason=Reason.LOOKUP_DENIED, detail=self.denied_by)


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupClaim:
    """A call whose record is to be asked for; `fingerprint` is of its source's look-ups.

    `call.lookups` numbers the try: an answer to an earlier one comes too late.
    """

    call: Call
    fingerprint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupClaims:
    """Calls to look up now, and when this source has something to do next, if ever."""

    claims: tuple[LookupClaim, ...]
    next_due: datetime | None
    moved: tuple[Call, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """A number that is never rung, since when, and why."""

    phone: str
    created_at: datetime
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocking:
    """The effect of a block: how many of its numbers are new, how many calls it ended."""

    added: int
    calls: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """The number of calls and of webhooks that were erased."""

    calls: int
    webhooks: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """A source without a mapping that may send until a time, and how much it has sent.

    `digest` is the SHA-256 of its token, in hex.
    """

    name: str
    digest: str = field(repr=False)
    until: datetime
    created_at: datetime
    webhooks: int = 0


class Taking(Enum):
    """The fate of a webhook for a capture: stored, one too many, or no such capture is open."""

    TAKEN = auto()
    FULL = auto()
    CLOSED = auto()


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
    """A choice of calls to list; None and no states are any.

    `since` (inclusive) and `until` compare with `created_at`.

    `numbers` are the terms of which one has to find it (`values.number_search`).
    """

    states: tuple[State, ...] = ()
    source: str | None = None
    agent: str | None = None
    numbers: tuple[str, ...] | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookFilter:
    """A choice of webhooks to list; None and no states are any.

    `since` (inclusive) and `until` compare with `received_at`.

    `numbers` are the terms of which one has to find it (`values.number_search`).
    """

    states: tuple[WebhookState, ...] = ()
    source: str | None = None
    reason: str | None = None
    numbers: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
