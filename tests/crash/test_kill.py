"""The promise of the whole program under kill -9: every lead acknowledged, none rung twice.

A CRM posts leads and sends each one again, the same body, until it gets a 2xx. Meanwhile the
adapter is killed at random moments and started again on the same ledger. The mock agent outlives
it all, and its record of rings is what the ledger is held against.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import Script, Scripted
from tests.harness.adapter_process import AdapterProcess
from tests.harness.effort import by_effort
from tests.harness.in_process import API_KEY, API_SECRET, CRM, PATIENCE_S, TOKEN, write_project
from tests.harness.phones import phones
from tests.harness.vendor import Asked, Reply, Vendor, answer, vendor

SEED = 20260302
ASKING = f"""\
auth: {{token: {TOKEN}}}
agent: sales
lookup: {{url: "${{VENDOR}}/leads/{{$.phone}}", timeout: 500ms}}
phone: $.lookup.phone
variables: {{name: $.name}}
"""
ROUNDS = by_effort(quick=2, full=4)
CRMS = 6
AGENTS = f"""\
agents:
  sales:
    endpoint: ${{AGENT_URL}}
    api_key: {API_KEY}
    secret: {API_SECRET}
    max_concurrent: 20
"""


def script(chance: random.Random) -> Script:
    """Return answers of all sorts: mostly slow acceptance, some doubt, some clear refusals."""
    kinds = ["slow"] * 90 + ["drop"] * 4 + ["refused"] * 6
    makes = {
        "slow": lambda: Scripted(delay_s=chance.uniform(0, 0.08)),
        "drop": lambda: Scripted(label="drop", act="drop"),
        "refused": lambda: Scripted(label="503", status=503),
    }
    return Script(default=tuple(makes[chance.choice(kinds)]() for _ in range(4000)))


@dataclass(kw_only=True)
class Crms:
    """CRMs that post leads side by side; `answers` has the 2xx by phone. `url` may be None."""

    url: str | None = None
    is_over: bool = False
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def work(self, leads: Iterator[str]) -> None:
        """Post lead after lead until it is over, but see the last one through."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
            while not self.is_over and (phone := next(leads, None)):
                while phone not in self.answers:
                    await self._post(client, phone)

    async def answered(self, count: int) -> None:
        """Return once so many more leads are acknowledged."""
        wanted = len(self.answers) + count
        async with asyncio.timeout(PATIENCE_S):
            while len(self.answers) < wanted:  # noqa: ASYNC110 - coarse is random enough
                await asyncio.sleep(0.01)

    async def _post(self, client: httpx.AsyncClient, phone: str) -> None:
        try:
            answer = await client.post(
                f"{self.url}/hooks/crm",
                json={"phone": phone, "name": "Ada"},
                headers={"x-webhook-token": TOKEN},
            )
        except httpx.TransportError:
            await asyncio.sleep(0.05)  # as a CRM does before it sends again
            return
        if answer.is_success:
            self.answers[phone] = answer.json()


async def rows(client: httpx.AsyncClient, table: str, **filters: str) -> list[dict[str, Any]]:
    """Return all rows of a table, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        params = {"limit": "500", **filters, **cursor}
        page = (await client.get(f"/api/{table}", params=params)).json()
        found += page[table]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


async def all_ended(client: httpx.AsyncClient) -> None:
    """Return once no call waits or is being sent."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            counts = (await client.get("/api/status")).json()["calls"]
            if not counts["waiting"] + counts["sending"]:
                return
            await asyncio.sleep(0.05)


def judge(
    mock: MockAgent,
    answers: dict[str, dict[str, Any]],
    webhooks: list[dict[str, Any]],
    calls: list[dict[str, Any]],
) -> None:
    """Hold the ledger against what the CRMs were told and what the agent saw."""
    rings = Counter(ring.phone for ring in mock.rings)
    assert not {phone: count for phone, count in rings.items() if count > 1}
    assert {answer["webhook"] for answer in answers.values()} <= {row["id"] for row in webhooks}
    by_id = {call["id"]: call for call in calls}
    assert len(by_id) == len(calls)
    for phone, acknowledged in answers.items():
        (told,) = acknowledged["calls"]
        assert by_id[told["id"]]["phone"] == phone
    assert {call["state"] for call in calls} <= {"rung", "uncertain", "ignored"}
    assert {call["reason"] for call in calls if call["state"] == "ignored"} <= {"duplicate"}
    first = [call for call in calls if call["state"] != "ignored"]
    assert {call["phone"] for call in first} >= answers.keys()  # nobody was only ever a duplicate
    assert len({call["phone"] for call in first}) == len(first)
    for call in first:
        assert call["state"] != "rung" or rings[call["phone"]] == 1
    assert rings.keys() <= {call["phone"] for call in first}


def record(chance: random.Random) -> Callable[[Asked], Reply]:
    """Return a vendor's API that tells a lead's phone, or is out of order, or silent."""

    def reply(asked: Asked) -> Reply:
        luck = chance.random()
        if luck < 0.1:
            return None if luck < 0.02 else answer({}, 503)
        return answer({"phone": unquote(asked.target.removeprefix("/leads/"))})

    return reply


@pytest.mark.parametrize("mapping", [CRM, ASKING], ids=["told", "looked up"])
def test_every_acknowledged_lead_is_rung_once_under_kill_9(tmp_path: Path, mapping: str) -> None:
    """Killed at any moment, the adapter loses no lead that it took and rings none twice.

    Neither when the phone came with the webhook, nor when it has to be looked up.
    """
    chance = random.Random(SEED)
    # no cooldown: it would hide a second ring
    write_project(tmp_path, {"crm": mapping}, agents=AGENTS, settings="cooldown: 0s\n")

    async def scenario(mock: MockAgent, api: Vendor) -> None:
        environ = {"AGENT_URL": mock.url, "VENDOR": api.url}
        crms, leads, workers = Crms(), phones(), list[asyncio.Task[None]]()
        for _ in range(ROUNDS):
            with AdapterProcess(tmp_path, environ=environ) as adapter:
                crms.url = await asyncio.to_thread(lambda: adapter.public)
                if not workers:
                    workers = [asyncio.create_task(crms.work(leads)) for _ in range(CRMS)]
                await crms.answered(chance.randint(30, 90))
                await asyncio.sleep(chance.uniform(0, 0.1))  # the moment of death
                adapter.signal(signal.SIGKILL)
        crms.is_over = True
        with AdapterProcess(tmp_path, environ=environ) as adapter:
            crms.url = await asyncio.to_thread(lambda: adapter.public)
            await asyncio.gather(*workers)
            async with httpx.AsyncClient(base_url=adapter.admin, trust_env=False) as client:
                await all_ended(client)
                webhooks, calls = await rows(client, "webhooks"), await rows(client, "calls")
            adapter.signal(signal.SIGTERM)
            assert await asyncio.to_thread(adapter.ended) == 0
        judge(mock, crms.answers, webhooks, calls)
        assert len(crms.answers) >= 30 * ROUNDS
        assert any(call["state"] == "rung" for call in calls)
        assert any(call["reason"] == "process_died" for call in calls)

    async def staged() -> None:
        answering = MockAgent(API_KEY, API_SECRET, script(chance))
        async with answering as mock, vendor(record(chance)) as api:
            await scenario(mock, api)

    asyncio.run(staged())
