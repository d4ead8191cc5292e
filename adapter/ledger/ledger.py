"""The durable store: every webhook, call and attempt, and every move between states.

Promise: once a write has returned, it is committed and fsynced; nothing else was changed by it.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Self, TypeVar

from sqlalchemy import Engine

from adapter.agent import Pace
from adapter.clock import Ids
from adapter.errors import LedgerError
from adapter.ledger.admin_writes import AdminWrites
from adapter.ledger.calls import (
    accepting,
    captures,
    claiming,
    lookup_answers,
    lookup_claims,
    recovery,
    settling,
)
from adapter.ledger.dedupe import Repeats
from adapter.ledger.erasure import retention
from adapter.ledger.reads import READERS, Reads
from adapter.ledger.records import Accepted, Claims, Halt, LookupClaim, LookupClaims, Taking
from adapter.ledger.sqlite.dialect import (
    database_file,
    read_engine,
    translated,
    truncate_log,
    watch_file,
    write_engine,
)
from adapter.ledger.sqlite.lock import FileLock
from adapter.ledger.sqlite.migrate import ensure_schema
from adapter.ledger.writer import Tally, Transaction, Writer
from adapter.model import Call, Claim, Facts, MappedCall, Move, Outcome, Webhook

T = TypeVar("T")
NO_TIME = timedelta(0)
NO_PACE = Pace()


class Ledger:
    """The store on one SQLite file; one process, one writer, many readers.

    The way of a lead is here; `reads` answers questions, `admin` writes what people ask for.
    Every method raises LedgerError when the machine fails; writes then changed nothing.
    `recovered` is how many calls were `sending` when the last process ended.
    """

    def __init__(  # noqa: PLR0913 - what `open` has made ready
        self,
        *,
        now: Callable[[], datetime],
        engines: tuple[Engine, Engine],
        tally: Tally,
        recovered: int,
        closing: ExitStack,
        check_file: Callable[[], None] = lambda: None,
    ) -> None:
        self._now = now
        self._check_file = check_file
        self._ids = Ids(now)
        writes, reads = engines
        self._writer = Writer(writes, tally)
        self.reads = Reads(reads)
        self.admin = AdminWrites(self._writer, self.reads, self.new_id)
        self._closing = closing  # in the reverse order of these
        closing.callback(truncate_log, writes)
        closing.callback(self.reads.close)
        closing.callback(self._writer.close)
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
            check_file = watch_file(file)
            for engine in engines:
                undo.callback(engine.dispose)
            ensure_schema(engines[0], is_upgrade_allowed=is_exclusive)
            tally, recovered = recovery.recover(engines[0], now() if is_exclusive else None)
            closing = undo.pop_all()
        return cls(
            now=now,
            engines=engines,
            tally=tally,
            recovered=recovered,
            closing=closing,
            check_file=check_file,
        )

    def close(self) -> None:
        """Finish the queued writes, fold the log into the file, release the lock. Idempotent."""
        self._closing.close()

    def new_id(self) -> str:
        """Return a ULID: sorts by time, and after every earlier one of this process."""
        return self._ids.new()

    async def _begin(self, run: Callable[[Transaction], T]) -> T:
        """Run a job that begins something new: not on a file that the path no longer leads to.

        What is under way may still end there.
        """

        def checked(transaction: Transaction) -> T:
            self._check_file()
            return run(transaction)

        return await self._writer.submit(checked)

    async def accept(  # noqa: PLR0913 - each is one column of what is stored
        self,
        webhook: Webhook,
        calls: Sequence[MappedCall],
        *,
        proof: str | None = None,
        idempotency: str | None = None,
        proof_window: timedelta = NO_TIME,
        idempotency_window: timedelta = NO_TIME,
        burst: int | None = None,
        found_by: Sequence[str] = (),
    ) -> Accepted:
        """Store a webhook, its calls and their dedupe keys in one commit.

        A waiting call whose key another call holds is stored `ignored`/`duplicate`, one whose
        phone is blocked `ignored`/`blocked`. More than `burst` webhooks of the source in a minute
        hold its calls. The stored webhook's state follows from its calls; its `reason` counts only
        when there are none. `found_by` are the numbers of a webhook without calls.
        """
        repeats = Repeats(
            proof=proof,
            idempotency=idempotency,
            proof_window=proof_window,
            idempotency_window=idempotency_window,
        )
        drafts = accepting.draft(calls, repeats, self.new_id)
        return await self._begin(
            partial(
                accepting.accept,
                webhook=webhook,
                drafts=drafts,
                now=self._now(),
                burst=burst,
                found_by=found_by,
            )
        )

    async def claim(  # noqa: PLR0913 - what a ringer has to say of itself
        self,
        agent: str,
        *,
        limit: int,
        now: datetime,
        cooldown: timedelta,
        decide: Callable[[Call, Facts], Move],
        pace: Pace = NO_PACE,
    ) -> Claims:
        """Take up to `limit` due calls of an agent to `sending`, as `decide` and `pace` allow.

        `decide` gets a call and the facts that its gates ask for, of which cooldown is one; it runs
        in the writer's thread, maybe twice, so it must be pure. Its other moves are applied too.
        """
        request = claiming.ClaimRequest(
            agent=agent, limit=limit, now=now, cooldown=cooldown, decide=decide, pace=pace
        )
        return await self._begin(partial(claiming.claim, request=request))

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
        record = settling.AttemptRecord(
            ended_at=ended_at, outcome=outcome, http_status=http_status, code=code
        )
        return await self._writer.submit(
            partial(settling.settle, claim=claim, record=record, move=move, halt=halt)
        )

    async def take(
        self, webhook: Webhook, digest: str, now: datetime, *, found_by: Sequence[str] = ()
    ) -> Taking:
        """Store a captured webhook, which makes no call, in one commit with its count."""
        return await self._begin(
            partial(captures.take, webhook=webhook, digest=digest, now=now, found_by=found_by)
        )

    async def claim_lookups(self, request: lookup_claims.LookupRequest) -> LookupClaims:
        """Lease up to `limit` due calls of a source that need a look-up.

        `request.decide` runs in the writer's thread, maybe twice, so it must be pure.
        """
        return await self._begin(partial(lookup_claims.claim_lookups, request=request))

    async def answer_lookup(
        self, claim: LookupClaim, mapped: MappedCall, *, now: datetime, is_well: bool = True
    ) -> Call | None:
        """Make a call whole, as mapped with the answer; its keys and gates come as at intake.

        `is_well` ends a denial: the vendor was asked, and answered. None, and nothing is changed,
        where the claim no longer holds.
        """
        return await self._writer.submit(
            partial(
                lookup_answers.answer_lookup, claim=claim, mapped=mapped, is_well=is_well, now=now
            )
        )

    async def miss_lookup(
        self,
        claim: LookupClaim,
        move: Move,
        *,
        now: datetime,
        denied_by: str = "",
        is_well: bool = False,
    ) -> Call | None:
        """Move a call whose record was not had; a denial holds all of its source that need one.

        `is_well` ends a denial. None, and nothing is changed, where the claim no longer holds.
        """
        return await self._writer.submit(
            partial(
                lookup_answers.miss_lookup,
                claim=claim,
                move=move,
                denied_by=denied_by,
                is_well=is_well,
                now=now,
            )
        )

    async def clean(self, before: datetime, limit: int = 200) -> int:
        """Delete up to `limit` webhooks received before, all of whose calls have ended.

        Their calls and attempts go too, and expired dedupe keys. Returns how many webhooks went.
        """
        return await self._writer.submit(
            partial(retention.clean, before=before, limit=limit, now=self._now())
        )

    async def watch(self) -> None:
        """Raise LedgerError once nothing can be stored any more, until this process ends."""
        await self._writer.watch()

    async def is_writable(self) -> bool:
        """Commit a tiny write, for readiness; False when the machine refuses it."""
        try:
            await self._begin(partial(recovery.beat, now=self._now()))
        except LedgerError:
            return False
        return True
