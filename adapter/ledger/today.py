"""What came and what rang on a day, counted where it is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from adapter.clock import first_id
from adapter.ledger.tables import calls, webhooks
from adapter.model import State

# A lead waits for a day at most, unless it is held or the agent is closed: of leads that are older
# than two days at its begin, a day counts what waits and not what rang.
_LOOKS_BACK = timedelta(days=2)
_MOST_RINGS = 50_000
_PENDING = (State.WAITING, State.HELD, State.SENDING, State.UNCERTAIN)
_ENDED = (State.FAILED, State.REFUSED, State.IGNORED)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallCount:
    """How many calls of a source and an agent are in a state, for a reason."""

    source: str
    agent: str | None
    state: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookCount:
    """How many webhooks of a source came on the day, in a state, for a reason."""

    source: str
    state: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """When a call of the day rang, and how long that was after its webhook was received."""

    at: datetime
    after_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Today:
    """A day so far: what is pending now, what else came, what rang, and when (the newest rings)."""

    calls: tuple[CallCount, ...]
    webhooks: tuple[WebhookCount, ...]
    rings: tuple[Ring, ...]


def read_today(connection: Connection, began_at: datetime) -> Today:
    """Return the day that began at this moment; pending calls count whenever they came."""
    first = first_id(began_at)
    is_rung = (calls.c.state == State.RUNG.value) & (calls.c.rang_at >= began_at)
    is_rung &= calls.c.id >= first_id(began_at - _LOOKS_BACK)
    conditions = (
        calls.c.state.in_(map(str, _PENDING)),
        calls.c.state.in_(map(str, _ENDED)) & (calls.c.id >= first),
        is_rung,
    )
    columns = (calls.c.source, calls.c.agent, calls.c.state, calls.c.reason)
    counted = [
        CallCount(source=source, agent=agent, state=state, reason=reason, count=count)
        for condition in conditions
        for source, agent, state, reason, count in connection.execute(
            select(*columns, func.count()).where(condition).group_by(*columns)
        )
    ]
    return Today(
        calls=tuple(counted),
        webhooks=_webhooks(connection, began_at),
        rings=tuple(
            Ring(at=rang_at, after_s=(rang_at - created_at).total_seconds())
            for rang_at, created_at in connection.execute(
                select(calls.c.rang_at, calls.c.created_at)
                .where(is_rung)
                .order_by(calls.c.id.desc())
                .limit(_MOST_RINGS)
            )
        ),
    )


def _webhooks(connection: Connection, began_at: datetime) -> tuple[WebhookCount, ...]:
    # By its plain name SQLite would go through all that every source ever sent, to group by it.
    source = (webhooks.c.source + "").label("source_name")
    named = (source, webhooks.c.state, webhooks.c.reason)
    counted = select(*named, func.count()).where(webhooks.c.received_at >= began_at)
    return tuple(
        WebhookCount(source=source, state=state, reason=reason, count=count)
        for source, state, reason, count in connection.execute(counted.group_by(*named))
    )
