"""Settling: an attempt's end, its call's next state and its agent's switch, in one commit."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, update

from adapter.errors import IllegalMoveError
from adapter.ledger.holds.agents import (
    agent_record,
    align,
    cleared,
    halted,
    put_agent_record,
    refunded,
)
from adapter.ledger.holds.sources import hold_of
from adapter.ledger.moves import move_call
from adapter.ledger.records import AgentRecord, Halt
from adapter.ledger.sqlite.dialect import Prepared
from adapter.ledger.tables import attempts
from adapter.ledger.writer import Transaction
from adapter.model import MAY_HAVE_RUNG, Call, Claim, Move, Outcome, State

# The agent answered, and not with its fault. No answer proves nothing about its credentials.
PROVES_CURED = frozenset({Outcome.RUNG, Outcome.NOT_RUNG, Outcome.BUSY, Outcome.REJECTED})

_END = Prepared(
    update(attempts)
    .where(attempts.c.call == bindparam("call_id"), attempts.c.number == bindparam("which"))
    .where(attempts.c.ended_at.is_(None))
    .values(
        ended_at=bindparam("at", type_=attempts.c.ended_at.type),
        outcome=bindparam("showed"),
        http_status=bindparam("status"),
        code=bindparam("ctc"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptRecord:
    """The end of an attempt: its outcome, and when it ended."""

    ended_at: datetime
    outcome: Outcome
    http_status: int | None
    code: str | None


def settle(
    transaction: Transaction, claim: Claim, record: AttemptRecord, move: Move, halt: Halt | None
) -> Call:
    """End the attempt, turn its agent's switch if it shows cause, and move the call.

    A call that was to wait is held instead while its agent or its source may not ring.
    """
    now = record.ended_at
    end_attempt(transaction, claim, record)
    agent = str(claim.call.agent)
    before = agent_record(transaction, agent)
    after = halted(before, halt, now) if halt else _cured(claim, before, record)
    if move.state not in MAY_HAVE_RUNG:
        after = refunded(after, claim.call)
    if after != before:
        put_agent_record(transaction, after)
    call = move_call(transaction, claim.call, _move_or_hold(transaction, claim.call, move), now)
    if after.switch != before.switch or halt:
        align(transaction, agent, now)
    return call


def _move_or_hold(transaction: Transaction, call: Call, move: Move) -> Move:
    """Return the move, or the hold that a call which is not to end must take."""
    if move.state not in (State.WAITING, State.HELD):
        return move
    return hold_of(transaction, call.source, call.agent) or move


def end_attempt(transaction: Transaction, claim: Claim, record: AttemptRecord) -> None:
    """Store how an attempt ended; IllegalMoveError if it has ended before."""
    values = {
        "call_id": claim.call.id,
        "which": claim.number,
        "at": record.ended_at,
        "showed": record.outcome.value,
        "status": record.http_status,
        "ctc": record.code,
    }
    if _END.run(transaction.connection, values) != 1:
        raise IllegalMoveError("an attempt was to be settled that is not under way")


def _cured(claim: Claim, found: AgentRecord, record: AttemptRecord) -> AgentRecord:
    # An attempt that was under way when the agent was halted says nothing of it since.
    halted_at = found.switch.halted_at
    if (
        halted_at is None
        or record.outcome not in PROVES_CURED
        or claim.call.updated_at <= halted_at
    ):
        return found
    return replace(found, switch=cleared(found.switch))
