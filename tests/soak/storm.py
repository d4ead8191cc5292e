"""A storm, and the oracle's verdict on it.

CRMs post leads and send them again, the agent answers by every row of the outcome table, and the
adapter's process is killed, stopped, restarted, reloaded and paused. Afterwards the sky clears,
and what the senders were told and what the agent saw is held against the ledger.
"""

import asyncio
import random
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from adapter.mock_agent.agent import MockAgent
from adapter.model import State
from tests.harness.in_process import API_KEY, API_SECRET
from tests.harness.oracle import Evidence, findings, read_books, seen_by, tally
from tests.harness.vendor import vendor
from tests.soak.crms import HABITS, Crms, phones
from tests.soak.site import Site
from tests.soak.weather import Mood, Weather, record_in

STILL_S = 30.0
OVERDUE = timedelta(seconds=5)
_MOVING = State.WAITING, State.HELD, State.SENDING


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How long it blows, how dense, and how long due calls may take when it is over.

    `blows` come first, in this order; then chance draws them. `calm_s` of None waits only for what
    is being sent. With `has_power_cuts` each kill is a power cut too.
    """

    seed: int
    storm_s: float
    calm_s: float | None
    blows: tuple[str, ...] = ()
    has_power_cuts: bool = False
    crms: int = 6
    crm_pause_s: float = 0.05
    blow_pause_s: float = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a storm came to; `findings` is empty when every promise was kept."""

    seed: int
    seconds: float
    leads: int
    posts: int
    acknowledged: int
    blows: Mapping[str, int]
    answers: Mapping[str, int]
    calls: Mapping[str, int]
    findings: tuple[str, ...]

    def __str__(self) -> str:
        """Return the numbers and the verdict, for a person."""
        verdict = "\n".join(f"BROKEN: {f}" for f in self.findings) or "every promise was kept"
        return "\n".join(
            (
                f"seed {self.seed}, {self.seconds:.0f} s",
                f"senders  {self.leads} leads, {self.posts} POSTs, "
                f"{self.acknowledged} acknowledged",
                f"blows    {_listed(self.blows)}",
                f"agent    {sum(self.answers.values())} POSTs: {_listed(self.answers)}",
                f"ledger   {sum(self.calls.values())} calls: {_listed(self.calls)}",
                f"oracle   {verdict}",
            )
        )


async def weather_storm(folder: Path, plan: Plan) -> Report:
    """Let it blow in this folder and return what it came to."""
    began = time.monotonic()
    mood = Mood()
    script = Weather(seed=plan.seed, mood=mood)
    crms = Crms(seed=plan.seed, leads=phones(), pause_s=plan.crm_pause_s)
    async with (
        MockAgent(API_KEY, API_SECRET, script, drip_s=0.05) as mock,
        vendor(record_in(script)) as api,
    ):
        with _nobody() as lost_url:
            site = Site(
                folder=folder,
                environ={"AGENT_URL": mock.url, "LOST_URL": lost_url, "VENDOR_URL": api.url},
                chance=random.Random(f"{plan.seed} blows"),
                on_start=lambda url: setattr(crms, "url", url),
                has_power_cuts=plan.has_power_cuts,
            )
            try:
                await _blow(site, crms, plan)
                mood.is_calm = True
                evidence, late = await _judged(site, crms, mock, plan)
            finally:
                site.clear()
    return Report(
        seed=plan.seed,
        seconds=time.monotonic() - began,
        leads=crms.sent,
        posts=crms.posts,
        acknowledged=len(crms.told),
        blows=site.counts,
        answers=Counter(seen.answered for seen in evidence.seen),
        calls=tally(evidence.books.calls),
        findings=(*findings(evidence), *crms.strange, *site.exits, *late),
    )


async def _blow(site: Site, crms: Crms, plan: Plan) -> None:
    """Start everything, strike until the time is over, and let the senders finish."""
    site.write()
    await site.start()
    ends = time.monotonic() + plan.storm_s
    async with asyncio.TaskGroup() as senders:
        for number in range(max(plan.crms, len(HABITS))):
            senders.create_task(crms.work(number))
        to_come = list(plan.blows)
        while to_come or time.monotonic() < ends:
            await asyncio.sleep(site.chance.uniform(0, 2 * plan.blow_pause_s))
            await site.blow(to_come.pop(0) if to_come else None)
        site.write()
        crms.is_over = True


async def _judged(
    site: Site, crms: Crms, mock: MockAgent, plan: Plan
) -> tuple[Evidence, list[str]]:
    """Let all come to rest and take the evidence."""
    assert site.process is not None
    async with httpx.AsyncClient(
        base_url=site.process.admin, trust_env=False, timeout=STILL_S
    ) as admin:
        late = [] if plan.calm_s is None else await _all_end(site, admin, plan.calm_s)
        await admin.post("/api/agents/*/pause", json={})
        late += await _rest(admin, {State.SENDING}, STILL_S)
        books = await read_books(admin)
    await site.end()
    return Evidence(told=crms.told, seen=seen_by(mock), books=books), late


async def _all_end(site: Site, admin: httpx.AsyncClient, patience_s: float) -> list[str]:
    await asyncio.sleep(2.0)  # the last configuration is taken up meanwhile
    await site.order("agents/*/resume")
    await site.order("sources/*/resume")
    late: list[str] = []
    ends = time.monotonic() + patience_s
    while time.monotonic() < ends:
        late = await _overdue(admin)
        if not late:
            break
        await asyncio.sleep(0.5)
    return late


async def _overdue(admin: httpx.AsyncClient) -> list[str]:
    """Return what should have been done by now; a call may wait minutes for its next attempt."""
    latest = datetime.now(UTC) - OVERDUE
    return [
        f"call {call['id']} is {state}/{call['reason']} still, due at {call['due_at']}, "
        f"after {call['attempts']} attempts"
        for state in _MOVING
        for call in (await admin.get(f"/api/calls?limit=500&state={state}")).json()["calls"]
        if call["due_at"] is None or datetime.fromisoformat(call["due_at"]) < latest
    ]


async def _rest(admin: httpx.AsyncClient, states: set[State], patience_s: float) -> list[str]:
    """Return what is still in these states when the time is over."""
    try:
        async with asyncio.timeout(patience_s):
            while _of(await _counts(admin), states):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
    except TimeoutError:
        left = _of(await _counts(admin), states)
        return [f"{count} calls are still {state}" for state, count in left.items()]
    return []


def _of(counts: Mapping[str, int], states: set[State]) -> Mapping[State, int]:
    return {state: counts[state] for state in states if counts[state]}


async def _counts(admin: httpx.AsyncClient) -> Mapping[str, int]:
    answer = await admin.get("/api/status")
    return dict(answer.raise_for_status().json()["calls"])


@contextmanager
def _nobody() -> Iterator[str]:
    """Give a URL where every connection is refused, for as long as the block lasts."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # taken, and nobody listens
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/api/click-to-call"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
