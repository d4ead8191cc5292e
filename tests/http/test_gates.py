"""What a sender hears of the gates, and what rings after them: whole adapters."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.running import AGENTS, CRM, HandClock, Running, run

PHONE = {"phone": "+12025550123"}  # Washington: 04:00 when the hand clock begins
HOURS = f'{AGENTS}    calling_hours: {{mon-fri: "09:00-20:00"}}\n'
OPENS = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def test_a_call_waits_for_its_hours_and_then_rings(tmp_path: Path) -> None:
    """The sender hears `outside_hours`; nothing rings until the callee's clock allows it."""
    clock = HandClock()

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", PHONE)
        assert answer.status_code == 202
        (sent,) = answer.json()["calls"]
        assert (sent["state"], sent["reason"]) == ("waiting", "outside_hours")
        due_at = datetime.fromisoformat((await adapter.call(sent["id"]))["due_at"])
        assert OPENS <= due_at < OPENS + timedelta(minutes=5)
        clock.advance(due_at - clock() - timedelta(seconds=1))
        adapter.wake()
        assert (await adapter.call(sent["id"]))["state"] == "waiting"
        clock.advance(timedelta(seconds=1))
        adapter.wake()
        await adapter.settled(sent["id"], "rung")
        assert len(adapter.mock.rings) == 1

    run(tmp_path, play, agents=HOURS, mappings={"crm": CRM}, now=clock)


def test_the_mapping_may_know_the_zone(tmp_path: Path) -> None:
    """Where the form says where somebody is, their clock counts and not their number's."""

    async def play(adapter: Running) -> None:
        document = {**PHONE, "tz": "Europe/Madrid"}
        (sent,) = (await adapter.post("crm", document)).json()["calls"]
        assert (sent["state"], sent["reason"]) == ("waiting", "new")

    mapping = f"{CRM}timezone: $.tz\n"
    run(tmp_path, play, agents=HOURS, mappings={"crm": mapping}, now=HandClock())


def test_a_country_that_the_agent_does_not_ring(tmp_path: Path) -> None:
    """The sender hears 422, and the call is stored with its reason."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", PHONE)
        assert answer.status_code == 422
        (sent,) = answer.json()["calls"]
        assert (sent["state"], sent["reason"]) == ("refused", "country_not_allowed")
        assert not adapter.mock.rings

    agents = f"{AGENTS}    countries: [ES, PT]\n"
    run(tmp_path, play, agents=agents, mappings={"crm": CRM}, now=HandClock())
