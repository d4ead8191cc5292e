"""What a sender hears of the gates, and what rings after them: whole adapters."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.mock_agent.script import script_of
from tests.harness.in_process import AGENTS, CRM, HandClock, Running, run

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


DAYTIME = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ES_ONLY = "countries: [ES]"
OVERNIGHT = [
    ("waiting", "outside_hours", timedelta(hours=12), HOURS),
    ("ignored", "expired", timedelta(days=7, hours=1), AGENTS),
    ("refused", "country_not_allowed", timedelta(hours=12), f"{AGENTS}    {ES_ONLY}\n"),
    ("ignored", "dry_run", timedelta(hours=12), f"{AGENTS}    mode: dry_run\n"),
    ("rung", "accepted", timedelta(days=2), AGENTS),
]


@pytest.mark.parametrize(
    ("state", "reason", "after", "agents"), OVERNIGHT, ids=[row[1] for row in OVERNIGHT]
)
def test_what_was_held_passes_every_gate_again(
    tmp_path: Path, state: str, reason: str, after: timedelta, agents: str
) -> None:
    """A pause is no way round a gate; two days of it alone make no lead too old."""
    clock = HandClock(DAYTIME)

    async def hold(adapter: Running) -> None:
        await adapter.order("/api/agents/sales/pause")
        (sent,) = (await adapter.post("crm", PHONE)).json()["calls"]
        assert (sent["state"], sent["reason"]) == ("held", "agent_paused")

    async def let_go(adapter: Running) -> None:
        (held,) = await adapter.calls(state="held", reason="agent_paused")
        await adapter.order("/api/agents/sales/resume")
        call = await _until_reason(adapter, held["id"], reason)
        assert call["state"] == state
        assert len(adapter.mock.requests) == (state == "rung")

    run(tmp_path, hold, mappings={"crm": CRM}, now=clock)
    clock.advance(after)
    run(tmp_path, let_go, agents=agents, mappings={"crm": CRM}, now=clock)


def test_what_was_held_meets_the_cooldown(tmp_path: Path) -> None:
    """Another agent rang the phone meanwhile, for another source: one ring in ten minutes."""
    support = AGENTS.replace("agents:\n", "").replace("sales", "support")
    desk = CRM.replace("sales", "support")

    async def play(adapter: Running) -> None:
        await adapter.order("/api/agents/sales/pause")
        (held,) = (await adapter.post("crm", PHONE)).json()["calls"]
        (other,) = (await adapter.post("desk", PHONE)).json()["calls"]
        await adapter.settled(other["id"], "rung")
        await adapter.order("/api/agents/sales/resume")
        assert (await adapter.settled(held["id"], "ignored"))["reason"] == "cooldown"
        assert len(adapter.mock.rings) == 1

    run(tmp_path, play, agents=AGENTS + support, mappings={"crm": CRM, "desk": desk})


def test_a_replay_at_a_bad_hour_waits_for_a_good_one(tmp_path: Path) -> None:
    """A person asks again at night; the phone rings by day."""
    clock = HandClock(DAYTIME)

    async def play(adapter: Running) -> None:
        (sent,) = (await adapter.post("crm", PHONE)).json()["calls"]
        await adapter.settled(sent["id"], "failed")
        clock.advance(timedelta(hours=12))
        answer = await adapter.order(f"/api/calls/{sent['id']}/replay")
        assert answer.status_code == 200
        call = await _until_reason(adapter, sent["id"], "outside_hours")
        assert call["state"] == "waiting"
        assert len(adapter.mock.requests) == 1
        clock.advance(datetime.fromisoformat(call["due_at"]) - clock())
        adapter.wake()
        await adapter.settled(sent["id"], "rung")

    run(tmp_path, play, agents=HOURS, mappings={"crm": CRM}, script=script_of(400), now=clock)


def test_all_zones_of_a_number_must_be_inside(tmp_path: Path) -> None:
    """A Spanish mobile may be on the Canaries: 09:00 there is 10:00 in Madrid."""
    clock = HandClock(datetime(2026, 3, 2, 8, 30, tzinfo=UTC))  # 09:30 in Madrid, 08:30 there

    async def play(adapter: Running) -> None:
        (sent,) = (await adapter.post("crm", {"phone": "+34612345678"})).json()["calls"]
        assert sent["reason"] == "outside_hours"
        due_at = datetime.fromisoformat((await adapter.call(sent["id"]))["due_at"])
        assert timedelta() <= due_at - datetime(2026, 3, 2, 9, 0, tzinfo=UTC) < timedelta(minutes=5)

    run(tmp_path, play, agents=HOURS, mappings={"crm": CRM}, now=clock)


HOLIDAYS = f'{AGENTS}    calling_hours: {{mon-fri: "09:00-20:00", holidays: US}}\n'


def test_a_public_holiday_is_no_day_to_ring(tmp_path: Path) -> None:
    """On the third of July 2026 the day before is kept: the next opening is on Monday."""
    clock = HandClock(datetime(2026, 7, 3, 15, 0, tzinfo=UTC))

    async def play(adapter: Running) -> None:
        (sent,) = (await adapter.post("crm", PHONE)).json()["calls"]
        assert sent["reason"] == "outside_hours"
        due_at = datetime.fromisoformat((await adapter.call(sent["id"]))["due_at"])
        assert due_at.date().isoformat() == "2026-07-06"

    run(tmp_path, play, agents=HOLIDAYS, mappings={"crm": CRM}, now=clock)


async def _until_reason(adapter: Running, call_id: str, reason: str) -> dict[str, Any]:
    while True:
        call = await adapter.call(call_id)
        if call["reason"] == reason:
            return call


@pytest.mark.parametrize(
    ("submitted", "reason"),
    [
        ("2026-03-01", "new"),  # yesterday in UTC, and still today in California
        (1772323200000, "new"),  # the same day, as HubSpot's date properties are
        ("2026-03-01T00:00:00Z", "expired"),
        ("2026-02-27", "expired"),
    ],
)
def test_a_day_without_a_time_is_not_over_before_it_ends_everywhere(
    tmp_path: Path, submitted: object, reason: str
) -> None:
    """At three at night in UTC, when 24 hours have passed since its first moment."""

    async def play(adapter: Running) -> None:
        answer = await adapter.post("crm", PHONE | {"at": submitted})
        assert answer.json()["calls"][0]["reason"] == reason

    clock = HandClock(datetime(2026, 3, 2, 3, 0, tzinfo=UTC))
    mapping = f"{CRM}occurred_at: $.at\n"
    run(tmp_path, play, mappings={"crm": mapping}, now=clock, has_engine=False)
