"""The words of the contract as values: states, moves, calls, attempts, agents. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from adapter.errors import IllegalMoveError

MAX_ITEMS = 1_000  # calls of one webhook, unless the settings say otherwise


class State(StrEnum):
    """The one state of a call; the values are what the ledger stores and the console shows."""

    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    RUNG = "rung"
    FAILED = "failed"
    REFUSED = "refused"
    IGNORED = "ignored"


class WebhookState(StrEnum):
    """The one state of a webhook."""

    MAPPED = "mapped"
    REFUSED = "refused"
    IGNORED = "ignored"


class Reason(StrEnum):
    """The reasons that this program gives; a guard's reason and a ctc code stand beside them."""

    NEW = "new"
    RETRY = "retry"
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    OUTSIDE_HOURS = "outside_hours"
    LOOKUP = "lookup"
    AGENT_PAUSED = "agent_paused"
    AGENT_HALTED = "agent_halted"
    AGENT_MISSING = "agent_missing"
    DAILY_LIMIT = "daily_limit"
    SOURCE_BURST = "source_burst"
    LOOKUP_DENIED = "lookup_denied"
    ACCEPTED = "accepted"
    NO_ANSWER = "no_answer"
    UNCLEAR_ANSWER = "unclear_answer"
    BROKEN_CONNECTION = "broken_connection"
    PROCESS_DIED = "process_died"
    RESOLVED_RUNG = "resolved_rung"
    RESOLVED_NOT_RUNG = "resolved_not_rung"
    LOOKUP_FAILED = "lookup_failed"
    PHONE_MISSING = "phone_missing"
    PHONE_INVALID = "phone_invalid"
    PHONE_AMBIGUOUS = "phone_ambiguous"
    PHONE_NOT_ALLOWED = "phone_not_allowed"
    COUNTRY_UNKNOWN = "country_unknown"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    VARIABLE_MISSING = "variable_missing"
    VARIABLE_NOT_ALLOWED = "variable_not_allowed"
    NOT_A_SCALAR = "not_a_scalar"
    NO_ROUTE = "no_route"
    MALFORMED_BODY = "malformed_body"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    NO_ITEMS = "no_items"
    TOO_MANY_ITEMS = "too_many_items"
    GUARD = "guard"
    DUPLICATE = "duplicate"
    COOLDOWN = "cooldown"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    DRY_RUN = "dry_run"
    CAPTURED = "captured"


# contract §6. Moves that only a person's replay or resolve may ask for are here too: the ledger's
# operations say which is which, this table says what can ever be.
LEGAL_MOVES: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset(
        {State.SENDING, State.HELD, State.IGNORED, State.REFUSED, State.FAILED}
    ),
    State.HELD: frozenset({State.WAITING, State.IGNORED, State.REFUSED}),
    State.SENDING: frozenset(
        {State.RUNG, State.WAITING, State.HELD, State.FAILED, State.UNCERTAIN}
    ),
    State.UNCERTAIN: frozenset({State.RUNG, State.FAILED, State.WAITING}),
    State.RUNG: frozenset({State.WAITING}),
    State.FAILED: frozenset({State.WAITING}),
    State.REFUSED: frozenset({State.WAITING}),
    State.IGNORED: frozenset({State.WAITING}),
}


# A call in one of these is not yet ended: it counts against max_pending and answers 202.
PENDING = frozenset({State.WAITING, State.HELD, State.SENDING, State.UNCERTAIN})


# A call in one of these keeps its dedupe keys; in any other it has given them free.
HOLDS_KEYS = PENDING | {State.RUNG}


# A call in one of these has rung, or may have: cooldown counts it.
MAY_HAVE_RUNG = frozenset({State.SENDING, State.RUNG, State.UNCERTAIN})


# States that `replay` may take to `waiting`.
REPLAYABLE = frozenset({State.UNCERTAIN, State.RUNG, State.FAILED, State.REFUSED, State.IGNORED})


def check_move(old: State, new: State) -> None:
    """Raise IllegalMoveError unless the table has the move."""
    if new not in LEGAL_MOVES[old]:
        raise IllegalMoveError(f"a call may not go from {old} to {new}")


class Outcome(StrEnum):
    """The outcome of an attempt (contract §6, second table); stored with the attempt."""

    RUNG = "rung"
    UNREACHABLE = "unreachable"
    NOT_RUNG = "not_rung"
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    OUTSIDE_HOURS = "outside_hours"
    AGENT_FAULT = "agent_fault"
    REJECTED = "rejected"
    PERHAPS = "perhaps"


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """The longest wait of a lead: `expires_after` less the time held, `max_age` absolutely."""

    expires_after: timedelta = timedelta(hours=24)
    max_age: timedelta = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class DedupeKey:
    """A digest that one call of a source may hold at a time, for `window` from its claim.

    One that `is_old` an earlier version would have claimed: it is looked up, and never claimed.
    """

    digest: str
    window: timedelta
    is_old: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedCall:
    """The result of mapping one item: a call to ring, or the reason why there is none.

    `state` is waiting, refused or ignored. `detail` explains a refusal without personal data.
    `timezone` is the IANA name that the mapping found, or "". `due_at` is when it may ring at the
    earliest; None is at once.
    `numbers` are what it can be found by beside its phone (`values.number_search`).
    `matched` names the path that gave the phone ("phone") and each variable, for `adapter try`.
    One that is waiting/`lookup` has no phone yet, and maybe no agent.
    """

    state: State
    reason: str
    agent: str | None = None
    phone: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[DedupeKey, ...] = ()
    occurred_at: datetime | None = None
    timezone: str = ""
    due_at: datetime | None = None
    detail: str = ""
    matched: Mapping[str, str] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()

    @property
    def is_before_lookup(self) -> bool:
        """Whether somebody has yet to ask for its record."""
        return self.state is State.WAITING and self.reason == Reason.LOOKUP


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """One accepted request, stored raw but for whatever proved its sender.

    `headers` are (lower-case name, value) pairs; `query` is the raw query string; `body` is the
    body after content decoding.
    """

    id: str
    source: str
    received_at: datetime
    method: str = "POST"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    state: WebhookState = WebhookState.MAPPED
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One phone to ring, as the ledger holds it. Times are aware UTC datetimes.

    `position` is the item's index in its webhook. `occurred_at` is when the lead happened.
    `uncounted_s` are the seconds spent held, which do not count towards `expires_after`.
    `attempts` is a count. `detail` is the code or status that halted the agent, or the like.
    `timezone` is the IANA name that the mapping found, or "". `lookups` counts how often its record
    was asked for, and is None for a call that needs no look-up, or none any more.
    """

    id: str
    webhook: str
    position: int
    source: str
    agent: str | None
    phone: str | None
    variables: Mapping[str, str]
    state: State
    reason: str
    duplicate_of: str | None
    attempts: int
    due_at: datetime | None
    occurred_at: datetime
    uncounted_s: float
    created_at: datetime
    updated_at: datetime
    detail: str = ""
    timezone: str = ""
    lookups: int | None = None

    @property
    def is_before_lookup(self) -> bool:
        """Whether somebody has yet to ask for its record: it cannot ring."""
        return self.lookups is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The facts that the ledger has for a call's gates, in the commit that may claim it.

    `last_rung_at` is when another call last rung this phone within the cooldown.
    """

    last_rung_at: datetime | None = None
    is_blocked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One POST to an agent; `outcome` is None while it is under way."""

    number: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    http_status: int | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A decision about a call: its next state, why, and when it is due again (if waiting)."""

    state: State
    reason: str
    due_at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A call now `sending`, its attempt's number, and the attempts before this one."""

    call: Call
    number: int
    earlier: tuple[Attempt, ...] = ()


def verdict(calls: Sequence[Call | MappedCall], reason: str) -> tuple[WebhookState, str]:
    """Return a webhook's state and reason; `reason` is its own, for when it has no calls.

    Mapped if any call was to ring; else ignored if any was ignored; else refused.
    """
    if any(call.state not in (State.REFUSED, State.IGNORED) for call in calls):
        return WebhookState.MAPPED, ""
    for call in calls:
        if call.state is State.IGNORED:
            return WebhookState.IGNORED, call.reason
    return WebhookState.REFUSED, calls[0].reason if calls else reason
