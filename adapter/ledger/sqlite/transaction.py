"""One transaction of the writer: its connection, and what to tell memory once it is committed."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from adapter.agent import AgentSwitch
from adapter.ledger.records import SourceSwitch
from adapter.model import Move, Reason, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
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


@dataclass(slots=True)
class Transaction:
    """What a job of the writer works with; thrown away whole when it is rolled back.

    `lanes` and `sources` are those read so far: a group of jobs reads each once.
    """

    connection: Connection
    changes: Counter[tuple[str | None, State]] = field(default_factory=Counter)
    lanes: dict[str, Lane] = field(default_factory=dict)
    sources: dict[str, SourceSwitch] = field(default_factory=dict)

    def count(self, agent: str | None, state: State, change: int) -> None:
        """Note that so many calls entered (or, below zero, left) a state."""
        if change:
            self.changes[agent, state] += change
