"""A full disk, a read-only one: 503 rather than loss, nobody rung twice, recovery by itself."""

import asyncio
import resource
import sqlite3
from contextlib import nullcontext
from pathlib import Path

import pytest

from adapter.mock_agent.script import Script, Scripted
from adapter.service import health
from tests.faults.machine import Site, play, site
from tests.harness.in_process import PATIENCE_S, Running, run
from tests.harness.machine_limits import full_disk, limited
from tests.harness.phones import phones

FULL = resource.RLIMIT_FSIZE
SLOW = Script(default=(Scripted(delay_s=0.5),) * 5)
ADA, BEN = "+12025550123", "+12025550145"


def test_a_full_disk_under_a_burst_loses_nothing(tmp_path: Path) -> None:
    """The disk fills while leads pour in: 503 for some, and every lead of them rung once."""
    leads = [phone for phone, _ in zip(phones(), range(120), strict=False)]

    async def scenario() -> None:
        async with site(tmp_path) as here:
            wal = tmp_path / "adapter.db-wal"
            told: list[int] = []

            async def send(phone: str) -> None:
                told.append((await here.post(phone)).status_code)
                await here.post_until_taken(phone)

            room = wal.stat().st_size + 40_000  # some commits fit, the later ones do not
            with limited(here.process.pid, FULL, room):
                sending = [asyncio.create_task(send(phone)) for phone in leads]
                async with asyncio.timeout(PATIENCE_S):
                    while 503 not in told:  # noqa: ASYNC110 - the tasks count
                        await asyncio.sleep(0.01)
                assert set(told) <= {202, 503}
            await asyncio.gather(*sending)
            await here.until_ended()
            calls = await here.calls()
            first = [call for call in calls if call["state"] != "ignored"]
            assert {call["phone"] for call in first} == set(leads)
            assert {call["state"] for call in first} == {"rung"}
            rung = [ring.phone for ring in here.mock.rings]
            assert sorted(rung) == sorted(leads)

    play(scenario)


async def _has_failed_to_record(here: Site) -> bool:
    # Intake logs the same event, as information: its sender is told and tries again.
    lines = [line for line in here.process.lines if line["event"] == "ledger_unavailable"]
    return any(line["level"] == "error" for line in lines)


def test_what_an_attempt_showed_is_written_once_there_is_room(tmp_path: Path) -> None:
    """The disk fills while a phone rings: the truth is kept, written later, and nobody rings twice.

    Meanwhile /readyz says that the ledger takes no writes, and the log says why.
    """

    async def scenario() -> None:
        async with site(tmp_path, script=SLOW) as here:
            assert (await here.post(ADA)).status_code == 202
            await here.mock.wait_for_rings(1)
            with limited(here.process.pid, FULL, 1):
                assert (await here.post(BEN)).status_code == 503
                await here.until(lambda: _has_failed_to_record(here))
                (call,) = await here.calls()
                assert (call["phone"], call["state"]) == (ADA, "sending")
            await here.until_ended()
            await here.post_until_taken(BEN)
            await here.until_ended()
            assert {call["state"] for call in await here.calls()} == {"rung"}
            assert [ring.phone for ring in here.mock.rings] == [ADA, BEN]
            ended = [line for line in here.process.lines if line["event"] == "attempt_ended"]
            assert len(ended) == 2

    play(scenario)


def test_a_full_disk_shows_in_readyz_and_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load balancer sees 503 while nothing can be stored, 200 when there is room again."""
    monkeypatch.setattr(health, "LOOK_EVERY_S", 0.02)

    async def scenario(adapter: Running) -> None:
        async def until(status: int) -> str:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    answer = await adapter.public.get("/readyz")
                    if answer.status_code == status:
                        return answer.text
                    await asyncio.sleep(0.02)

        await until(200)
        with full_disk():
            assert "does not take writes" in await until(503)
        await until(200)
        (sent,) = (await adapter.post("crm", {"phone": ADA})).json()["calls"]
        await adapter.settled(sent["id"], "rung")

    run(tmp_path, scenario, is_listening=True)


def test_a_read_only_disk_takes_nothing_and_rings_nobody(tmp_path: Path) -> None:
    """What SQLite may no longer write, whoever runs us, is answered 503 until it may again.

    The writer's own connection is made read-only: a mode of the file would not stop root.
    """

    async def scenario(adapter: Running) -> None:
        writer = adapter.adapter.ledger._writer

        def set_read_only(value: str) -> None:
            held = writer._connection  # between commits it waits here; after a fault in the pool
            with nullcontext(held) if held is not None else writer._engine.connect() as connection:
                cursor = connection.connection.cursor()
                cursor.execute(f"PRAGMA query_only={value}")
                cursor.close()

        await asyncio.to_thread(set_read_only, "ON")
        answer = await adapter.post("crm", {"phone": ADA})
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert not await adapter.adapter.ledger.is_writable()
        assert (await adapter.order("/api/agents/sales/pause")).status_code == 503
        await asyncio.to_thread(set_read_only, "OFF")
        (sent,) = (await adapter.post("crm", {"phone": ADA})).json()["calls"]
        await adapter.settled(sent["id"], "rung")
        assert len(adapter.mock.rings) == 1

    run(tmp_path, scenario)


def test_another_program_that_locks_the_ledger(tmp_path: Path) -> None:
    """A backup that holds the file too long: 503 after five seconds, and all goes on after it."""

    async def scenario() -> None:
        async with site(tmp_path) as here:
            other = sqlite3.connect(tmp_path / "adapter.db", isolation_level=None)
            try:
                other.execute("BEGIN IMMEDIATE")
                assert (await here.post(ADA)).status_code == 503
                other.execute("ROLLBACK")
            finally:
                other.close()
            await here.post_until_taken(ADA)
            await here.until_ended()
            assert [ring.phone for ring in here.mock.rings] == [ADA]

    play(scenario)
