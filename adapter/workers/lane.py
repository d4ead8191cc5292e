"""A lane: takes due work while it has slots free, and sleeps until something is due or it is woken.

It never polls. The ledger decides what may be taken; the lane only asks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adapter.errors import LedgerError
from adapter.model import Call
from adapter.telemetry import log_event

LONGEST_SLEEP_S = 60.0  # a wall clock that was set back must not put a lane to sleep for long
_ASK_AGAIN_S = 1.0
_RECORD_S = 3.0  # for what is cut to be written down

Job = Callable[[], Awaitable[Call | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """Jobs to carry out, each with a name; the calls that were moved instead; what is due next."""

    jobs: Sequence[tuple[str, Job]]
    moved: Sequence[Call]
    next_due: datetime | None


class Work(Protocol):
    """The work of a lane: one agent's attempts, or one source's look-ups."""

    @property
    def slots(self) -> int:
        """How many jobs may be under way at once."""
        ...

    def now(self) -> datetime:
        """Return the time."""
        ...

    async def take(self, limit: int) -> Taken:
        """Take up to `limit` due jobs; raises LedgerError and OSError, and then took none."""
        ...

    def report_bug(self, bug: BaseException) -> None:
        """Log that a job ended without a record."""
        ...


class Lane:
    """The jobs of one kind of work, at most `slots` at a time.

    Whenever one has changed a call, `announce` is told its id.
    """

    def __init__(self, work: Work, announce: Callable[[str], None]) -> None:
        self._work = work
        self._announce = announce
        self._woken = asyncio.Event()
        self._between_takes = asyncio.Event()
        self._between_takes.set()
        self._jobs: set[asyncio.Task[Call | None]] = set()
        self._is_draining = False

    @property
    def in_flight(self) -> int:
        """How many jobs are under way."""
        return len(self._jobs)

    def wake(self) -> None:
        """Say that something may be due now."""
        self._woken.set()

    def replace(self, work: Work) -> frozenset[asyncio.Task[Call | None]]:
        """Go on with another configuration; return the jobs that end under the old one.

        They still count against the slots: the phones ring whatever the file says.
        """
        self._work = work
        self.wake()
        return frozenset(self._jobs)

    async def run(self) -> None:
        """Take and carry out until drained; a bug here ends the program, by its supervisor."""
        while not self._is_draining:
            self._woken.clear()
            self._between_takes.clear()
            try:
                sleep_s = await self._take_due()
            finally:
                self._between_takes.set()
            await self._sleep(sleep_s)

    async def drain(self, timeout_s: float) -> int:
        """Take no more, wait for the jobs under way, cut what remains; return how many."""
        self._is_draining = True
        self.wake()
        await self._between_takes.wait()  # what is being claimed is as good as sent
        if not self._jobs:
            return 0
        _, late = await asyncio.wait(self._jobs, timeout=timeout_s)
        await _cut(late)
        return len(late)

    async def _take_due(self) -> float:
        """Start what is due and fits; return how long there is nothing else to do."""
        slots = self._work.slots - self.in_flight
        if slots <= 0:
            return LONGEST_SLEEP_S  # a job that ends will wake us
        try:
            taken = await self._work.take(slots)
        except LedgerError as error:
            log_event("ledger_unavailable", level=logging.ERROR, error=str(error))
            return _ASK_AGAIN_S
        except OSError as error:  # a time zone's file could not be opened: descriptors ran out
            log_event("machine_unavailable", level=logging.ERROR, error=str(error.strerror))
            return _ASK_AGAIN_S
        for call in taken.moved:
            self._announce(call.id)
        for name, job in taken.jobs:
            self._start(name, job)
        return self._until(taken.next_due)

    def _until(self, due_at: datetime | None) -> float:
        if due_at is None:
            return LONGEST_SLEEP_S
        return max(0.0, (due_at - self._work.now()).total_seconds())

    def _start(self, name: str, job: Job) -> None:
        task = asyncio.ensure_future(_carried_out(job))
        task.set_name(name)
        self._jobs.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Call | None]) -> None:
        self._jobs.discard(task)
        self.wake()
        if task.cancelled():
            return
        if (bug := task.exception()) is not None:
            self._work.report_bug(bug)
        elif (call := task.result()) is not None:
            self._announce(call.id)

    async def _sleep(self, sleep_s: float) -> None:
        try:
            async with asyncio.timeout(min(sleep_s, LONGEST_SLEEP_S)):
                await self._woken.wait()
        except TimeoutError:
            pass


async def _carried_out(job: Job) -> Call | None:
    return await job()


async def _cut(jobs: set[asyncio.Task[Call | None]]) -> None:
    """Cancel jobs; the second time also where one waits for a ledger out of order.

    The first time an attempt records `uncertain`. What it cannot record, the sweep at the next
    start does.
    """
    for _ in range(2):
        for job in jobs:
            job.cancel()
        if jobs:
            _, jobs = await asyncio.wait(jobs, timeout=_RECORD_S)
