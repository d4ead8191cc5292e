"""The one writer: a thread that commits all that is queued as one group.

With it the transaction that its jobs work with, and the counts of calls, kept in memory and changed
only after a commit.

Promise: a waiter is told of success only after COMMIT, with its fsync, has returned. One fsync
serves the group; a job that raises harms no other, because the group is rolled back and each job
is run again in a transaction of its own. So jobs must be pure but for their transaction.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from adapter.errors import LedgerError
from adapter.ledger.records import AgentRecord, SourceSwitch
from adapter.ledger.sqlite.dialect import translated, writing
from adapter.model import PENDING, State

Counts = Mapping[tuple[str | None, State], int]


class Tally:
    """Counts of calls; written by the writer's thread, read by any."""

    def __init__(self, counts: Counts) -> None:
        self._counts: Counter[tuple[str | None, State]] = Counter()
        self._lock = threading.Lock()
        self.pending = 0
        self.apply(counts)

    def apply(self, changes: Counts) -> None:
        """Add the changes of a transaction that has been committed."""
        with self._lock:
            for key, change in changes.items():
                self._counts[key] += change
                if key[1] in PENDING:
                    self.pending += change

    def by_state(self) -> dict[State, int]:
        """Return the count of each state, zeros included."""
        counts = dict.fromkeys(State, 0)
        with self._lock:
            for (_, state), count in self._counts.items():
                counts[state] += count
        return counts

    def by_agent(self) -> dict[str, dict[State, int]]:
        """Return by agent the count of each state; calls without an agent are not here."""
        counts: dict[str, dict[State, int]] = {}
        with self._lock:
            for (agent, state), count in self._counts.items():
                if agent is not None:
                    counts.setdefault(agent, dict.fromkeys(State, 0))[state] += count
        return counts


@dataclass(slots=True)
class Transaction:
    """The workplace of a job of the writer; thrown away whole when it is rolled back.

    `agents` and `sources` are those read so far: a group of jobs reads each once.
    """

    connection: Connection
    changes: Counter[tuple[str | None, State]] = field(default_factory=Counter)
    agents: dict[str, AgentRecord] = field(default_factory=dict)
    sources: dict[str, SourceSwitch] = field(default_factory=dict)

    def count(self, agent: str | None, state: State, change: int) -> None:
        """Note that so many calls entered (or, below zero, left) a state."""
        if change:
            self.changes[agent, state] += change


T = TypeVar("T")
GROUP_LIMIT = 256
_WATCH_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """A function of a transaction, and who waits for its result.

    One that is alone gets the engine instead: for what SQLite does outside of transactions.
    """

    run: Callable[[Any], Any]
    waiter: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a job: a result, or the error that it or the commit raised."""

    job: Job
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Resolve the waiter, in its loop; one that was cancelled is not told."""
        if self.job.waiter.done():
            return
        if self.error is not None:
            self.job.waiter.set_exception(self.error)
        else:
            self.job.waiter.set_result(self.result)


class Writer:
    """Runs jobs in order of arrival, in groups; its thread lives until `close`."""

    def __init__(self, engine: Engine, tally: Tally, *, group_limit: int = GROUP_LIMIT) -> None:
        self._engine = engine
        self._tally = tally
        self._group_limit = group_limit
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._connection: Connection | None = None  # held from one group to the next
        self._is_closed = False
        self._gate = threading.Lock()  # no job may be queued behind the end mark
        self._thread = threading.Thread(target=self._serve, name="ledger-writer", daemon=True)
        self._thread.start()

    async def submit(self, run: Callable[[Transaction], T]) -> T:
        """Run a job and return its result once it is committed; LedgerError when closed.

        A waiter that is cancelled does not undo its job.
        """
        return await self._queued(run, is_alone=False)

    async def submit_alone(self, run: Callable[[Engine], T]) -> T:
        """Run a job outside of any transaction, while nothing else is written."""
        return await self._queued(run, is_alone=True)

    async def _queued(self, run: Callable[[Any], T], *, is_alone: bool) -> T:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        with self._gate:
            if self._is_closed:
                raise LedgerError("the ledger is closed: the process is ending")
            self._queue.put(Job(run, waiter, loop, is_alone))
        return await waiter

    def close(self) -> None:
        """Run what is queued, then end the thread. Idempotent."""
        with self._gate:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        self._thread.join()

    async def watch(self) -> None:
        """Raise LedgerError once the thread has ended: nothing can be stored any more."""
        while self._thread.is_alive():  # noqa: ASYNC110 - a thread that dies sets no event
            await asyncio.sleep(_WATCH_EVERY_S)
        raise LedgerError("the ledger's writer has ended")

    def _serve(self) -> None:
        group: list[Job] = []
        is_open = True
        try:
            while is_open:
                group, is_open = self._next_group()
                if group:
                    _tell(self._commit(group))
        finally:
            self._let_go()
            if is_open:  # a bug: whoever waits is told, and nobody waits from now on
                self._abandon(group)

    def _abandon(self, group: list[Job]) -> None:
        with self._gate:
            self._is_closed = True
        while not self._queue.empty():
            if (job := self._queue.get()) is not None:
                group.append(job)
        error = LedgerError("the ledger's writer has ended")
        _tell([Ending(job, error=error) for job in group if isinstance(job, Job)])

    def _next_group(self) -> tuple[list[Job], bool]:
        group: list[Job] = []
        try:
            job = self._queue.get()
            while job is not None:
                group.append(job)
                if len(group) == self._group_limit:
                    return group, True
                job = self._queue.get_nowait()
        except Empty:
            return group, True
        return group, False

    def _commit(self, group: Sequence[Job]) -> list[Ending]:
        if len(group) > 1 and any(job.is_alone for job in group):
            return [ending for job in group for ending in self._commit([job])]
        # The boundary of a thread: an error of a job belongs to its waiter, not to the writer.
        try:
            return self._run_alone(group[0]) if group[0].is_alone else self._run(group)
        except BaseException as error:  # noqa: BLE001,RUF100
            if len(group) == 1:
                return [Ending(group[0], error=error)]
        return [ending for job in group for ending in self._commit([job])]

    def _run_alone(self, job: Job) -> list[Ending]:
        self._let_go()  # the engine has but this one
        with translated():
            return [Ending(job, job.run(self._engine))]

    def _run(self, group: Sequence[Job]) -> list[Ending]:
        try:
            with translated():
                if self._connection is None:
                    self._connection = self._engine.connect()
                with writing(self._connection):
                    transaction = Transaction(self._connection)
                    endings = [Ending(job, job.run(transaction)) for job in group]
        except BaseException:
            self._let_go()
            raise
        self._tally.apply(transaction.changes)
        return endings

    def _let_go(self) -> None:
        """Give the connection back, which rolls back what it has begun and not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _tell(endings: Sequence[Ending]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Ending]] = {}
    for ending in endings:
        by_loop.setdefault(ending.job.loop, []).append(ending)
    for loop, told in by_loop.items():
        try:
            # One wake-up a group: each costs a system call.
            loop.call_soon_threadsafe(_tell_all, told)
        except RuntimeError:  # the loop was closed: nobody waits any more, the jobs stand
            continue


def _tell_all(endings: Sequence[Ending]) -> None:
    for ending in endings:
        ending.tell()
