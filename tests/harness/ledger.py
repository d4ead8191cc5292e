"""A ledger to work at in tests: a real file, a clock moved by hand, leads of invented people."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from adapter.agent import Pace
from adapter.clock import Ids
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import Accepted, CallFilter, Claims, Halt
from adapter.model import (
    Call,
    Claim,
    DedupeKey,
    Facts,
    MappedCall,
    Move,
    Outcome,
    Reason,
    State,
    Webhook,
    WebhookState,
)
from tests.harness.empty_ledger import put_empty_ledger

T = TypeVar("T")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
ADA, BEN, CLEO = "+12025550123", "+12025550145", "+12025550167"

RUNG = Move(state=State.RUNG, reason=Reason.ACCEPTED)
FAILED = Move(state=State.FAILED, reason="http_400")
UNCERTAIN = Move(state=State.UNCERTAIN, reason=Reason.NO_ANSWER)
HALTED = Move(state=State.HELD, reason=Reason.AGENT_HALTED, detail="ctc:003")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return what the clock shows."""
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move the clock and return what it shows."""
        self.at += by
        return self.at


def lead(phone: str = ADA, *, key: str | None = None, agent: str = "sales") -> MappedCall:
    """Return a call that is to ring; by default each phone has a key of its own."""
    digest = key if key is not None else f"key of {phone}"
    return MappedCall(
        state=State.WAITING,
        reason=Reason.NEW,
        agent=agent,
        phone=phone,
        variables={"name": "Ada", "product": "Solar ☀ panels"},
        keys=(DedupeKey(digest=digest, window=DAY),),
    )


def nameless(key: str = "", agent: str | None = "sales") -> MappedCall:
    """Return a call that needs a look-up, with an explicit key or none."""
    keys = (DedupeKey(digest=key, window=DAY),) if key else ()
    return MappedCall(state=State.WAITING, reason=Reason.LOOKUP, agent=agent, keys=keys)


def refused(reason: str = Reason.PHONE_MISSING) -> MappedCall:
    """Return a call that cannot ring."""
    return MappedCall(state=State.REFUSED, reason=reason, detail="no path gave a phone")


def ignored(reason: str = "not_a_lead") -> MappedCall:
    """Return a call that a guard keeps from ringing."""
    return MappedCall(state=State.IGNORED, reason=reason, agent="sales", phone=BEN)


def go(call: Call, facts: Facts) -> Move:
    """Let every call go that no block and no other call's ring forbids."""
    if facts.is_blocked:
        return Move(state=State.IGNORED, reason=Reason.BLOCKED)
    if facts.last_rung_at is not None:
        return Move(state=State.IGNORED, reason=Reason.COOLDOWN)
    return Move(state=State.SENDING, reason=call.reason)


def as_they_are(_: Webhook) -> tuple[str, ...]:
    """Decode nothing of a webhook, when a person is to be forgotten: its bytes alone count."""
    return ()


class Desk:
    """The ledger of one file, and the few words that most tests need.

    A new file is a copy of an empty ledger, unless `is_migrated`: then the migrations make it.
    """

    def __init__(self, file: Path, *, is_migrated: bool = False) -> None:
        self.file = file
        if not is_migrated:
            put_empty_ledger(file)
        self.clock = Clock()
        self._ids = Ids(self.clock)
        self.ledger = self._open()

    def _open(self) -> Ledger:
        ledger = Ledger.open(f"sqlite:///{self.file}", now=self.clock)
        # Chance would order the ids made before and after a reopening while the clock stands.
        ledger._ids = self._ids
        return ledger

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one operation to its end."""
        return asyncio.run(work)

    def reopen(self) -> Ledger:
        """Close the ledger and open it again."""
        self.ledger.close()
        self.ledger = self._open()
        return self.ledger

    def webhook(self, source: str = "crm", reason: str = "") -> Webhook:
        """Return a new webhook, not yet stored."""
        return Webhook(
            id=self.ledger.new_id(),
            source=source,
            received_at=self.clock(),
            headers=(("content-type", "application/json"),),
            query="form=7",
            body=b'{"name": "Ada"}',
            state=WebhookState.REFUSED,
            reason=reason,
        )

    def accept(self, *calls: MappedCall, source: str = "crm", **more: Any) -> Accepted:
        """Accept a webhook with these calls."""
        windows = {"proof_window": 30 * DAY, "idempotency_window": DAY}
        return self.do(self.ledger.accept(self.webhook(source), calls, **(windows | more)))

    def accept_one(self, call: MappedCall | None = None, **more: Any) -> Call:
        """Accept a webhook with one call and return the call."""
        return self.accept(call or lead(), **more).calls[0]

    def claim(
        self,
        *,
        agent: str = "sales",
        limit: int = 10,
        cooldown: timedelta = 10 * MINUTE,
        decide: Callable[[Call, Facts], Move] = go,
        pace: Pace | None = None,
    ) -> Claims:
        """Claim what is due now."""
        return self.do(
            self.ledger.claim(
                agent,
                limit=limit,
                now=self.clock(),
                cooldown=cooldown,
                decide=decide,
                pace=pace or Pace(),
            )
        )

    def claim_one(self, **more: Any) -> Claim:
        """Claim the one call that is due."""
        (claim,) = self.claim(**more).claims
        return claim

    def settle(self, claim: Claim, outcome: Outcome, move: Move, halt: Halt | None = None) -> Call:
        """Settle a claim now."""
        return self.do(
            self.ledger.settle(
                claim,
                ended_at=self.clock(),
                outcome=outcome,
                http_status=200,
                code=None,
                move=move,
                halt=halt,
            )
        )

    def halt(self, claim: Claim, fingerprint: str = "f1") -> Call:
        """Settle a claim with an answer that halts its agent."""
        halt = Halt(by="ctc:003", fingerprint=fingerprint, probe_at=self.clock() + 5 * MINUTE)
        return self.settle(claim, Outcome.AGENT_FAULT, HALTED, halt)

    def retry_at(self, due_at: datetime) -> Move:
        """Return the move of a call that is to wait for another try."""
        return Move(state=State.WAITING, reason=Reason.RETRY, due_at=due_at)

    def call(self, call_id: str) -> Call:
        """Read a call back."""
        found = self.do(self.ledger.reads.call(call_id))
        assert found is not None
        return found[0]

    def bring_to(self, state: State, phone: str = ADA) -> Call:
        """Return a stored call that came to a state by the ledger's own operations."""
        if state is State.REFUSED:
            return self.accept_one(refused())
        if state is State.IGNORED:
            return self.accept_one(ignored())
        call = self.accept_one(lead(phone))
        if state is State.HELD:
            self.do(self.ledger.admin.pause("sales", self.clock()))
        elif state is not State.WAITING:
            claim = self.claim_one()
            endings = {
                State.RUNG: (Outcome.RUNG, RUNG),
                State.FAILED: (Outcome.REJECTED, FAILED),
                State.UNCERTAIN: (Outcome.PERHAPS, UNCERTAIN),
            }
            if state in endings:
                self.settle(claim, *endings[state])
        found = self.call(call.id)
        assert found.state is state
        return found

    def counted(self) -> dict[State, int]:
        """Count the calls by reading them, for comparison with the tally."""
        calls, _ = self.do(self.ledger.reads.calls(CallFilter(), 10_000))
        return {state: sum(call.state is state for call in calls) for state in State}

    def sql(self, statement: str, *values: object) -> Sequence[Any]:
        """Run SQL past the ledger, on a connection of its own, and commit."""
        connection = sqlite3.connect(self.file)
        try:
            with connection:
                return connection.execute(statement, values).fetchall()
        finally:
            connection.close()
