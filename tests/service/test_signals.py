"""SIGTERM always works within its grace, whatever the loop or a worker does."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import Script, Scripted, script_of
from adapter.service.watchdog import HUNG
from tests.harness.adapter_process import AdapterProcess
from tests.harness.hanging import FOR_EVER_S, HANGS, HURRY_S, SPARE_S
from tests.harness.in_process import API_KEY, API_SECRET, CRM, write_project
from tests.test_app import ADA, post, stored_calls

TIMEOUT_S = 1.0
GRACE_S = TIMEOUT_S + 3 * SPARE_S
SLACK_S = 3.0  # a busy machine; far from any time that something hangs
AGENTS = f"""\
agents:
  sales:
    endpoint: "${{AGENT_URL}}"
    api_key: {API_KEY}
    secret: {API_SECRET}
    timeout: {TIMEOUT_S:g}s
"""


def play(
    folder: Path,
    hangs: str,
    scenario: Callable[[AdapterProcess, MockAgent], Awaitable[None]],
    script: Script | None = None,
) -> None:
    """Run a scenario with an adapter that hangs on SIGHUP; it hears signals in their order."""
    write_project(folder, {"crm": CRM}, agents=AGENTS)

    async def staged() -> None:
        async with MockAgent(API_KEY, API_SECRET, script) as mock:
            environ = {"AGENT_URL": mock.url, "HANGS": hangs}
            with AdapterProcess(
                folder, program="tests.harness.hanging", environ=environ
            ) as adapter:
                await asyncio.to_thread(adapter.event, "ready")
                await scenario(adapter, mock)

    asyncio.run(staged())


async def ended_s(adapter: AdapterProcess, status: int) -> float:
    """Return how long it took to end, with this status."""
    began = time.monotonic()
    assert await asyncio.to_thread(adapter.ended) == status, adapter.stderr
    return time.monotonic() - began


@pytest.mark.parametrize("hangs", HANGS)
def test_what_hangs_is_ended_within_the_grace(tmp_path: Path, hangs: str) -> None:
    """The loop's own thread, a thread of the pool: status 3, and a line says where each stood."""

    async def scenario(adapter: AdapterProcess, _: MockAgent) -> None:
        adapter.signal(signal.SIGHUP)
        adapter.signal(signal.SIGTERM)
        assert GRACE_S * 0.9 < await ended_s(adapter, HUNG) < GRACE_S + SLACK_S
        if hangs != "lock":  # whose owner nobody can write past
            hung = adapter.event("hung")
            assert hung["level"] == "critical"
            assert hung["after_s"] >= GRACE_S * 0.9
            assert any("hanging.py" in place for place in hung["threads"].values())

    assert GRACE_S + SLACK_S < FOR_EVER_S
    play(tmp_path, hangs, scenario)


def test_a_second_signal_shortens_the_grace_of_what_hangs(tmp_path: Path) -> None:
    """SIGINT counts like SIGTERM; a third one makes it no longer."""

    async def scenario(adapter: AdapterProcess, _: MockAgent) -> None:
        adapter.signal(signal.SIGHUP)
        adapter.signal(signal.SIGTERM)
        adapter.signal(signal.SIGINT)
        await asyncio.sleep(HURRY_S / 2)
        adapter.signal(signal.SIGTERM)
        assert await ended_s(adapter, HUNG) < GRACE_S - HURRY_S / 2 - 0.1

    play(tmp_path, "loop", scenario)


def test_a_process_whose_attempts_settle_is_left_alone(tmp_path: Path) -> None:
    """The agent takes nearly all of its timeout, and the call is written down: status 0."""

    async def scenario(adapter: AdapterProcess, mock: MockAgent) -> None:
        assert (await post(adapter.public, ADA)).status_code == 202
        await mock.wait_for_rings(1)
        adapter.signal(signal.SIGTERM)
        await ended_s(adapter, 0)
        assert adapter.event("drained")["attempts_cut"] == 0
        assert "hung" not in {line["event"] for line in adapter.lines}

    play(tmp_path, "loop", scenario, Script(default=(Scripted(delay_s=TIMEOUT_S * 0.9),)))
    (call,) = stored_calls(tmp_path)
    assert (call.state, call.reason) == ("rung", "accepted")


def test_what_was_ringing_when_the_process_hung_is_uncertain(tmp_path: Path) -> None:
    """Nothing could be written down any more, so the next start does it, and redials nobody."""

    async def scenario(adapter: AdapterProcess, mock: MockAgent) -> None:
        assert (await post(adapter.public, ADA)).status_code == 202
        await mock.wait_for_rings(1)
        adapter.signal(signal.SIGHUP)
        adapter.signal(signal.SIGTERM)
        await ended_s(adapter, HUNG)

    play(tmp_path, "loop", scenario, script_of("hang"))
    (call,) = stored_calls(tmp_path)
    assert (call.state, call.reason) == ("uncertain", "process_died")
