"""A short storm of strangers in every run of the tests; `make soak` has the long one."""

import asyncio
from pathlib import Path

from tests.soak.strangers import Plan, storm_of_strangers


def test_a_storm_of_strangers_costs_no_lead(tmp_path: Path) -> None:
    """Idle, slow, pipelining, bombs, wrong tokens, at once: none lost or doubted, memory held."""
    plan = Plan(quiet_s=0.5, storm_s=3.0, has_clock=False)
    report = asyncio.run(storm_of_strangers(tmp_path, plan))
    assert not report.findings, str(report)
    assert sum(report.misdeeds.values()) > 300, str(report)
