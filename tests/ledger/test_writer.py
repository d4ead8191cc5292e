"""The writer: groups that harm nobody, waiters that go away, and a machine that fails."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text

from adapter.errors import LedgerError
from adapter.ledger.writer import Transaction
from adapter.model import State
from tests.harness.ledger import ADA, BEN, CLEO, Desk, lead


def test_one_bad_job_harms_no_other(desk: Desk) -> None:
    """Jobs of one group fail alone."""

    def bad(transaction: Transaction) -> None:
        transaction.count("sales", State.RUNG, 7)
        transaction.connection.execute(text("DELETE FROM dedupe_keys"))
        raise ZeroDivisionError

    async def at_once() -> Sequence[object]:
        ledger = desk.ledger
        return await asyncio.gather(
            ledger.accept(desk.webhook(), [lead(ADA)]),
            ledger._writer.submit(bad),
            ledger.accept(desk.webhook(), [lead(BEN)]),
            ledger.accept(desk.webhook(), [lead(ADA)]),
            return_exceptions=True,
        )

    results = desk.do(at_once())
    assert isinstance(results[1], ZeroDivisionError)
    assert desk.ledger.tally.by_state() == desk.counted()
    assert desk.counted()[State.WAITING] == 2
    assert desk.counted()[State.IGNORED] == 1


def test_many_at_once_are_each_told_their_own(desk: Desk) -> None:
    """A group answers every waiter with its own result, beyond the size of one group."""

    async def at_once() -> None:
        webhooks = [desk.webhook() for _ in range(600)]
        accepted = await asyncio.gather(
            *(desk.ledger.accept(each, [lead(key=each.id)]) for each in webhooks)
        )
        assert [each.webhook.id for each in accepted] == [each.id for each in webhooks]

    desk.do(at_once())
    assert desk.ledger.tally.pending == 600


def test_a_waiter_that_leaves_does_not_undo_its_job(desk: Desk) -> None:
    """A sender that hangs up after its webhook was taken has its webhook stored."""

    async def leave() -> None:
        waiting = asyncio.create_task(desk.ledger.accept(desk.webhook(), [lead()]))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        await desk.ledger.is_writable()

    desk.do(leave())
    assert desk.counted()[State.WAITING] == 1


def test_a_loop_that_is_gone_stops_nobody(desk: Desk) -> None:
    """A job whose loop was closed is committed, and the writer lives on."""
    is_gone = threading.Event()
    loop = asyncio.new_event_loop()
    block = loop.create_task(desk.ledger._writer.submit(lambda _: is_gone.wait(10)))
    job = loop.create_task(desk.ledger.accept(desk.webhook(), [lead(CLEO)]))
    loop.run_until_complete(asyncio.sleep(0))
    for task in (block, job):
        task.cancel()
    loop.run_until_complete(asyncio.gather(block, job, return_exceptions=True))
    loop.close()
    is_gone.set()
    assert desk.do(desk.ledger.is_writable())
    assert desk.counted()[State.WAITING] == 1


def test_a_healthy_ledger_is_writable(desk: Desk) -> None:
    """Readiness is a real commit."""
    assert desk.do(desk.ledger.is_writable())
    assert desk.do(desk.ledger.is_writable())
    assert desk.sql("SELECT count(*) FROM pulse") == [(1,)]


def test_a_closed_ledger_says_so(desk: Desk) -> None:
    """After closing nothing is taken, and closing again does nothing."""
    desk.ledger.close()
    desk.ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        desk.do(desk.ledger.accept(desk.webhook(), [lead()]))
    assert not desk.do(desk.ledger.is_writable())


def test_closing_finishes_what_is_queued(desk: Desk) -> None:
    """What was taken before the end is in the file after it."""

    async def take_and_close() -> None:
        waiting = [
            asyncio.create_task(desk.ledger.accept(desk.webhook(), [lead(key=str(number))]))
            for number in range(20)
        ]
        await asyncio.sleep(0)
        desk.ledger.close()
        await asyncio.gather(*waiting)

    desk.do(take_and_close())
    desk.reopen()
    assert desk.counted()[State.WAITING] == 20


def test_a_machine_that_fails_stores_nothing_and_recovers(desk: Desk) -> None:
    """While the disk is full every write is a LedgerError that says so; afterwards all is well."""
    call = desk.accept_one()

    def limit(pages: int) -> None:
        def job(transaction: Transaction) -> None:
            transaction.connection.execute(text(f"PRAGMA max_page_count = {pages}"))

        desk.do(desk.ledger._writer.submit(job))

    limit(1)
    big = lead(BEN)
    with pytest.raises(LedgerError, match="disk is full"):
        desk.accept(*(lead(BEN, key=str(number)) for number in range(500)))
    assert desk.ledger.tally.by_state() == desk.counted()
    limit(1_000_000)
    assert desk.accept_one(big).state is State.WAITING
    assert desk.call(call.id) == call


def test_another_program_that_locks_the_file_is_named(desk: Desk) -> None:
    """Not ready while locked out, ready again after."""

    def hurry(transaction: Transaction) -> None:
        transaction.connection.execute(text("PRAGMA busy_timeout = 1"))

    desk.do(desk.ledger._writer.submit(hurry))
    other = sqlite3.connect(desk.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="locked by another program"):
        desk.accept_one()
    assert not desk.do(desk.ledger.is_writable())
    other.execute("ROLLBACK")
    other.close()
    assert desk.do(desk.ledger.is_writable())
    assert desk.accept_one().state is State.WAITING


def test_readers_cannot_write(desk: Desk) -> None:
    """There is one writer, whatever a query tries."""
    with pytest.raises(LedgerError, match="read-only"):
        desk.do(
            desk.ledger.reads.run(lambda connection: connection.execute(text("DELETE FROM pulse")))
        )


def test_a_job_alone_runs_in_its_turn_and_outside_of_transactions(desk: Desk) -> None:
    """What was asked before is committed by then; what fails is told to whoever asked."""

    def look(engine: Engine) -> int:
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute("VACUUM")  # which SQLite refuses inside a transaction
            return int(cursor.execute("SELECT count(*) FROM calls").fetchone()[0])

    def broken(engine: Engine) -> None:
        raise ZeroDivisionError

    async def at_once() -> Sequence[object]:
        ledger = desk.ledger
        return await asyncio.gather(
            ledger.accept(desk.webhook(), [lead(ADA)]),
            ledger._writer.submit_alone(look),
            ledger._writer.submit_alone(broken),
            ledger.accept(desk.webhook(), [lead(BEN)]),
            return_exceptions=True,
        )

    _, seen, error, after = desk.do(at_once())
    assert seen == 1
    assert isinstance(error, ZeroDivisionError)
    assert not isinstance(after, BaseException)


def test_a_commit_that_fails_is_told_and_the_next_one_stands(desk: Desk) -> None:
    """Nobody is told of success, nothing is counted, and the writer begins anew."""

    def promise_a_webhook(transaction: Transaction) -> None:
        # A foreign key that is looked at by COMMIT alone.
        transaction.connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        transaction.connection.execute(text("UPDATE calls SET webhook = 'nobody'"))
        transaction.count(None, State.REFUSED, 1)

    call = desk.accept_one()
    with pytest.raises(LedgerError, match="SQLITE_CONSTRAINT"):
        desk.do(desk.ledger._writer.submit(promise_a_webhook))
    assert desk.call(call.id) == call
    assert desk.accept_one(lead(BEN)).state is State.WAITING
    assert desk.ledger.tally.by_state() == desk.counted()
