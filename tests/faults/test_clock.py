"""A wall clock that jumps, a process that sleeps: nobody rung at a bad hour, no lead expired."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.mock_agent.script import Script, Scripted
from tests.faults.machine import play, site
from tests.harness.in_process import (
    AGENTS,
    API_KEY,
    API_SECRET,
    CRM,
    PATIENCE_S,
    HandClock,
    Running,
    run,
)

WORK = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday: noon in Washington
NIGHT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 04:00 there
LEAD = {"phone": "+12025550123", "name": "Ada"}
BEN = {"phone": "+12025550145", "name": "Ben"}
TWO_AGENTS = f"""{AGENTS}    calling_hours: {{mon-fri: "09:00-20:00"}}
  night:
    endpoint: ${{AGENT_URL}}
    api_key: {API_KEY}
    secret: {API_SECRET}
"""
MAPPINGS = {"crm": CRM, "late": CRM.replace("agent: sales", "agent: night")}


class HandSteady:
    """The clock that nobody sets: it goes on when time passes, and not when the wall jumps."""

    def __init__(self, wall: HandClock) -> None:
        self.wall, self.seconds = wall, 1000.0

    def __call__(self) -> float:
        """Return its seconds."""
        return self.seconds

    def pass_by(self, span: timedelta) -> None:
        """Let time pass, on both clocks."""
        self.wall.advance(span)
        self.seconds += span.total_seconds()


def _setup(clock: HandClock, expires_after: str = "2h") -> tuple[HandSteady, dict[str, Any]]:
    steady = HandSteady(clock)
    return steady, {
        "now": clock,
        "wall": clock,
        "steady": steady,
        "agents": TWO_AGENTS,
        "mappings": MAPPINGS,
        "settings": f"expires_after: {expires_after}",
    }


async def _readiness(adapter: Running) -> tuple[int, str]:
    adapter.adapter._health.phase = ""  # no listeners here that would end it
    answer = await adapter.public.get("/readyz")
    return answer.status_code, answer.text


async def _tried(adapter: Running, call_id: str) -> None:
    """Return once a first attempt has shown that nobody was rung."""
    async with asyncio.timeout(PATIENCE_S):
        while (await adapter.call(call_id))["reason"] != "retry":  # noqa: ASYNC110 - asks over HTTP
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_jump_rings_nobody_by_the_hour_until_it_is_back(tmp_path: Path, jump: timedelta) -> None:
    """In doubt /readyz says so, agents with hours wait, others ring; back again, all ring.

    What came meanwhile has the wrong time: it rings when the true clock has passed that.
    """
    clock = HandClock(WORK)
    steady, setup = _setup(clock, expires_after="24h")

    async def play(adapter: Running) -> None:
        clock.advance(jump)
        status, why = await _readiness(adapter)
        assert (status, "the wall clock jumped" in why) == (503, True)
        (sent,) = (await adapter.post("crm", LEAD)).json()["calls"]
        (other,) = (await adapter.post("late", BEN)).json()["calls"]
        await adapter.settled(other["id"], "rung")
        assert (await adapter.call(sent["id"]))["state"] == "waiting"
        clock.advance(-jump)
        assert (await _readiness(adapter))[0] == 200
        adapter.wake()
        assert (await adapter.call(sent["id"]))["state"] == "waiting" or jump < timedelta()
        steady.pass_by(max(jump, timedelta()) + timedelta(seconds=61))
        adapter.wake()
        await adapter.settled(sent["id"], "rung")
        assert [ring.phone for ring in adapter.mock.rings] == [BEN["phone"], LEAD["phone"]]

    run(tmp_path, play, **setup)


def test_a_jump_ahead_expires_nobody(tmp_path: Path) -> None:
    """A lead that only looks old is rung, not ignored, while the clock is in doubt."""
    clock = HandClock(WORK)
    _, setup = _setup(clock)

    async def play(adapter: Running) -> None:
        await adapter.order("/api/agents/night/pause")
        (sent,) = (await adapter.post("late", LEAD)).json()["calls"]
        clock.advance(timedelta(hours=5))
        (older,) = (await adapter.post("late", BEN)).json()["calls"]
        await adapter.order("/api/agents/night/resume")
        for each in (sent, older):
            assert (await adapter.settled(each["id"]))["state"] == "rung"

    run(tmp_path, play, **setup)


def test_what_waits_is_not_judged_by_a_clock_that_jumped(tmp_path: Path) -> None:
    """A retry that only looks old is rung, and an opening that only seems to have come is none."""
    clock = HandClock(NIGHT)
    _, setup = _setup(clock)

    async def play(adapter: Running) -> None:
        (sent,) = (await adapter.post("crm", LEAD)).json()["calls"]
        assert sent["reason"] == "outside_hours"
        (tried,) = (await adapter.post("late", BEN)).json()["calls"]
        await _tried(adapter, tried["id"])
        clock.advance(WORK - NIGHT)
        adapter.wake()
        assert (await adapter.settled(tried["id"]))["state"] == "rung"
        # The ledger writes in order: what the lanes claimed is written before this is.
        await adapter.order("/api/blocked", {"phone": "+12025550199"})
        assert (await adapter.call(sent["id"]))["state"] == "waiting"
        assert [ring.phone for ring in adapter.mock.rings] == [BEN["phone"]]

    answers = (Scripted(status=503, label="503"), Scripted())
    setup["script"] = Script(phones={BEN["phone"]: answers})
    run(tmp_path, play, **setup)


def test_what_is_too_old_expires_once_the_clock_is_trusted(tmp_path: Path) -> None:
    """The pause of expiry is one of doubt alone: the same age in real hours ends the lead."""
    clock = HandClock(WORK)
    steady, setup = _setup(clock)

    async def play(adapter: Running) -> None:
        (sent,) = (await adapter.post("late", LEAD)).json()["calls"]
        await _tried(adapter, sent["id"])
        steady.pass_by(timedelta(hours=3))
        adapter.wake()
        assert (await adapter.settled(sent["id"]))["reason"] == "expired"

    setup["script"] = Script(phones={LEAD["phone"]: (Scripted(status=503, label="503"),)})
    run(tmp_path, play, **setup)


def test_the_new_time_is_believed_after_ten_steady_minutes(tmp_path: Path) -> None:
    """A clock that was set for good needs no person either."""
    clock = HandClock(WORK)
    steady, setup = _setup(clock)

    async def play(adapter: Running) -> None:
        clock.advance(timedelta(hours=-2))
        assert (await _readiness(adapter))[0] == 503
        (sent,) = (await adapter.post("crm", LEAD)).json()["calls"]
        steady.pass_by(timedelta(minutes=9))
        assert (await _readiness(adapter))[0] == 503
        assert (await adapter.call(sent["id"]))["state"] == "waiting"
        steady.pass_by(timedelta(minutes=2))
        assert (await _readiness(adapter))[0] == 200
        adapter.wake()
        await adapter.settled(sent["id"], "rung")

    run(tmp_path, play, **setup)


def test_a_process_that_slept_rings_nobody_twice(tmp_path: Path) -> None:
    """Stopped past the agent's timeout, with one phone ringing: `uncertain` or `rung`, once."""
    agents = f"{AGENTS}    timeout: 1s\n"
    script = Script(default=(Scripted(delay_s=0.2),) * 3)

    async def scenario() -> None:
        async with site(tmp_path, script=script, agents=agents) as here:
            assert (await here.post(LEAD["phone"])).status_code == 202
            await here.mock.wait_for_rings(1)
            here.process.signal(signal.SIGSTOP)
            late = asyncio.create_task(here.post_until_taken(BEN["phone"]))
            await asyncio.sleep(3)  # three times its timeout; nothing tells of a stopped process
            here.process.signal(signal.SIGCONT)
            await late
            await here.until_ended()
            calls = {call["phone"]: call["state"] for call in await here.calls()}
            assert calls[LEAD["phone"]] in ("rung", "uncertain")
            assert calls[BEN["phone"]] == "rung"
            rung = [ring.phone for ring in here.mock.rings]
            assert sorted(rung) == sorted([LEAD["phone"], BEN["phone"]])
            assert await here.is_ready()

    play(scenario)
