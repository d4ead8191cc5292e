"""What one request, and all of them together, may cost: others are answered meanwhile."""

import asyncio
import gzip
import json
import time
from pathlib import Path

import pytest

from adapter.errors import IntakeError
from adapter.intake.arrival import BodyBudget
from adapter.intake.pipeline import MAX_CHALLENGE_BYTES
from adapter.intake.strangers import FAILURES_A_MINUTE, Strangers
from tests.harness.in_process import CRM, TOKEN, Running, run

ADA = {"phone": "+12025550123", "name": "Ada"}
MANY = CRM + "each: $.leads[*]\n"


def _leads(count: int) -> dict[str, list[dict[str, str]]]:
    return {"leads": [{"phone": "+12025550123", "name": str(number)} for number in range(count)]}


def test_more_items_than_allowed_are_stored_and_make_no_call(tmp_path: Path) -> None:
    """One refused call with the reason; after a change of `max_items` a replay gives the rest."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", _leads(4))
        assert answer.status_code == 422
        (call,) = answer.json()["calls"]
        assert (call["state"], call["reason"]) == ("refused", "too_many_items")
        assert (await adapter.post("crm", _leads(3))).status_code == 202

    run(tmp_path, play, mappings={"crm": MANY}, settings="max_items: 3\n", has_engine=False)


@pytest.mark.parametrize(
    "body",
    [
        b'{"leads":[' + b"{}," * 340_000 + b"{}]}",
        b'{"leads":' + b"[" * 400 + b"]" * 400 + b"}",
        json.dumps(_leads(999)).encode(),
        json.dumps({"leads": [{"phone": "+12025550123", "name": "x" * 1_000_000}]}).encode(),
    ],
    ids=["empty-items", "deep", "999-leads", "long-name"],
)
def test_no_body_keeps_the_others_waiting(tmp_path: Path, body: bytes) -> None:
    """One kilobyte of gzip or a megabyte: the loop goes on, by its own thread's processor time."""

    async def play(adapter: Running) -> None:
        slowest_s = 0.0
        over = asyncio.Event()

        async def watch() -> None:
            nonlocal slowest_s
            while not over.is_set():
                began_s = time.thread_time()
                await asyncio.sleep(0)
                slowest_s = max(slowest_s, time.thread_time() - began_s)
                await asyncio.sleep(0.001)

        watching = asyncio.create_task(watch())
        headers = {"content-encoding": "gzip", "content-type": "application/json"}
        answer = await adapter.post("crm", content=gzip.compress(body), headers=headers)
        over.set()
        await watching
        assert answer.status_code in (202, 400, 422)
        assert slowest_s < 0.1  # the client of this test works on the same loop

    run(tmp_path, play, mappings={"crm": MANY}, settings="max_body: 2MiB\n", has_engine=False)


def test_a_proof_in_the_head_is_asked_for_before_the_body(tmp_path: Path) -> None:
    """A stranger's body is not read, whatever its length says; a challenge is, up to 16 KiB."""
    greeting = CRM + "handshake: {echo: $.challenge}\n"

    async def play(adapter: Running) -> None:
        async def endless() -> object:
            yield b"{"
            await asyncio.Event().wait()

        for source, status in (("crm", 401), ("other", 401)):
            answer = await adapter.post(
                source,
                token="wrong" * 5,
                content=b"x" * (MAX_CHALLENGE_BYTES + 1),
                headers={"content-type": "application/json"},
            )
            assert answer.status_code == status
        answer = await asyncio.wait_for(
            adapter.post("crm", token="wrong" * 5, content=endless()), timeout=5
        )
        assert answer.status_code == 401
        answer = await adapter.post("other", {"challenge": "c"}, token=None)
        assert (answer.status_code, answer.text) == (200, "c")

    run(tmp_path, play, mappings={"crm": CRM, "other": greeting}, has_engine=False)


def test_bodies_share_a_budget() -> None:
    """The one that has been read longest gives way, and says why; its bytes are free again."""

    async def play() -> None:
        budget = BodyBudget(max_bytes=100)
        cut = asyncio.Event()

        async def slow() -> None:
            async with budget.reading(5) as ticket:
                ticket.add(80)
                await asyncio.Event().wait()

        reading = asyncio.create_task(slow())
        reading.add_done_callback(lambda _: cut.set())
        await asyncio.sleep(0)
        async with budget.reading(5) as ticket:
            ticket.add(60)
            await asyncio.wait_for(cut.wait(), 5)
            ticket.add(40)
        with pytest.raises(IntakeError, match="send it again") as caught:
            await reading
        assert caught.value.status == 503
        async with budget.reading(5) as ticket:
            ticket.add(100)

    asyncio.run(play())


def test_who_fails_often_waits(tmp_path: Path) -> None:
    """By address, IPv6 by /64; the right proof never waits, and the failures are counted."""

    async def play(adapter: Running) -> None:
        strangers = Strangers()
        held = [await strangers.hold("203.0.113.7") for _ in range(FAILURES_A_MINUTE + 2)]
        assert held == [False] * FAILURES_A_MINUTE + [True, True]
        assert not await strangers.hold("203.0.113.8")
        for number in range(FAILURES_A_MINUTE):
            assert not await strangers.hold(f"2001:db8::{number:x}")
        assert await strangers.hold("2001:db8::ffff")
        assert (await adapter.post("crm", ADA, token="wrong" * 5)).status_code == 401
        assert (await adapter.post("crm", ADA, token=TOKEN)).status_code == 202
        metrics = (await adapter.admin.get("/metrics")).text
        assert 'adapter_failed_proofs_total{source="crm"} 1.0' in metrics

    run(tmp_path, play, has_engine=False)


def test_the_table_of_strangers_is_bounded_and_forgets() -> None:
    """After a minute a count begins anew; the oldest addresses are forgotten first."""
    clock = [0.0]
    strangers = Strangers(now_s=lambda: clock[0])

    async def play() -> None:
        for _ in range(FAILURES_A_MINUTE):
            await strangers.hold("203.0.113.7")
        clock[0] = 61.0
        assert not await strangers.hold("203.0.113.7")
        for number in range(10_050):
            await strangers.hold(f"host-{number}")
        assert len(strangers._failures) == 10_000

    asyncio.run(play())


def test_a_blank_key_is_none_and_blanks_around_one_do_not_count(tmp_path: Path) -> None:
    """Else every lead of a source that sends an empty Idempotency-Key would be one lead."""

    async def play(adapter: Running) -> None:
        for name, key, status in (
            ("Ada", " ", 202),
            ("Ben", "", 202),
            ("Cy", "k1", 202),
            ("Di", " k1 ", 200),
        ):
            lead = {**ADA, "name": name}
            answer = await adapter.post("crm", lead, headers={"idempotency-key": key})
            assert answer.status_code == status, name

    run(tmp_path, play, has_engine=False)


def test_a_challenge_for_credentials_names_basic_first(tmp_path: Path) -> None:
    """On a line of its own, with its charset (RFC 7617): some clients read the first alone."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", ADA, token=None)
        assert answer.headers.get_list("www-authenticate") == [
            'Basic realm="adapter", charset="UTF-8"',
            'Bearer realm="adapter"',
        ]

    run(tmp_path, play, has_engine=False)
