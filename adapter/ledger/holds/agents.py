"""Agents: their switches, and their limits of a minute and of a day.

A switch says that an agent is paused by a person, halted by an answer, missing, or full for today.

All code that turns a switch calls `align`, which makes the agent's calls agree with it; so a call
is `held` exactly while its agent or its source may not ring, by whichever way it came there. A
source's hold goes before an agent's (see `sources`), so an agent's switch leaves the calls that it
holds.

Claims are spread over a minute and counted for a day, in their own commit. The day's count is of
what rang or may have: an attempt that proved that no phone rang is given back. So an agent is full
only once nothing of it is under way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, union

from adapter.agent import AgentSwitch, Pace
from adapter.ledger.moves import bulk_move, move_all, state_is
from adapter.ledger.records import AgentRecord, Halt
from adapter.ledger.rows import MILLISECOND, agent_record_of, whole_ms
from adapter.ledger.sqlite.dialect import Prepared, upsert
from adapter.ledger.tables import agents, calls
from adapter.ledger.writer import Transaction
from adapter.model import Call, Move, Reason, State

AGENT_REASONS = (
    Reason.AGENT_PAUSED,
    Reason.AGENT_HALTED,
    Reason.AGENT_MISSING,
    Reason.DAILY_LIMIT,
)

_AGENT = Prepared(select(agents).where(agents.c.name == bindparam("agent")))
_NAMES = select(agents.c.name)
_UPSERT = Prepared(upsert(agents))
_SENDING = Prepared(
    select(calls.c.id).where(calls.c.agent == bindparam("agent"), state_is(State.SENDING)).limit(1)
)
_IN_CALLS = union(
    select(calls.c.agent).where(state_is(State.WAITING)),
    select(calls.c.agent).where(state_is(State.HELD)),
)
_BY_AGENT = calls.c.reason.in_(AGENT_REASONS)
# A look-up rings nobody: it goes on, and its call meets the agent's switch afterwards.
_HOLD = bulk_move(State.WAITING, State.HELD, calls.c.lookups.is_(None))
_REWORD = bulk_move(
    State.HELD,
    State.HELD,
    _BY_AGENT,
    or_(
        calls.c.reason != bindparam("to_reason"),
        calls.c.detail != bindparam("to_detail"),
    ),
)
_RELEASE = (
    (Reason.NEW, bulk_move(State.HELD, State.WAITING, _BY_AGENT, calls.c.attempts == 0)),
    (Reason.RETRY, bulk_move(State.HELD, State.WAITING, _BY_AGENT, calls.c.attempts > 0)),
)


def agent_record(transaction: Transaction, agent: str) -> AgentRecord:
    """Return an agent as the ledger knows it; one never heard of may ring."""
    found = transaction.agents.get(agent)
    if found is None:
        rows = _AGENT.rows(transaction.connection, {"agent": agent})
        found = agent_record_of(rows[0]) if rows else AgentRecord(switch=AgentSwitch(name=agent))
        transaction.agents[agent] = found
    return found


def put_agent_record(transaction: Transaction, changed: AgentRecord) -> None:
    """Store an agent's switch; the caller aligns its calls."""
    switch = changed.switch
    values = {
        "name": switch.name,
        "is_known": changed.is_known,
        "fingerprint": changed.fingerprint,
        "is_paused": switch.is_paused,
        "halted_by": switch.halted_by,
        "halted_fingerprint": switch.fingerprint,
        "halted_at": switch.halted_at,
        "probe_at": switch.probe_at,
        "day": changed.day,
        "day_count": changed.day_count,
        "day_began_at": changed.day_began_at,
        "full_until": switch.full_until,
        "last_claimed_at": changed.last_claimed_at,
    }
    _UPSERT.run(transaction.connection, values)
    transaction.agents[switch.name] = changed


def align(transaction: Transaction, agent: str, now: datetime) -> int:
    """Make an agent's calls agree with its switch; return how many were held or released."""
    block = agent_record(transaction, agent).block()
    if block:
        move_all(transaction, _REWORD, agent, block, now)
        return move_all(transaction, _HOLD, agent, block, now)
    return sum(
        move_all(
            transaction,
            prepared,
            agent,
            Move(state=State.WAITING, reason=reason, due_at=now),
            now,
        )
        for reason, prepared in _RELEASE
    )


def cleared(switch: AgentSwitch) -> AgentSwitch:
    """Return the switch without its halt."""
    return replace(switch, halted_by="", fingerprint="", halted_at=None, probe_at=None)


def halted(found: AgentRecord, halt: Halt, now: datetime) -> AgentRecord:
    """Return the agent halted; unchanged if the halt is of a configuration since replaced."""
    if found.fingerprint and halt.fingerprint != found.fingerprint:
        return found
    switch = replace(
        found.switch,
        halted_by=halt.by,
        fingerprint=halt.fingerprint,
        halted_at=found.switch.halted_at or now,
        probe_at=halt.probe_at,
    )
    return replace(found, switch=switch)


def cure(transaction: Transaction, agent: str, now: datetime) -> int:
    """Clear one agent's halt and align its calls."""
    return _turn_switches(
        transaction, [agent], now, lambda found: replace(found, switch=cleared(found.switch))
    )


def pause(transaction: Transaction, agent: str | None, now: datetime, agents: Sequence[str]) -> int:
    """Pause one agent, or all."""
    return _turn_switches(
        transaction,
        _agents_meant(transaction, agent, agents),
        now,
        lambda found: replace(found, switch=replace(found.switch, is_paused=True)),
    )


def resume(
    transaction: Transaction, agent: str | None, now: datetime, agents: Sequence[str]
) -> int:
    """Clear the pause, the halt and the day's limit of one agent, or of all."""
    return _turn_switches(transaction, _agents_meant(transaction, agent, agents), now, _resumed)


def _resumed(found: AgentRecord) -> AgentRecord:
    switch = AgentSwitch(name=found.switch.name)
    if found.switch.full_until is None:
        return replace(found, switch=switch)
    return replace(found, switch=switch, day="", day_count=0)


def reconcile(transaction: Transaction, agents: Mapping[str, str], now: datetime) -> None:
    """Bring every agent, and its calls, into agreement with the configuration."""
    in_calls = transaction.connection.execute(_IN_CALLS).scalars()
    names = {*agents, *_agents_meant(transaction, None, ()), *filter(None, in_calls)}
    for name in sorted(names):
        found = agent_record(transaction, name)
        switch, fingerprint = found.switch, agents.get(name, "")
        if name in agents and switch.halted_by and switch.fingerprint != fingerprint:
            switch = cleared(switch)
        put_agent_record(
            transaction,
            replace(found, switch=switch, is_known=name in agents, fingerprint=fingerprint),
        )
        align(transaction, name, now)


def _agents_meant(
    transaction: Transaction, agent: str | None, named: Sequence[str]
) -> Sequence[str]:
    if agent is not None:
        return [agent]
    return sorted({*named, *transaction.connection.execute(_NAMES).scalars()})


def _turn_switches(
    transaction: Transaction,
    names: Sequence[str],
    now: datetime,
    change: Callable[[AgentRecord], AgentRecord],
) -> int:
    aligned = 0
    for name in names:
        put_agent_record(transaction, change(agent_record(transaction, name)))
        aligned += align(transaction, name, now)
    return aligned


def keep_daily_limit(transaction: Transaction, agent: str, pace: Pace, now: datetime) -> None:
    """Hold the calls of an agent that has rung as often as a day allows; release them after it."""
    found = agent_record(transaction, agent)
    if pace.max_per_day is None and found.switch.full_until is None:
        return
    counted = _counted(found, pace, now)
    full_until = _full_until(transaction, counted, pace)
    after = replace(counted, switch=replace(counted.switch, full_until=full_until))
    if after == found:
        return
    put_agent_record(transaction, after)
    if after.block() != found.block():
        align(transaction, agent, now)


def _counted(found: AgentRecord, pace: Pace, now: datetime) -> AgentRecord:
    full_until = found.switch.full_until
    is_over = full_until is not None and now >= full_until
    if found.day == pace.day and not is_over:
        return found
    return replace(found, day=pace.day, day_count=0, day_began_at=whole_ms(now))


def _full_until(transaction: Transaction, found: AgentRecord, pace: Pace) -> datetime | None:
    if _left_today(found, pace) > 0:
        return None
    is_settled = not _SENDING.rows(transaction.connection, {"agent": found.switch.name})
    return pace.next_day if is_settled else found.switch.full_until


def room(found: AgentRecord, pace: Pace, limit: int, now: datetime) -> int:
    """Return how many calls may be claimed now, of those that there is room for."""
    if pace.min_gap_s:
        limit = min(limit, 1 if (paced_at(found, pace, now) or now) <= now else 0)
    return max(0, min(limit, _left_today(found, pace)))


def paced_at(found: AgentRecord, pace: Pace, now: datetime) -> datetime | None:
    """Return the earliest moment of the next claim; None where the agent is not paced, or fresh."""
    if not pace.min_gap_s or found.last_claimed_at is None:
        return None
    # A clock set back must not make it wait for longer than one gap.
    return min(found.last_claimed_at, now) + timedelta(seconds=pace.min_gap_s)


def count_claims(
    transaction: Transaction, agent: str, pace: Pace, claimed: int, now: datetime
) -> None:
    """Count what has been claimed."""
    if claimed and (pace.min_gap_s or pace.max_per_day is not None):
        found = agent_record(transaction, agent)
        # Rounded up: a gap must not lose what the ledger's milliseconds leave out.
        at = whole_ms(now + MILLISECOND - timedelta(microseconds=1))
        put_agent_record(
            transaction,
            replace(found, day_count=found.day_count + claimed, last_claimed_at=at),
        )


def next_due(
    found: AgentRecord, pace: Pace, waiting_due: datetime | None, now: datetime
) -> datetime | None:
    """Return when this agent has something to do; None if only an attempt's end can tell."""
    due_at = found.next_due(waiting_due)
    if due_at is None or (found.switch.full_until is None and _left_today(found, pace) <= 0):
        return None
    return max(due_at, paced_at(found, pace, now) or due_at)


def refunded(found: AgentRecord, call: Call) -> AgentRecord:
    """Return the agent with an attempt given back that did not ring, if its day still counts it."""
    is_counted = found.day_began_at is not None and call.updated_at >= found.day_began_at
    if not is_counted or found.day_count <= 0:
        return found
    return replace(found, day_count=found.day_count - 1)


def _left_today(found: AgentRecord, pace: Pace) -> int:
    return 1_000_000_000 if pace.max_per_day is None else pace.max_per_day - found.day_count
