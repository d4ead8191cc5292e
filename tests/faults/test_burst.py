"""A burst of leads for a slow agent: all taken quickly, all rung once, never too many at a time."""

import asyncio
from pathlib import Path

from tests.harness.effort import by_effort
from tests.soak.burst import Plan, play_burst


def test_a_burst_for_a_slow_agent(tmp_path: Path) -> None:
    """The short form of `python -m tests.soak.burst`: 0.2 s a call, 40 at a time."""
    plan = Plan(leads=by_effort(quick=600, full=1200), delay_s=0.2, max_concurrent=40)
    report = asyncio.run(play_burst(tmp_path, plan))
    assert not report.findings, str(report)
