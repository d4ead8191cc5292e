"""An agent that answers a byte at a time, or never: each attempt ends, and the lane goes on."""

import time
from pathlib import Path

import pytest

from adapter.mock_agent.script import Script, Scripted
from tests.faults.machine import play, site
from tests.harness.in_process import AGENTS

SLOW = [f"+1202555010{number}" for number in range(4)]
NEXT = [f"+1202555011{number}" for number in range(4)]
TIMEOUT_S = 1.0


@pytest.mark.parametrize("act", ["drip", "hang"])
def test_an_agent_that_never_finishes_its_answer(tmp_path: Path, act: str) -> None:
    """The timeout bounds the whole attempt, not each byte: `uncertain`, and the next leads ring."""
    script = Script(default=tuple(Scripted(label=act, act=act) for _ in SLOW))
    agents = f"{AGENTS}    timeout: {TIMEOUT_S:g}s\n    max_concurrent: 2\n"

    async def scenario() -> None:
        async with site(tmp_path, script=script, agents=agents, drip_s=0.3) as here:
            assert (await here.post("+12025550199", prefer="wait=10")).status_code in (200, 202)
            began = time.monotonic()
            for phone in SLOW[1:] + NEXT:
                assert (await here.post(phone)).status_code == 202
            await here.until_ended()
            calls = await here.calls()
            states = {call["phone"]: (call["state"], call["reason"]) for call in calls}
            for phone in ["+12025550199", *SLOW[1:]]:
                assert states[phone][0] == "uncertain"
            for phone in NEXT:
                assert states[phone] == ("rung", "accepted")
            assert all(call["attempts"] == 1 for call in calls)
            assert here.mock.peak_in_flight <= 2 + len(SLOW)  # the mock goes on dripping
            # A byte each 0.3 s makes most of a minute; a timeout a byte would never end.
            assert time.monotonic() - began < 20 * TIMEOUT_S

    play(scenario)
