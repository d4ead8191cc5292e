"""One transaction of the writer: its connection, and what to tell memory once it is committed."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from adapter.agent import AgentSwitch
from adapter.model import Move, Reason, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """An agent as the ledger knows it: its switch, whether it is configured, and how."""

    switch: AgentSwitch
    is_known: bool = True
    fingerprint: str = ""

    def block(self) -> Move | None:
        """Return the hold that this agent's waiting calls must take, or None if it may ring."""
        if not self.is_known:
            return Move(state=State.HELD, reason=Reason.AGENT_MISSING)
        if self.switch.halted_by:
            return Move(state=State.HELD, reason=Reason.AGENT_HALTED, detail=self.switch.halted_by)
        if self.switch.is_paused:
            return Move(state=State.HELD, reason=Reason.AGENT_PAUSED)
        return None

    def next_due(self, waiting_due: datetime | None) -> datetime | None:
        """Return when this agent has something to do, given its earliest waiting call."""
        if not self.is_known or self.switch.is_paused:
            return None
        return self.switch.probe_at if self.switch.halted_by else waiting_due


@dataclass(slots=True)
class Transaction:
    """What a job of the writer works with; thrown away whole when it is rolled back.

    `lanes` are the agents read so far: a group of jobs reads each agent once.
    """

    connection: Connection
    changes: Counter[tuple[str | None, State]] = field(default_factory=Counter)
    lanes: dict[str, Lane] = field(default_factory=dict)

    def count(self, agent: str | None, state: State, change: int) -> None:
        """Note that so many calls entered (or, below zero, left) a state."""
        if change:
            self.changes[agent, state] += change
