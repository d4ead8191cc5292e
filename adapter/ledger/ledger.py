"""The durable store: every webhook, call and attempt, and every move between states.

Promise: whatever a write returned is committed and fsynced; nothing else was changed by it.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine

from adapter.agent import AgentSwitch
from adapter.errors import LedgerError
from adapter.ledger import claims, cleaning, intake, people, reading, recovery, settling, switches
from adapter.ledger.connections import database_file, read_engine, truncate_log, write_engine
from adapter.ledger.faults import translated
from adapter.ledger.ids import Ids
from adapter.ledger.keys import Repeats
from adapter.ledger.lock import FileLock
from adapter.ledger.migrate import ensure_schema
from adapter.ledger.tally import Tally
from adapter.ledger.words import Accepted, CallFilter, Claims, Halt, Replayed, WebhookFilter
from adapter.ledger.writer import Writer
from adapter.model import (
    REPLAYABLE,
    Attempt,
    Call,
    Claim,
    MappedCall,
    Move,
    Outcome,
    State,
    Webhook,
)

T = TypeVar("T")
READERS = 2
NO_TIME = timedelta(0)
NO_REPEATS = Repeats()


class Ledger:
    """The store on one SQLite file; one process, one writer, many readers.

    Every method raises LedgerError when the machine fails; writes then changed nothing.
    `recovered` is how many calls were `sending` when the last process ended.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        engines: tuple[Engine, Engine],
        tally: Tally,
        recovered: int,
        closing: ExitStack,
    ) -> None:
        self._now = now
        self._ids = Ids(now)
        self._read_engine = engines[1]
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")
        writer = Writer(engines[0], tally)
        self._write = writer.submit
        self._closing = closing  # in the reverse order of these
        closing.callback(truncate_log, engines[0])
        closing.callback(self._readers.shutdown)
        closing.callback(writer.close)
        self.tally = tally
        self.recovered = recovered

    @classmethod
    def open(cls, url: str, *, now: Callable[[], datetime], is_exclusive: bool = True) -> Self:
        """Lock the file, bring its schema up to date, and sweep what was cut off.

        Every call left `sending` becomes `uncertain`/`process_died`. Without `is_exclusive` there
        is no lock and no sweep. LedgerError: not sqlite:///, another process has it, or a fault.
        """
        file = database_file(url)
        with ExitStack() as undo, translated():
            if is_exclusive:
                undo.callback(FileLock.take(file).release)
            engines = write_engine(file), read_engine(file, READERS)
            for engine in engines:
                undo.callback(engine.dispose)
            ensure_schema(engines[0], is_upgrade_allowed=is_exclusive)
            tally, recovered = recovery.recover(engines[0], now() if is_exclusive else None)
            closing = undo.pop_all()
        return cls(now=now, engines=engines, tally=tally, recovered=recovered, closing=closing)

    def close(self) -> None:
        """Finish the queued writes, fold the log into the file, release the lock. Idempotent."""
        self._closing.close()

    def new_id(self) -> str:
        """Return a ULID: sorts by time, and after every earlier one of this process."""
        return self._ids.new()

    async def accept(  # noqa: PLR0913 - each is one column of what is stored
        self,
        webhook: Webhook,
        calls: Sequence[MappedCall],
        *,
        proof: str | None = None,
        idempotency: str | None = None,
        proof_window: timedelta = NO_TIME,
        idempotency_window: timedelta = NO_TIME,
    ) -> Accepted:
        """Store a webhook, its calls and their dedupe keys in one commit.

        A waiting call whose key another call holds is stored `ignored`/`duplicate`. The stored
        webhook's state follows from its calls; its `reason` counts only when there are none.
        """
        repeats = Repeats(
            proof=proof,
            idempotency=idempotency,
            proof_window=proof_window,
            idempotency_window=idempotency_window,
        )
        drafts = intake.draft(calls, repeats, self.new_id)
        return await self._write(
            partial(intake.accept, webhook=webhook, drafts=drafts, now=self._now())
        )

    async def claim(
        self,
        agent: str,
        *,
        limit: int,
        now: datetime,
        cooldown: timedelta,
        decide: Callable[[Call, datetime | None], Move],
    ) -> Claims:
        """Take up to `limit` due calls of an agent to `sending`, as `decide` allows.

        `decide` gets a call and when another call last rang its phone within `cooldown`; it runs in
        the writer's thread, maybe twice, so it must be pure. Its other moves are applied too.
        """
        wish = claims.Wish(agent=agent, limit=limit, now=now, cooldown=cooldown, decide=decide)
        return await self._write(partial(claims.claim, wish=wish))

    async def settle(  # noqa: PLR0913 - each is one column of what is stored
        self,
        claim: Claim,
        *,
        ended_at: datetime,
        outcome: Outcome,
        http_status: int | None,
        code: str | None,
        move: Move,
        halt: Halt | None = None,
    ) -> Call:
        """End a claim's attempt and apply its move; `halt` halts the agent in the same commit.

        IllegalMoveError if the attempt has ended before.
        """
        shown = settling.Showing(
            ended_at=ended_at, outcome=outcome, http_status=http_status, code=code
        )
        return await self._write(
            partial(settling.settle, claim=claim, shown=shown, move=move, halt=halt)
        )

    async def cure(self, agent: str, now: datetime) -> int:
        """Clear an agent's halt and release the calls that it held; return how many."""
        return await self._write(partial(switches.cure, agent=agent, now=now))

    async def pause(self, agent: str | None, now: datetime, *, agents: Iterable[str] = ()) -> int:
        """Hold an agent's waiting calls, and those to come; None is every known agent.

        Known are `agents` and those of the last `reconcile`. Returns how many calls it held.
        """
        return await self._write(
            partial(switches.pause, agent=agent, now=now, agents=tuple(agents))
        )

    async def resume(self, agent: str | None, now: datetime, *, agents: Iterable[str] = ()) -> int:
        """Undo a pause and a halt; None is every known agent. Returns how many calls it freed."""
        return await self._write(
            partial(switches.resume, agent=agent, now=now, agents=tuple(agents))
        )

    async def reconcile(self, agents: Mapping[str, str], now: datetime) -> None:
        """Compare with the configured agents (name → fingerprint), at start and at each reload.

        Calls of an unknown agent are held as `agent_missing`, those of a reappeared one released,
        and an agent halted under another fingerprint is cured.
        """
        await self._write(partial(switches.reconcile, agents=dict(agents), now=now))

    async def replay(
        self,
        call_id: str,
        mapped: MappedCall,
        *,
        now: datetime,
        repeats: Repeats = NO_REPEATS,
    ) -> Replayed:
        """Put a call, mapped anew, back to `waiting`; it keeps its id and takes its keys again.

        ConflictError: no such call, not in a state to replay, a key is held by another call, or
        the mapping now refuses or ignores a call that may have rung.
        """
        return await self._write(
            partial(people.replay, call_id=call_id, mapped=mapped, repeats=repeats, now=now)
        )

    async def replay_webhook(  # noqa: PLR0913 - each is one column of what is stored
        self,
        webhook_id: str,
        calls: Sequence[MappedCall],
        *,
        now: datetime,
        reason: str = "",
        states: Collection[State] = REPLAYABLE,
        repeats: Repeats = NO_REPEATS,
    ) -> tuple[Replayed, ...]:
        """Replay each call of a webhook that is in `states`, by position; insert new positions.

        A call that cannot be replayed is left as it is, with its `conflict`; ConflictError if that
        is true of all. `reason` is the webhook's own, for when there are no calls.
        """
        wish = people.WebhookReplay(
            webhook_id=webhook_id,
            drafts=intake.draft(calls, repeats, self.new_id),
            reason=reason,
            states=frozenset(states),
        )
        return await self._write(partial(people.replay_webhook, wish=wish, now=now))

    async def resolve(self, call_id: str, rung: bool, now: datetime) -> Call:
        """Record a person's word on an `uncertain` call; ConflictError in any other state."""
        return await self._write(partial(people.resolve, call_id=call_id, rung=rung, now=now))

    async def clean(self, before: datetime, limit: int = 200) -> int:
        """Delete up to `limit` webhooks received before, all of whose calls have ended.

        Their calls and attempts go too, and expired dedupe keys. Returns how many webhooks went.
        """
        return await self._write(
            partial(cleaning.clean, before=before, limit=limit, now=self._now())
        )

    async def is_writable(self) -> bool:
        """Commit a tiny write, for readiness; False when the machine refuses it."""
        try:
            await self._write(partial(recovery.beat, now=self._now()))
        except LedgerError:
            return False
        return True

    async def call(self, call_id: str) -> tuple[Call, tuple[Attempt, ...]] | None:
        """Return a call and its attempts in order; None if there is no such call."""
        return await self._read(partial(reading.call, call_id=call_id))

    async def calls(
        self, which: CallFilter, limit: int, cursor: str | None = None
    ) -> tuple[list[Call], str | None]:
        """Return a page of calls, newest first, and the cursor of the next page, if any."""
        return await self._read(
            partial(reading.calls_page, which=which, limit=limit, cursor=cursor)
        )

    async def webhook(self, webhook_id: str) -> tuple[Webhook, tuple[Call, ...]] | None:
        """Return a webhook with its calls by position; None if there is no such webhook."""
        return await self._read(partial(reading.webhook, webhook_id=webhook_id))

    async def webhooks(
        self, which: WebhookFilter, limit: int, cursor: str | None = None
    ) -> tuple[list[Webhook], str | None]:
        """Return a page of webhooks, newest first, without their bodies; and the next cursor."""
        return await self._read(
            partial(reading.webhooks_page, which=which, limit=limit, cursor=cursor)
        )

    async def switches(self) -> Mapping[str, AgentSwitch]:
        """Return by name the switches of all agents that were ever paused, halted or known."""
        return await self._read(reading.switches)

    async def next_due(self, agent: str) -> datetime | None:
        """Return when this agent has something to do; None while it is paused or idle."""
        return await self._read(partial(reading.next_due, agent=agent))

    async def _read(self, query: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._run_query, query)

    def _run_query(self, query: Callable[[Connection], T]) -> T:
        with translated(), self._read_engine.begin() as connection:
            return query(connection)
