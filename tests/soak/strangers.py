"""A storm of strangers beside a live flow of leads: none of these is lost, doubted or held up.

`python -m tests.soak.strangers` plays a minute of quiet and two of storm; the suite plays a short
form, which measures no time.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from httpx_aiohttp import AiohttpTransport

from adapter.mock_agent.script import Script, Scripted
from tests.faults.machine import Site, site
from tests.harness.adapter_process import ROOT
from tests.harness.in_process import AGENTS, CRM, TOKEN
from tests.soak.burst import many_phones, peak_kib
from tests.soak.raid import NAMES

LEADS_A_SECOND = 20
SLOWER_AT_MOST = 5.0
QUIET_AT_LEAST_S = 0.01  # below that, the ratio measures the machine's other work
MEMORY_KIB = 200 * 1024
PATIENCE_S = 30.0  # until a lead is acknowledged, and all have rung
MAPPINGS = {
    "crm": CRM,
    "signed": CRM.replace(
        f"{{token: {TOKEN}}}",
        "{hmac: {secret: a-secret-of-the-sender, header: x-signature, encoding: hex}}",
    ),
    "greeting": CRM + "handshake: {echo: $.challenge}\n",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How long it is quiet, how long it storms, and whether time is measured.

    `only` are the misdeeds that are done, by default all.
    """

    quiet_s: float
    storm_s: float
    has_clock: bool = True
    only: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Report:
    """What was measured; `findings` are the promises that were broken."""

    leads: int = 0
    quiet_p99_s: float = 0.0
    storm_p99_s: float = 0.0
    slowest_s: float = 0.0
    peak_kib: int = 0
    misdeeds: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def check(self, holds: bool, finding: str) -> None:
        """Note a broken promise."""
        if not holds:
            self.findings.append(finding)

    def __str__(self) -> str:
        misdeeds = ", ".join(f"{name} {count}" for name, count in sorted(self.misdeeds.items()))
        verdict = "; ".join(self.findings) or "every promise was kept"
        return (
            f"strangers: {misdeeds}; {self.leads} leads, p99 of their answers "
            f"{self.quiet_p99_s * 1000:.0f} ms in quiet and {self.storm_p99_s * 1000:.0f} ms in "
            f"the storm, {self.slowest_s * 1000:.0f} ms at most, {self.peak_kib / 1024:.0f} MiB of "
            f"memory: {verdict}"
        )


async def storm_of_strangers(folder: Path, plan: Plan) -> Report:
    """Post leads in quiet, then while strangers storm; judge what became of them."""
    report = Report()
    phones = many_phones(int((plan.quiet_s + plan.storm_s) * LEADS_A_SECOND))
    quiet = phones[: int(plan.quiet_s * LEADS_A_SECOND)]
    stormy = phones[len(quiet) :]
    agents = AGENTS + "    max_concurrent: 20\n"
    script = Script(default=(Scripted(delay_s=0.05),) * len(phones))
    async with site(folder, script=script, agents=agents, mapping=MAPPINGS) as here:
        report.quiet_p99_s = _p99_s(await _flow(here, quiet))
        storming = asyncio.create_task(_raid(here, plan))
        seconds = await _flow(here, stormy)
        report.misdeeds = await storming
        report.storm_p99_s, report.slowest_s = _p99_s(seconds), max(seconds)
        await _all_rung(here)
        report.leads = len(phones)
        report.peak_kib = peak_kib(here.process.pid)
        report.states = Counter((await here.admin.get("/api/status")).json()["calls"])
        _judge(report, here, phones, plan)
    return report


async def _flow(here: Site, phones: Iterable[str]) -> list[float]:
    """Post leads at their pace, each until it is acknowledged; return how long each took."""
    # httpx's own transport would be the slowest part of all of this.
    async with httpx.AsyncClient(
        transport=AiohttpTransport(),
        base_url=here.public.base_url,
        headers={"x-webhook-token": TOKEN},
        timeout=PATIENCE_S,
    ) as client:
        began_s = time.perf_counter()

        async def send(number: int, phone: str) -> float:
            await asyncio.sleep(began_s + number / LEADS_A_SECOND - time.perf_counter())
            sent_s = time.perf_counter()
            async with asyncio.timeout(PATIENCE_S):
                while not await _is_taken(client, phone):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.02)
            return time.perf_counter() - sent_s

        return await asyncio.gather(*(send(*numbered) for numbered in enumerate(phones)))


async def _is_taken(client: httpx.AsyncClient, phone: str) -> bool:
    try:
        answer = await client.post("/hooks/crm", json={"phone": phone, "name": "Ada"})
    except httpx.TransportError:
        return False
    return answer.is_success


async def _raid(here: Site, plan: Plan) -> Mapping[str, int]:
    port = str(here.public.base_url.port)
    raiders = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.soak.raid", port, str(plan.storm_s), *plan.only),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(plan.storm_s + PATIENCE_S):
            told, _ = await raiders.communicate()
    finally:
        if raiders.returncode is None:
            raiders.kill()
    return dict(json.loads(told))


async def _all_rung(here: Site) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            calls = (await here.admin.get("/api/status")).json()["calls"]
            if not calls["waiting"] + calls["sending"]:
                return
            await asyncio.sleep(0.1)


def _p99_s(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


def _judge(report: Report, here: Site, phones: list[str], plan: Plan) -> None:
    rings = Counter(ring.phone for ring in here.mock.rings)
    report.check(rings == Counter(phones), "not every lead was rung once")
    report.check(report.states["rung"] == len(phones), f"the calls ended as {dict(report.states)}")
    report.check(report.peak_kib <= MEMORY_KIB, f"{report.peak_kib} KiB were held in memory")
    report.check(set(report.misdeeds) == set(plan.only or NAMES), "not every misdeed was done")
    if plan.has_clock:
        slower = report.storm_p99_s / max(report.quiet_p99_s, QUIET_AT_LEAST_S)
        report.check(slower <= SLOWER_AT_MOST, f"answers took {slower:.1f} times longer")


def main() -> int:
    """Play the long form, or what the options say; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.strangers", description=__doc__)
    parser.add_argument("--quiet-s", type=float, default=60.0)
    parser.add_argument("--storm-s", type=float, default=120.0)
    parser.add_argument("--only", nargs="+", default=(), choices=sorted(NAMES), help="misdeeds")
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="strangers-") as folder:
        report = asyncio.run(storm_of_strangers(Path(folder), plan))
    print(report)  # noqa: T201 - its whole purpose
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
