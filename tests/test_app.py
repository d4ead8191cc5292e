"""Promises about the process: how it starts, how it stops, what it remembers after both."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.app import Adapter, Addresses
from adapter.clock import utc_now
from adapter.compiler.load import load_strict
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import CallFilter
from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import Script, Scripted, script_of
from adapter.model import Call
from adapter.workers import lane
from tests.harness.adapter_process import AdapterProcess, is_refusing, taken_port
from tests.harness.in_process import (
    API_KEY,
    API_SECRET,
    CRM,
    PATIENCE_S,
    TOKEN,
    HandClock,
    Running,
    run,
    write_project,
)

ADA = {"phone": "+12025550123", "name": "Ada"}
BEN = {"phone": "+12025550145", "name": "Ben"}
SLOW = Script(default=(Scripted(delay_s=0.4),))
AGENTS = f"""\
agents:
  sales: {{endpoint: "${{AGENT_URL}}", api_key: "${{KEY:-{API_KEY}}}", secret: {API_SECRET}}}
"""


async def until(holds: Callable[[], bool]) -> None:
    """Return once something outside of this process holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.01)


async def post(url: str, lead: dict[str, str], **headers: str) -> httpx.Response:
    """Post a lead as the CRM."""
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
        proof = {"x-webhook-token": TOKEN}
        return await client.post(f"{url}/hooks/crm", json=lead, headers=proof | headers)


def stored_calls(folder: Path) -> list[Call]:
    """Return the calls in the ledger of a process that has ended, newest first."""
    ledger = Ledger.open(f"sqlite:///{folder / 'adapter.db'}", now=utc_now)
    try:
        return asyncio.run(ledger.reads.calls(CallFilter(), limit=500))[0]
    finally:
        ledger.close()


def play(scenario: Callable[[MockAgent], Awaitable[None]], script: Script | None = None) -> None:
    """Run a scenario beside a mock agent."""

    async def staged() -> None:
        async with MockAgent(API_KEY, API_SECRET, script) as mock:
            await scenario(mock)

    asyncio.run(staged())


def test_sigterm_lets_an_attempt_end(tmp_path: Path) -> None:
    """After SIGTERM nothing new is taken, the attempt under way is recorded, the status is 0."""
    write_project(tmp_path, {"crm": CRM}, agents=AGENTS)

    async def scenario(mock: MockAgent) -> None:
        with AdapterProcess(tmp_path, environ={"AGENT_URL": mock.url}) as adapter:
            url = await asyncio.to_thread(lambda: adapter.public)
            assert "uvloop" in adapter.mapped_files()
            assert (await post(url, ADA)).status_code == 202
            await mock.wait_for_rings(1)
            adapter.signal(signal.SIGTERM)
            await until(lambda: is_refusing(url))
            assert await asyncio.to_thread(adapter.ended) == 0
            assert adapter.event("drained")["attempts_cut"] == 0
            assert ADA["phone"] not in adapter.stderr
            assert TOKEN not in adapter.stderr

    play(scenario, SLOW)
    (call,) = stored_calls(tmp_path)
    assert (call.state, call.reason) == ("rung", "accepted")


def test_a_second_sigterm_cuts_what_hangs(tmp_path: Path) -> None:
    """A person in a hurry waits for no agent: the call may have rung, and is `uncertain`."""
    write_project(tmp_path, {"crm": CRM}, agents=AGENTS)

    async def scenario(mock: MockAgent) -> None:
        with AdapterProcess(tmp_path, environ={"AGENT_URL": mock.url}) as adapter:
            url = await asyncio.to_thread(lambda: adapter.public)
            waiting = asyncio.create_task(post(url, ADA, prefer="wait=60"))
            await mock.wait_for_rings(1)
            adapter.signal(signal.SIGTERM)
            answer = await waiting  # a sender that waits is answered as things stand
            assert (answer.status_code, answer.json()["calls"][0]["state"]) == (202, "sending")
            await until(lambda: is_refusing(url))
            adapter.signal(signal.SIGTERM)
            assert await asyncio.to_thread(adapter.ended) == 0
            assert adapter.event("drained")["attempts_cut"] == 1
            assert "Traceback" not in adapter.stderr

    play(scenario, script_of("hang"))
    (call,) = stored_calls(tmp_path)
    assert (call.state, call.reason) == ("uncertain", "process_died")


def test_what_was_sending_at_a_crash_is_uncertain_and_not_rung_again(tmp_path: Path) -> None:
    """After kill -9 a phone that may have rung is left to a person; new leads ring."""
    write_project(tmp_path, {"crm": CRM}, agents=AGENTS)

    async def scenario(mock: MockAgent) -> None:
        environ = {"AGENT_URL": mock.url}
        with AdapterProcess(tmp_path, environ=environ) as adapter:
            url = await asyncio.to_thread(lambda: adapter.public)
            assert (await post(url, ADA)).status_code == 202
            await mock.wait_for_rings(1)
            adapter.kill()
        with AdapterProcess(tmp_path, environ=environ) as adapter:
            url = await asyncio.to_thread(lambda: adapter.public)
            assert adapter.event("recovered")["calls_uncertain"] == 1
            assert (await post(url, BEN, prefer="wait=20")).json()["calls"][0]["state"] == "rung"
            again = await post(url, ADA)
            assert (again.status_code, again.json()["calls"][0]["reason"]) == (200, "duplicate")
        assert [ring.phone for ring in mock.rings] == [ADA["phone"], BEN["phone"]]

    play(scenario, script_of("hang"))
    states = {call.phone: call.state.value for call in stored_calls(tmp_path)[1:]}
    assert states == {ADA["phone"]: "uncertain", BEN["phone"]: "rung"}


def test_a_halt_outlives_the_process_and_a_mended_configuration_cures_it(tmp_path: Path) -> None:
    """A wrong key halts the agent over restarts; with the right one its held calls ring."""
    write_project(tmp_path, {"crm": CRM}, agents=AGENTS)

    async def agent_of(adapter: AdapterProcess) -> dict[str, Any]:
        url = await asyncio.to_thread(lambda: adapter.admin)
        async with httpx.AsyncClient(trust_env=False) as client:
            return dict((await client.get(f"{url}/api/status")).json()["agents"]["sales"])

    async def scenario(mock: MockAgent) -> None:
        wrong = {"AGENT_URL": mock.url, "KEY": "no-key-of-the-mock"}
        with AdapterProcess(tmp_path, environ=wrong) as adapter:
            url = await asyncio.to_thread(lambda: adapter.public)
            await post(url, ADA)
            await asyncio.to_thread(adapter.event, "attempt_ended")
            assert (await agent_of(adapter))["halted_by"] == "ctc:003"
        with AdapterProcess(tmp_path, environ=wrong) as adapter:
            assert (await agent_of(adapter))["state"] == "halted"
            url = await asyncio.to_thread(lambda: adapter.public)
            assert (await post(url, BEN)).json()["calls"][0]["reason"] == "agent_halted"
            assert len(mock.requests) == 1
        with AdapterProcess(tmp_path, environ={"AGENT_URL": mock.url}) as adapter:
            await mock.wait_for_rings(2)
            assert (await agent_of(adapter))["state"] == "live"

    play(scenario)


@pytest.mark.parametrize("key", ["listen", "admin_listen"])
def test_a_taken_port_is_named_and_nothing_starts(tmp_path: Path, key: str) -> None:
    """Status 2, and which setting to change, without a traceback."""
    with taken_port() as port:
        listeners = {"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0"}
        listeners[key] = f"127.0.0.1:{port}"
        settings = "".join(f"{name}: {address}\n" for name, address in listeners.items())
        write_project(tmp_path, {"crm": CRM}, settings=settings, agents=AGENTS)
        with AdapterProcess(tmp_path, environ={"AGENT_URL": "http://127.0.0.1:9/call"}) as adapter:
            assert adapter.ended() == 2
    assert f"adapter.yaml:1:1: {key}: cannot listen on 127.0.0.1:{port}: " in adapter.stderr
    assert "Traceback" not in adapter.stderr


def test_a_second_process_on_one_ledger_is_refused(tmp_path: Path) -> None:
    """Status 2, and what to do about it; the first goes on."""
    write_project(tmp_path, {"crm": CRM}, agents=AGENTS)
    environ = {"AGENT_URL": "http://127.0.0.1:9/call"}
    with AdapterProcess(tmp_path, environ=environ) as first:
        assert httpx.get(f"{first.public}/readyz", trust_env=False).status_code == 200
        with AdapterProcess(tmp_path, environ=environ) as second:
            assert second.ended() == 2
        assert "is in use by another process" in second.stderr
        assert httpx.get(f"{first.admin}/api/status", trust_env=False).status_code == 200


def test_listeners_on_ipv6(tmp_path: Path) -> None:
    """Both listeners take IPv6 addresses, and say so in a URL that works."""

    async def scenario(adapter: Running) -> None:
        assert adapter.addresses is not None
        assert adapter.addresses.public.startswith("http://[::1]:")
        assert (await adapter.public.get("/readyz")).status_code == 200
        assert (await adapter.admin.get("/api/status")).status_code == 200

    settings = 'listen: "[::1]:0"\nadmin_listen: "[::1]:0"\n'
    run(tmp_path, scenario, settings=settings, is_listening=True)


def test_retention_deletes_what_ended_in_steps(tmp_path: Path) -> None:
    """Past `retention` ended webhooks go, many small steps of them; what waits stays."""
    clock = HandClock()

    async def store(adapter: Running) -> None:
        for number in range(450):  # more than two steps
            assert (await adapter.post("crm", {"name": str(number)})).status_code == 422
        await adapter.order("/api/agents/sales/pause")
        assert (await adapter.post("crm", ADA)).status_code == 202

    async def see(adapter: Running) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(left := await adapter.webhooks()) > 1:  # noqa: ASYNC110 - nor has the broom
                await asyncio.sleep(0.02)
        assert left[0]["state"] == "mapped"
        (call,) = await adapter.calls()
        assert (call["phone"], call["state"]) == (ADA["phone"], "held")

    run(tmp_path, store, now=clock, has_engine=False)
    clock.advance(timedelta(days=31))
    run(tmp_path, see, now=clock, is_listening=True)


class FaultyClock:
    """The wall clock, but for one call once it is broken."""

    is_broken = False

    def __call__(self) -> datetime:
        """Return the time, or fail as a bug would."""
        if self.is_broken:
            self.is_broken = False
            raise RuntimeError("a bug in a lane")
        return utc_now()


def test_a_loop_that_dies_ends_the_program(tmp_path: Path) -> None:
    """Nothing half-alive stays: what is under way is written down, and the bug comes out."""
    clock = FaultyClock()

    async def scenario(mock: MockAgent) -> None:
        write_project(tmp_path, {"crm": CRM}, agents=AGENTS)
        config = load_strict(tmp_path / "adapter.yaml", {"AGENT_URL": mock.url})
        ledger = Ledger.open(config.database, now=utc_now)
        ready: asyncio.Queue[Addresses] = asyncio.Queue()
        try:
            adapter = Adapter(config, ledger, now=clock)
            served = asyncio.create_task(adapter.run(asyncio.Event(), ready.put_nowait))
            waiting = asyncio.create_task(post((await ready.get()).public, ADA, prefer="wait=60"))
            await mock.wait_for_rings(1)
            clock.is_broken = True
            adapter.engine.wake_all()
            assert (await waiting).status_code == 202
            with pytest.raises(ExceptionGroup):
                await asyncio.wait_for(served, PATIENCE_S)
        finally:
            ledger.close()

    play(scenario, script_of("hang"))
    (call,) = stored_calls(tmp_path)
    assert (call.state, call.reason, call.attempts) == ("uncertain", "process_died", 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_dies_ends_the_program(tmp_path: Path) -> None:
    """Whoever waits for the ledger is told that nothing was stored, and the bug comes out."""

    async def scenario(mock: MockAgent) -> None:
        write_project(tmp_path, {"crm": CRM}, agents=AGENTS)
        config = load_strict(tmp_path / "adapter.yaml", {"AGENT_URL": mock.url})
        ledger = Ledger.open(config.database, now=utc_now)
        ready: asyncio.Queue[Addresses] = asyncio.Queue()
        try:
            served = asyncio.create_task(
                Adapter(config, ledger).run(asyncio.Event(), ready.put_nowait)
            )
            url = (await ready.get()).public
            assert (await post(url, ADA)).status_code == 202
            await mock.wait_for_rings(1)
            ledger._writer._queue.put("no job")  # type: ignore[arg-type]  # the bug
            assert (await post(url, BEN)).status_code == 503
            with pytest.raises(ExceptionGroup) as died:
                await asyncio.wait_for(served, PATIENCE_S)
            assert "writer has ended" in str(died.value.exceptions)
        finally:
            ledger.close()

    play(scenario, script_of("hang"))
    (call,) = stored_calls(tmp_path)
    assert (call.state, call.reason) == ("uncertain", "process_died")


def test_a_dead_ledger_does_not_keep_the_program_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be recorded when stopping is left to the sweep of the next start."""
    monkeypatch.setattr(lane, "_RECORD_S", 0.1)

    async def scenario(adapter: Running) -> None:
        await adapter.post("crm", ADA)
        await adapter.mock.wait_for_rings(1)
        adapter.adapter.ledger.close()
        async with asyncio.timeout(5):
            assert await adapter.adapter.engine.drain(0.0) == 1

    run(tmp_path, scenario, script=script_of("hang"))
    (call,) = stored_calls(tmp_path)
    assert (call.state, call.reason) == ("uncertain", "process_died")
