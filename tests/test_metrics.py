"""The figures on /metrics follow what happens."""

from pathlib import Path

from prometheus_client import generate_latest

from adapter.telemetry import Metrics
from tests.harness.in_process import CRM, Running, run


def test_what_was_stored_answered_and_rung_is_counted(tmp_path: Path) -> None:
    """A call that rings, its duplicate, and one without a phone."""

    async def play(adapter: Running) -> None:
        first = await adapter.post("crm", {"phone": "+12025550123", "name": "Ada"})
        await adapter.settled(first.json()["calls"][0]["id"], "rung")
        await adapter.post("crm", {"phone": "+12025550123", "name": "Ada"})
        await adapter.post("crm", {"name": "Bo"})
        shown = (await adapter.admin.get("/metrics")).text.splitlines()
        assert {
            'adapter_calls_total{reason="new",source="crm",state="waiting"} 1.0',
            'adapter_calls_total{reason="duplicate",source="crm",state="ignored"} 1.0',
            'adapter_calls_total{reason="phone_missing",source="crm",state="refused"} 1.0',
            'adapter_webhooks_total{source="crm",status="422"} 1.0',
            'adapter_attempts_total{agent="sales",code="",outcome="rung"} 1.0',
            'adapter_calls_now{state="rung"} 1.0',
        } <= set(shown)

    run(tmp_path, play, mappings={"crm": CRM})


def test_dropped_log_lines_are_counted_when_somebody_asks() -> None:
    """The log's own count is shown, as it is by then."""
    dropped = 0
    metrics = Metrics(lambda: dropped)
    assert b"adapter_log_lines_dropped_total 0.0" in generate_latest(metrics.registry)
    dropped = 7
    assert b"adapter_log_lines_dropped_total 7.0" in generate_latest(metrics.registry)
