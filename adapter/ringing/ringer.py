"""One claimed call: sign, send, judge, settle. Decisions are pure; this file carries them out.

The fence: a claim exists only once its attempt is committed as `sending`, so whatever happens
from here on, the ledger knows that this phone may be ringing. What the attempt showed is written
until it is written: a ledger that is out of order delays the record, never the truth.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapter.agent import Agent
from adapter.errors import IllegalMoveError, LedgerError
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import Halt
from adapter.model import Call, Claim, Outcome
from adapter.policy.outcomes import (
    Answered,
    Broken,
    Decision,
    NotSent,
    SendResult,
    decide,
    judge,
)
from adapter.ringing.sender import Sender
from adapter.ringing.signing import sign_call
from adapter.telemetry import Metrics, log_event

PROBE_AFTER = timedelta(minutes=5)
_WRITE_AGAIN_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ringer:
    """Carries out one agent's claimed calls."""

    agent: Agent
    sender: Sender
    ledger: Ledger
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    metrics: Metrics

    async def ring(self, claim: Claim) -> Call:
        """Send the claimed call once and record what that showed; return the settled call."""
        started_at = self.now()
        try:
            result = await self._send(claim.call)
        except asyncio.CancelledError:
            # Cut short by a shutdown: the phone may ring, so the record must say "perhaps".
            await self._settle(claim, Broken(kind="cut"), started_at)
            raise
        return await self._settle(claim, result, started_at)

    async def _send(self, call: Call) -> SendResult:
        try:
            signed = sign_call(self.agent, call.phone or "", call.variables)
            return await self.sender.send(signed)
        except Exception as bug:  # the one guard: a bug must not lose a call's record
            log_event("bug_while_sending", level=logging.ERROR, call=call.id, caught=bug)
            return Broken(kind="bug")

    async def _settle(self, claim: Claim, result: SendResult, started_at: datetime) -> Call:
        ended_at = self.now()
        outcome = judge(result, self.agent.not_rung)
        decision = decide(
            outcome,
            result,
            call=claim.call,
            earlier=claim.earlier,
            now=ended_at,
            jitter=self.jitter(),
        )
        status, code = _seen(result)
        while True:
            try:
                call = await self.ledger.settle(
                    claim,
                    ended_at=ended_at,
                    outcome=outcome,
                    http_status=status,
                    code=code,
                    move=decision.move,
                    halt=self._halt(decision, ended_at),
                )
                break
            except IllegalMoveError:
                raise  # a bug; asking again would not mend it
            except LedgerError as error:
                log_event("ledger_unavailable", level=logging.ERROR, error=str(error))
                await asyncio.sleep(_WRITE_AGAIN_S)
        self._report(call, claim, outcome, result, started_at, ended_at)
        return call

    def _halt(self, decision: Decision, now: datetime) -> Halt | None:
        if decision.halt_by is None:
            return None
        return Halt(
            by=decision.halt_by, fingerprint=self.agent.fingerprint, probe_at=now + PROBE_AFTER
        )

    def _report(  # noqa: PLR0913, PLR0917 - the fields of one log line
        self,
        call: Call,
        claim: Claim,
        outcome: Outcome,
        result: SendResult,
        started_at: datetime,
        ended_at: datetime,
    ) -> None:
        name = self.agent.name
        status, code = _seen(result)
        # of what stood in the way the label has the kind alone: its details are many
        label = result.kind if isinstance(result, NotSent) else code
        self.metrics.attempts.labels(name, outcome.value, label or "").inc()
        self.metrics.attempt_s.labels(name).observe((ended_at - started_at).total_seconds())
        if claim.number == 1:
            waited_s = (started_at - call.created_at).total_seconds()
            self.metrics.ring_s.labels(name).observe(waited_s)
        log_event(
            "attempt_ended",
            call=call.id,
            agent=name,
            number=claim.number,
            outcome=outcome.value,
            http_status=status,
            code=code,
            state=call.state.value,
            reason=call.reason,
        )


def _seen(result: SendResult) -> tuple[int | None, str | None]:
    """Return the answer's status, and its code or why no call left."""
    if isinstance(result, NotSent):
        return None, result.why
    return (result.status, result.code) if isinstance(result, Answered) else (None, None)
