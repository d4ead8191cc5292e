"""The brakes as senders and operators see them: the pace, the day, a burst, a pause."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.harness.in_process import AGENTS, CRM, HandClock, Running, run

PACED = f"{AGENTS}    max_per_minute: 6\n"
DAILY = f"{AGENTS}    max_per_day: 2\n"
BURST = f"{CRM}burst: 3\n"
PHONES = [f"+12025550{number}" for number in range(110, 120)]
MIDNIGHT = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)


async def send(adapter: Running, *phones: str, source: str = "crm") -> list[str]:
    """Post a lead for each phone; return what the sender hears of it, in order."""
    heard = []
    for phone in phones:
        (call,) = (await adapter.post(source, {"phone": phone})).json()["calls"]
        heard.append(f"{call['state']}/{call['reason']}")
    return heard


async def rung(adapter: Running, count: int) -> list[str]:
    """Return the state and reason of all calls, oldest first, once so many have rung."""
    await adapter.mock.wait_for_rings(count)
    while len(await adapter.calls(state="rung")) < count:
        pass
    await adapter.quiet()
    shown = [f"{call['state']}/{call['reason']}" for call in await adapter.calls()]
    assert len(adapter.mock.rings) == count
    return shown[::-1]


def test_a_pace_has_no_burst_after_a_pause(tmp_path: Path) -> None:
    """Six a minute are one every ten seconds, also for what a pause has piled up."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        await adapter.order("/api/agents/sales/pause")
        await send(adapter, *PHONES[:4])
        clock.advance(timedelta(minutes=5))
        await adapter.order("/api/agents/sales/resume")
        assert await rung(adapter, 1) == [
            *("rung/accepted", "waiting/rate_limited", "waiting/new", "waiting/new")
        ]
        clock.advance(timedelta(seconds=9.9))
        assert (await rung(adapter, 1))[0] == "rung/accepted"
        clock.advance(timedelta(seconds=0.1))
        adapter.wake()
        await rung(adapter, 2)
        clock.advance(timedelta(minutes=5))  # idle time buys nothing
        adapter.wake()
        assert (await rung(adapter, 3)).count("rung/accepted") == 3

    run(tmp_path, play, agents=PACED, now=clock)


def test_a_full_day_holds_until_the_next(tmp_path: Path) -> None:
    """Past `max_per_day` calls are held, new ones too; at midnight they go, and are counted."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        await send(adapter, *PHONES[:2])
        await rung(adapter, 2)
        assert await send(adapter, *PHONES[2:5]) == ["held/daily_limit"] * 3
        agent = (await adapter.admin.get("/api/status")).json()["agents"]["sales"]
        assert (agent["state"], agent["full_until"]) == ("full", "2026-03-03T00:00:00.000Z")
        clock.advance(MIDNIGHT - clock())
        adapter.wake()
        assert (await rung(adapter, 4))[4] == "held/daily_limit"

    run(tmp_path, play, agents=DAILY, now=clock)


def test_a_person_lets_a_full_day_go_on(tmp_path: Path) -> None:
    """`resume` begins a new count at once, no larger than the first."""

    async def play(adapter: Running) -> None:
        await send(adapter, *PHONES[:2])
        await rung(adapter, 2)
        assert await send(adapter, *PHONES[2:5]) == ["held/daily_limit"] * 3
        await adapter.order("/api/agents/sales/resume")
        assert (await rung(adapter, 4))[4] == "held/daily_limit"

    run(tmp_path, play, agents=DAILY, now=HandClock())


def test_a_full_day_outlives_a_restart(tmp_path: Path) -> None:
    """To start again is no way round the brake."""
    clock = HandClock()

    async def fill(adapter: Running) -> None:
        await send(adapter, *PHONES[:2])
        await rung(adapter, 2)

    async def again(adapter: Running) -> None:
        assert await send(adapter, PHONES[2]) == ["held/daily_limit"]
        await rung(adapter, 0)

    run(tmp_path, fill, agents=DAILY, now=clock)
    run(tmp_path, again, agents=DAILY, now=clock)


def test_a_burst_holds_its_source_until_a_person_lets_it_go(tmp_path: Path) -> None:
    """The fourth webhook in a minute stops this source and no other."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        assert await send(adapter, *PHONES[:3]) == ["waiting/new"] * 3
        await rung(adapter, 3)
        assert await send(adapter, *PHONES[3:5]) == ["held/source_burst"] * 2
        assert await send(adapter, PHONES[5], source="desk") == ["waiting/new"]
        await rung(adapter, 4)
        clock.advance(timedelta(hours=1))  # time alone does not undo it
        assert await send(adapter, PHONES[6]) == ["held/source_burst"]
        sources = (await adapter.admin.get("/api/status")).json()["sources"]
        assert (sources["crm"]["state"], sources["desk"]["state"]) == ("burst", "live")
        await adapter.order("/api/sources/crm/resume")
        assert set(await rung(adapter, 7)) == {"rung/accepted"}
        assert await send(adapter, PHONES[7]) == ["waiting/new"]

    run(tmp_path, play, mappings={"crm": BURST, "desk": CRM}, now=clock)


def test_a_slow_stream_is_no_burst(tmp_path: Path) -> None:
    """As many webhooks, a minute apart."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        for phone in PHONES[:6]:
            clock.advance(timedelta(seconds=21))
            assert await send(adapter, phone) == ["waiting/new"]

    run(tmp_path, play, mappings={"crm": BURST}, now=clock)


@pytest.mark.parametrize("which", ["agents/sales", "agents/*", "sources/crm", "sources/*"])
def test_a_pause_holds_at_once_and_over_a_restart(tmp_path: Path, which: str) -> None:
    """Webhooks are still taken; nothing rings until somebody resumes."""
    reason = "agent_paused" if which.startswith("agents") else "source_burst"

    async def stop(adapter: Running) -> None:
        assert (await adapter.order(f"/api/{which}/pause")).status_code == 200
        assert await send(adapter, PHONES[0]) == [f"held/{reason}"]

    async def again(adapter: Running) -> None:
        assert await send(adapter, PHONES[1]) == [f"held/{reason}"]
        adapter.wake()
        assert not adapter.mock.requests
        assert (await adapter.order(f"/api/{which}/resume")).status_code == 200
        await rung(adapter, 2)

    run(tmp_path, stop)
    run(tmp_path, again)


def test_a_source_resumed_leaves_its_agents_pause(tmp_path: Path) -> None:
    """Two holds, let go one after the other: it rings only once both are gone."""

    async def play(adapter: Running) -> None:
        await adapter.order("/api/agents/sales/pause")
        await adapter.order("/api/sources/crm/pause")
        assert await send(adapter, PHONES[0]) == ["held/source_burst"]
        await adapter.order("/api/sources/crm/resume")
        assert [call["reason"] for call in await adapter.calls()] == ["agent_paused"]
        await adapter.order("/api/agents/sales/resume")
        await rung(adapter, 1)

    run(tmp_path, play)
