"""The adapter's own commands: the CPU that each takes, beside a running adapter."""

import asyncio
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.contestants import ADAPTER, Place, config_environ, start_agent
from bench.stage import on_stage

COMMANDS = ("calls list", "status", "check")


def measure(times: int) -> dict[str, float]:
    """Return the median CPU of so many runs of each command, in milliseconds."""
    return asyncio.run(_measure(times))


async def _measure(times: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="adapter-bench-") as name,
        start_agent(Path(name)) as agent,
    ):
        place = Place(folder=Path(name), agent_url=f"{agent.url}/click-to-call")
        async with on_stage(ADAPTER, agent, place) as _:
            return {
                command: median(_cpu_ms(command.split(), place) for _ in range(times))
                for command in COMMANDS
            }


def _cpu_ms(command: Sequence[str], place: Place) -> float:
    before_s = _children_s()
    subprocess.run(
        [sys.executable, "-m", "adapter", *command],
        cwd=place.folder,
        env=config_environ(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return (_children_s() - before_s) * 1000


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
