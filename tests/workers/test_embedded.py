"""A lane keeps within its slots, and outlives a machine that is out of order for a moment."""

import asyncio
from datetime import timedelta
from pathlib import Path

from adapter.agent import Agent, Secret
from adapter.clock import utc_now
from adapter.config.config import Config, Current
from adapter.ledger.ledger import Ledger
from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import script_of
from adapter.model import MappedCall, State, Webhook
from adapter.policy.gates import Gates, Numbering
from adapter.ringing.ringer import Ringer
from adapter.ringing.sender import Sender
from adapter.telemetry import Metrics
from adapter.workers.engine import Engine
from tests.harness.in_process import AGENTS, Running, run

PHONES = [f"+1202555012{number}" for number in range(5)]


def test_no_more_are_sending_than_the_agent_takes(tmp_path: Path) -> None:
    """What has no slot is not claimed: a crash would leave it `waiting`, not in doubt."""

    async def play(adapter: Running) -> None:
        for phone in PHONES:
            await adapter.post("crm", {"phone": phone})
        while len(await adapter.calls(state="sending")) < 2:
            adapter.wake()
        await adapter.quiet()
        states = [call["state"] for call in await adapter.calls()]
        assert sorted(states) == ["sending"] * 2 + ["waiting"] * 3
        await adapter.adapter.engine.drain(0.0)  # cuts what hangs

    run(
        tmp_path,
        play,
        agents=f"{AGENTS}    max_concurrent: 2\n    timeout: 60s\n",
        script=script_of(*["hang"] * len(PHONES)),
    )


class Plans:
    """Numbering plans on a machine that cannot open a file the first time."""

    def __init__(self) -> None:
        self.asked = 0

    def region_of(self, _: str) -> str:
        """Fail once, as with no descriptor left."""
        self.asked += 1
        if self.asked == 1:
            raise OSError(24, "Too many open files")
        return "US"


def test_a_lane_outlives_a_machine_out_of_descriptors(tmp_path: Path) -> None:
    """The gates are asked again a second later, and the lead rings once."""

    async def play() -> None:
        plans, ledger = Plans(), Ledger.open(f"sqlite:///{tmp_path}/adapter.db", now=utc_now)
        async with MockAgent("key", "secret") as mock:
            agent = Agent(
                name="sales",
                endpoint=mock.url,
                api_key=Secret("key"),
                secret=Secret("secret"),
                countries=frozenset({"US"}),
            )
            ringer = Ringer(
                agent=agent,
                sender=Sender(agent),
                ledger=ledger,
                now=utc_now,
                jitter=lambda: 0.0,
                metrics=Metrics(),
            )
            numbering = Numbering(region_of=plans.region_of, zones_of=lambda _: ())
            current = Current(Config(cooldown=timedelta(0)))
            engine = Engine()
            engine.put(ringer, Gates(current=current, numbering=numbering))
            webhook = Webhook(id=ledger.new_id(), source="crm", received_at=utc_now())
            lead = MappedCall(state=State.WAITING, reason="new", agent="sales", phone=PHONES[0])
            await ledger.admin.reconcile({"sales": ""}, utc_now())
            await ledger.accept(webhook, [lead])
            running = asyncio.create_task(engine.run())
            await mock.wait_for_rings(1)
            await engine.drain(5)
            await asyncio.wait_for(running, 5)
            await ringer.sender.close()
            assert [ring.phone for ring in mock.rings] == [PHONES[0]]
            assert plans.asked == 2
        ledger.close()

    asyncio.run(play())
