"""Sources' switches: paused by a person, or stopped by a burst; and how they go with the agents'.

A call is held as `source_burst` while its source may not ring, else as its agent's switch says. So
letting a source go on hands its calls over to their agents, and an agent's release leaves them.
One that needs a look-up is no matter of its agent's yet, but of whether the vendor denies it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Update, bindparam, func, or_, select

from adapter.ledger.holds.agents import agent_record
from adapter.ledger.moves import bulk_move, move_all, state_is
from adapter.ledger.records import SourceSwitch
from adapter.ledger.rows import EPOCH, Moment, source_of
from adapter.ledger.sqlite.dialect import Prepared, upsert
from adapter.ledger.tables import calls, sources, webhooks
from adapter.ledger.writer import Transaction
from adapter.model import Move, Reason, State

BURST_SPAN = timedelta(seconds=60)

_SOURCE = Prepared(select(sources).where(sources.c.name == bindparam("source")))
_UPSERT = Prepared(upsert(sources))
_RECENT = (
    select(webhooks.c.id)
    .where(
        webhooks.c.source == bindparam("source"),
        webhooks.c.received_at > bindparam("since", type_=Moment),
        # A clock set back must not count the hours before.
        webhooks.c.received_at <= bindparam("now", type_=Moment),
    )
    .limit(bindparam("most"))
    .subquery()
)
_COUNT_RECENT = Prepared(select(func.count().label("count")).select_from(_RECENT))
_OF_SOURCE = calls.c.source == bindparam("source_name")
_RINGS = calls.c.lookups.is_(None)
_NEEDS_LOOKUP = calls.c.lookups.is_not(None)
_AGENTS = (
    select(calls.c.agent)
    .where(_OF_SOURCE, or_(state_is(State.WAITING), state_is(State.HELD)))
    .distinct()
)
_IS_OTHER = or_(calls.c.reason != bindparam("to_reason"), calls.c.detail != bindparam("to_detail"))
_HOLD = bulk_move(State.WAITING, State.HELD, _OF_SOURCE)
_REWORD = bulk_move(State.HELD, State.HELD, _OF_SOURCE, _IS_OTHER)
_BY_SOURCE = calls.c.reason == Reason.SOURCE_BURST.value
_HAND_OVER = bulk_move(State.HELD, State.HELD, _OF_SOURCE, _RINGS, _BY_SOURCE)
_HOLD_LOOKUPS = bulk_move(State.WAITING, State.HELD, _OF_SOURCE, _NEEDS_LOOKUP)
_REWORD_LOOKUPS = bulk_move(State.HELD, State.HELD, _OF_SOURCE, _NEEDS_LOOKUP, _IS_OTHER)
_RELEASE_LOOKUPS = (
    (Reason.LOOKUP, bulk_move(State.HELD, State.WAITING, _OF_SOURCE, _NEEDS_LOOKUP)),
)
_RELEASE = tuple(
    (reason, bulk_move(State.HELD, State.WAITING, _OF_SOURCE, _RINGS, _BY_SOURCE, attempted))
    for reason, attempted in (
        (Reason.NEW, calls.c.attempts == 0),
        (Reason.RETRY, calls.c.attempts > 0),
    )
)


def source_switch(transaction: Transaction, name: str) -> SourceSwitch:
    """Return a source's switch; one never heard of may ring."""
    found = transaction.sources.get(name)
    if found is None:
        rows = _SOURCE.rows(transaction.connection, {"source": name})
        found = source_of(rows[0]) if rows else SourceSwitch(name=name)
        transaction.sources[name] = found
    return found


def hold_of(
    transaction: Transaction, source_name: str, agent: str | None, *, is_before_lookup: bool = False
) -> Move | None:
    """Return the hold that a waiting call must take, or None if it may ring, or be looked up."""
    switch = source_switch(transaction, source_name)
    if is_before_lookup:
        return switch.block() or switch.denial()
    return switch.block() or (agent_record(transaction, agent).block() if agent else None)


def watch_burst(transaction: Transaction, name: str, burst: int, now: datetime) -> None:
    """Before a webhook is stored: hold its source's calls if it is one too many in a minute."""
    found = source_switch(transaction, name)
    if found.is_burst:
        return
    since = max(now - BURST_SPAN, found.counted_from or EPOCH)
    values = {"source": name, "since": since, "now": now, "most": burst}
    (recent,) = _COUNT_RECENT.rows(transaction.connection, values)
    if recent.count >= burst:
        turn_source(transaction, replace(found, is_burst=True), now)


def pause_source(transaction: Transaction, name: str, now: datetime) -> int:
    """Hold a source's calls; return how many."""
    found = source_switch(transaction, name)
    return turn_source(transaction, replace(found, is_paused=True), now)


def resume_source(transaction: Transaction, name: str, now: datetime) -> int:
    """Let a source's calls go on, and count its webhooks anew; return how many were let go."""
    found = source_switch(transaction, name)
    return turn_source(transaction, replace(cleared(found), counted_from=now), now)


def cleared(switch: SourceSwitch) -> SourceSwitch:
    """Return the switch of a source whose calls may ring, and be looked up."""
    return replace(undenied(switch), is_paused=False, is_burst=False)


def undenied(switch: SourceSwitch) -> SourceSwitch:
    """Return the switch without the denial of its look-ups."""
    return replace(switch, denied_by="", denied_fingerprint="", probe_at=None)


def turn_source(transaction: Transaction, switch: SourceSwitch, now: datetime) -> int:
    """Store a source's switch and align its calls; return how many were held or let go."""
    put_source(transaction, switch)
    names = transaction.connection.execute(_AGENTS, {"source_name": switch.name}).scalars().all()
    return sum(_align(transaction, switch, agent, now) for agent in names)


def put_source(transaction: Transaction, switch: SourceSwitch) -> None:
    """Store a source's switch, where its calls need no aligning."""
    values = {column.name: getattr(switch, column.name) for column in sources.c}
    _UPSERT.run(transaction.connection, values)
    transaction.sources[switch.name] = switch


def _align(transaction: Transaction, switch: SourceSwitch, agent: str | None, now: datetime) -> int:
    """Make a source's calls of one agent agree with both switches; return how many moved."""
    part = _Part(transaction=transaction, source=switch.name, agent=agent, now=now)
    block = switch.block()
    if block:
        part.move(_REWORD, block)
        return part.move(_HOLD, block)
    denial = switch.denial()
    if denial:
        part.move(_REWORD_LOOKUPS, denial)
        looked_up = part.move(_HOLD_LOOKUPS, denial)
    else:
        looked_up = part.release(_RELEASE_LOOKUPS)
    hold = agent_record(transaction, agent).block() if agent else None
    if hold:
        part.move(_HAND_OVER, hold)
        return looked_up
    return looked_up + part.release(_RELEASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """The calls of one source and one agent."""

    transaction: Transaction
    source: str
    agent: str | None
    now: datetime

    def move(self, prepared: Update, move: Move) -> int:
        return move_all(
            self.transaction, prepared, self.agent, move, self.now, source_name=self.source
        )

    def release(self, prepared: Sequence[tuple[Reason, Update]]) -> int:
        return sum(
            self.move(statement, Move(state=State.WAITING, reason=reason, due_at=self.now))
            for reason, statement in prepared
        )
