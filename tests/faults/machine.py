"""A real adapter on a machine that fails: limits from outside, and a sender that sends again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from adapter.mock_agent.agent import MockAgent
from adapter.mock_agent.script import Script
from tests.harness.adapter_process import AdapterProcess
from tests.harness.in_process import (
    AGENTS,
    API_KEY,
    API_SECRET,
    CRM,
    PATIENCE_S,
    TOKEN,
    write_project,
)


class Site:
    """A process, the mock agent that it rings, and clients of both of its listeners."""

    def __init__(
        self,
        process: AdapterProcess,
        mock: MockAgent,
        public: httpx.AsyncClient,
        admin: httpx.AsyncClient,
    ) -> None:
        self.process, self.mock = process, mock
        self.public, self.admin = public, admin

    async def post(self, phone: str, **headers: str) -> httpx.Response:
        """Post a lead once."""
        proof = {"x-webhook-token": TOKEN}
        lead = {"phone": phone, "name": "Ada", "tz": "America/New_York"}
        return await self.public.post("/hooks/crm", json=lead, headers=proof | headers)

    async def post_until_taken(self, phone: str) -> dict[str, Any]:
        """Post a lead again and again, as a CRM does, until it is acknowledged."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    answer = await self.post(phone)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.is_success:
                    return dict(answer.json())
                await asyncio.sleep(0.05)

    async def calls(self, **filters: str) -> list[dict[str, Any]]:
        """Return the ledger's calls, newest first."""
        answer = await self.admin.get("/api/calls", params={"limit": "500", **filters})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["calls"])

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Return once something holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():  # noqa: ASYNC110 - another process has no event for us
                await asyncio.sleep(0.05)

    async def until_ended(self) -> None:
        """Return once no call waits or is being sent."""

        async def is_quiet() -> bool:
            counts = (await self.admin.get("/api/status")).json()["calls"]
            return not counts["waiting"] + counts["sending"]

        await self.until(is_quiet)

    async def is_ready(self) -> bool:
        """Tell what the readiness probe says."""
        return (await self.public.get("/readyz")).status_code == 200


@asynccontextmanager
async def site(
    folder: Path,
    *,
    script: Script | None = None,
    agents: str = AGENTS,
    settings: str = "",
    drip_s: float = 0.25,
    mapping: str | Mapping[str, str] = CRM,
) -> AsyncIterator[Site]:
    """Run `adapter serve` in a folder, beside a mock agent, until the block ends.

    `mapping` is that of the source `crm`, or those of several sources.
    """
    mappings = {"crm": mapping} if isinstance(mapping, str) else mapping
    write_project(folder, mappings, agents=agents, settings=settings)
    async with MockAgent(API_KEY, API_SECRET, script, drip_s=drip_s) as mock:
        with AdapterProcess(folder, environ={"AGENT_URL": mock.url}) as process:
            public = await asyncio.to_thread(lambda: process.public)
            clients = [
                httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S)
                for url in (public, process.admin)
            ]
            async with clients[0], clients[1]:
                yield Site(process, mock, *clients)


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario, within the suite's patience."""

    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S * 3):
            await scenario()

    asyncio.run(bounded())
