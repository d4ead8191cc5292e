"""The work of one lead, counted and not timed: a proxy for its cost that no busy machine disturbs.

`python -m tests.harness.lead_work` posts HubSpot's example to an adapter in this process, again and
again as different contacts, one at a time, and prints the median of what a lead makes run from the
route to the settled call: calls of Python functions by library, and statements of SQL.
"""

import asyncio
import json
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

from sqlalchemy import Engine, event

from tests.harness.in_process import Running, run
from tests.harness.lead_walk import ENVIRON, HOUSE, MAPPING, NOT_OURS

WARM_UP, LEADS = 3, 9
SQL = "SQL statements"
OURS = "adapter"
# Whose functions run for the adapter alone. The test's own client and agent use other libraries.
_LIBRARIES = ("aiohttp", "httpx_aiohttp", "jsonpath_ng", "phonenumbers", "sqlalchemy")


class Work:
    """Counts what runs, in every thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._owners: dict[str, str | None] = {}

    def taken(self) -> Counter[str]:
        """Return what was counted since it was last taken."""
        counts, self._counts = self._counts, Counter()
        return counts

    def note_call(self, frame: FrameType, what: str, _: Any) -> None:
        """Take a profiler's event."""
        if what != "call":
            return
        file = frame.f_code.co_filename
        if file not in self._owners:
            self._owners[file] = _owner(file)
        owner = self._owners[file]
        if owner is not None:
            self._counts[owner] += 1

    def note_statement(self, _: str) -> None:
        """Take a statement that SQLite begins."""
        self._counts[SQL] += 1


def _owner(file: str) -> str | None:
    path = Path(file)
    if path.is_relative_to(HOUSE):
        is_ours = not path.relative_to(HOUSE).as_posix().startswith(NOT_OURS)
        return OURS if is_ours else None
    return next((library for library in _LIBRARIES if library in path.parts), None)


def work_of_a_lead(folder: Path) -> Mapping[str, int]:
    """Return the median counts of a lead that meets a warm and idle adapter."""
    work = Work()
    leads: list[Counter[str]] = []

    async def play(adapter: Running) -> None:
        source = adapter.adapter.current.config.sources["hubspot"]
        request = source.examples[0].request
        for number in range(1, WARM_UP + LEADS + 1):
            body = json.dumps({**json.loads(request.body), "vid": number}).encode()
            answer = await adapter.post("hubspot", headers=dict(request.headers), content=body)
            assert answer.status_code == 202, answer.text
            await adapter.mock.wait_for_rings(number)
            await _until_settled()
            leads.append(work.taken())

    with _counted(work):
        mappings = {"hubspot": MAPPING.read_text("utf-8")}
        run(folder, play, mappings=mappings, environ=ENVIRON, settings="cooldown: 0\n")
    counted = leads[WARM_UP:]
    return {name: int(median(lead[name] for lead in counted)) for name in (OURS, *_LIBRARIES, SQL)}


async def _until_settled() -> None:
    attempts = (task for task in asyncio.all_tasks() if task.get_name().startswith("attempt"))
    await asyncio.gather(*attempts)
    await asyncio.sleep(0)


@contextmanager
def _counted(work: Work) -> Iterator[None]:
    """Tell `work` of every call in this thread and in new ones, and of every statement."""

    def trace(connection: Any, _: object) -> None:
        connection.set_trace_callback(work.note_statement)

    before = sys.getprofile(), threading.getprofile()
    event.listen(Engine, "connect", trace)
    threading.setprofile(work.note_call)
    sys.setprofile(work.note_call)
    try:
        yield
    finally:
        sys.setprofile(before[0])
        threading.setprofile(before[1])
        event.remove(Engine, "connect", trace)


def main() -> None:
    """Print the work of a lead."""
    with tempfile.TemporaryDirectory() as folder:
        for name, count in work_of_a_lead(Path(folder)).items():
            sys.stdout.write(f"{count:6}  {name}\n")


if __name__ == "__main__":
    main()
