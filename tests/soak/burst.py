"""A bulk import: thousands of leads at once, for an agent that takes its time with each call.

`python -m tests.soak.burst` plays 10,000 leads against 2 s a call; the suite plays a short form.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from httpx_aiohttp import AiohttpTransport

from adapter.errors import MappingError
from adapter.mock_agent.script import Script, Scripted
from adapter.values.phone_numbers import read_phone
from tests.faults.machine import Site, site
from tests.harness.in_process import AGENTS, TOKEN

SENDERS = 32
RETRIES = 20  # leads whose first answer is a refusal, so that there are old retries
SLACK = timedelta(seconds=1)  # between a commit and the request that it allowed
SLOWER_AT_MOST = 8.0  # intake while phones ring, against intake while none does
IDLE_AT_LEAST_S = 0.05  # below that, the ratio measures the machine's other work
MEMORY_BASE_KIB = 48 * 1024
MEMORY_PER_LEAD_KIB = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many leads, how long the agent takes with each, and how many at a time."""

    leads: int
    delay_s: float
    max_concurrent: int

    @property
    def patience_s(self) -> float:
        """How long all of it may take: several times what the agent needs."""
        return 60 + 4 * self.leads * self.delay_s / self.max_concurrent


@dataclass(kw_only=True)
class Report:
    """What was measured; `findings` are the promises that were broken."""

    plan: Plan
    idle_p99_s: float = 0.0
    busy_p99_s: float = 0.0
    grown_kib: int = 0
    peak_in_flight: int = 0
    rings: int = 0
    took_s: float = 0.0
    findings: list[str] = field(default_factory=list)

    def check(self, holds: bool, finding: str) -> None:
        """Note a broken promise."""
        if not holds:
            self.findings.append(finding)

    def __str__(self) -> str:
        verdict = "; ".join(self.findings) or "every promise was kept"
        return (
            f"burst: {self.plan.leads} leads, {self.plan.delay_s} s a call, "
            f"{self.plan.max_concurrent} at a time: {self.rings} rings in {self.took_s:.0f} s, "
            f"{self.peak_in_flight} at most in flight, p99 of intake {self.idle_p99_s * 1000:.0f} "
            f"ms idle and {self.busy_p99_s * 1000:.0f} ms ringing, "
            f"memory grew by {self.grown_kib / 1024:.0f} MiB: {verdict}"
        )


@dataclass(kw_only=True)
class Posted:
    """What senders were told: seconds of each answer, statuses, and when each phone was taken."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    taken: dict[str, datetime] = field(default_factory=dict)

    @property
    def p99_s(self) -> float:
        """The time that one answer in a hundred exceeds."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def many_phones(count: int) -> list[str]:
    """Return so many numbers of fiction, in every area of North America that there is."""
    areas = [area for area in range(201, 990) if _is_known(f"+1{area}5550100")]
    found = [f"+1{area}5550{line}" for line in range(100, 200) for area in areas]
    assert len(found) >= count
    return found[:count]


def _is_known(phone: str) -> bool:
    try:
        return read_phone(phone, None) == phone
    except MappingError:
        return False


async def play_burst(folder: Path, plan: Plan) -> Report:
    """Post an idle burst to a paused agent, the true one to a live one, and judge."""
    phones = many_phones(2 * plan.leads)
    busy, idle = phones[: plan.leads], phones[plan.leads :]
    slow = Scripted(delay_s=plan.delay_s)
    refused = Scripted(label="503", status=503, delay_s=plan.delay_s)
    script = Script(
        default=(slow,) * len(phones), phones=dict.fromkeys(busy[:RETRIES], (refused, slow))
    )
    agents = f"{AGENTS}    max_concurrent: {plan.max_concurrent}\n"
    report, started = Report(plan=plan), time.monotonic()
    async with site(folder, script=script, agents=agents, settings="cooldown: 0s") as here:
        report.idle_p99_s = await _idle_p99_s(here, idle)
        before_kib = peak_kib(here.process.pid)
        posted = await _post_all(here, busy)
        report.busy_p99_s = posted.p99_s
        await _all_rung(here, plan)
        report.grown_kib = peak_kib(here.process.pid) - before_kib
        report.peak_in_flight = here.mock.peak_in_flight
        report.rings, report.took_s = len(here.mock.rings), time.monotonic() - started
        _judge(report, here, posted, busy)
    return report


async def _idle_p99_s(here: Site, phones: list[str]) -> float:
    """Measure intake alone: all of these numbers are blocked, so that none of them rings."""
    for start in range(0, len(phones), 1000):
        answer = await here.admin.post(
            "/api/blocked", json={"phones": phones[start : start + 1000]}
        )
        assert answer.status_code == 200
    return (await _post_all(here, phones)).p99_s


async def _post_all(here: Site, phones: Iterable[str]) -> Posted:
    leads, posted = iter(phones), Posted()

    async def send(client: httpx.AsyncClient) -> None:
        for phone in leads:
            began = time.perf_counter()
            answer = await client.post("/hooks/crm", json={"phone": phone, "name": "Ada"})
            posted.seconds.append(time.perf_counter() - began)
            posted.statuses[answer.status_code] += 1
            posted.taken[phone] = datetime.now(UTC)

    # httpx's own transport would be the slowest part of all of this.
    async with httpx.AsyncClient(
        transport=AiohttpTransport(),
        base_url=here.public.base_url,
        headers={"x-webhook-token": TOKEN},
        timeout=30,
    ) as client:
        await asyncio.gather(*(send(client) for _ in range(SENDERS)))
    return posted


async def _all_rung(here: Site, plan: Plan) -> None:
    async with asyncio.timeout(plan.patience_s):
        while True:
            calls = (await here.admin.get("/api/status")).json()["calls"]
            if not calls["waiting"] + calls["sending"]:
                return
            await asyncio.sleep(0.2)


def _judge(report: Report, here: Site, posted: Posted, phones: list[str]) -> None:
    plan, check = report.plan, report.check
    rings = Counter(ring.phone for ring in here.mock.rings)
    check(posted.statuses == {202: plan.leads}, f"answers were {dict(posted.statuses)}")
    check(rings == Counter(phones), "not every lead was rung once")
    check(
        report.peak_in_flight == plan.max_concurrent,
        f"{report.peak_in_flight} in flight, and not {plan.max_concurrent}",
    )
    slower = report.busy_p99_s / max(report.idle_p99_s, IDLE_AT_LEAST_S)
    check(slower <= SLOWER_AT_MOST, f"intake was {slower:.1f} times slower while phones rang")
    allowed_kib = MEMORY_BASE_KIB + MEMORY_PER_LEAD_KIB * plan.leads
    check(report.grown_kib <= allowed_kib, f"memory grew by {report.grown_kib} KiB")
    overtaken = _overtaken(here, posted.taken)
    check(not overtaken, f"{overtaken} fresh leads had to wait for a retry")


def _overtaken(here: Site, taken: dict[str, datetime]) -> int:
    """Count the fresh leads that were already taken, and not yet rung, when a retry rang."""
    first: dict[str, datetime] = {}
    retried: list[datetime] = []
    for ring in here.mock.requests:
        phone = str(dict(ring.document())["phone"])  # type: ignore[call-overload]  # our own JSON
        if phone in first:
            retried.append(ring.at)
        first.setdefault(phone, ring.at)
    assert len(retried) == RETRIES
    return sum(taken[p] + SLACK < min(retried) and first[p] > min(retried) + SLACK for p in taken)


def peak_kib(pid: int) -> int:
    """Return the most memory that a process has held so far."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> int:
    """Play the long form, or what the options say; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.burst", description=__doc__)
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--delay-s", type=float, default=2.0)
    parser.add_argument("--max-concurrent", type=int, default=100)
    options = parser.parse_args()
    plan = Plan(**vars(options))
    with tempfile.TemporaryDirectory(prefix="burst-") as folder:
        report = asyncio.run(play_burst(Path(folder), plan))
    print(report)  # noqa: T201 - its whole purpose
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
