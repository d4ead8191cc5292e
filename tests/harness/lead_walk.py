"""The walk of one lead: every file of ours that it crosses from the route to the settled call.

`python -m tests.harness.lead_walk` posts the first example of mappings/hubspot.yaml to an adapter
in this process, and prints the files and functions in the order in which they were first entered.
"""

import asyncio
import itertools
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import adapter
from adapter.config.source import Source
from tests.harness.in_process import TOKEN, Running, run

HOUSE = Path(adapter.__file__).parent
MAPPING = HOUSE.parent / "mappings" / "hubspot.yaml"
ENVIRON = {"HUBSPOT_TOKEN": TOKEN}
# Stands in for somebody else's program, which only happens to run in this one.
NOT_OURS = "mock_agent/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A function that the lead crosses; `file` is its place in the house: `mapping/paths`."""

    file: str
    function: str

    @property
    def room(self) -> str:
        """The folder, or the file where it lies loose at the top."""
        return self.file.partition("/")[0]


ROUTE = Step(file="intake/pipeline", function="Pipeline.hook")


@dataclass(kw_only=True, slots=True)
class Walk:
    """The functions that were entered, each once, in order; nothing counts before the route."""

    steps: dict[Step, None] = field(default_factory=dict)
    is_over: bool = False

    @property
    def files(self) -> list[str]:
        """The files, in the order in which they were first entered."""
        return list(dict.fromkeys(step.file for step in self.steps))

    @property
    def changes_of_room(self) -> int:
        """How often a function stands in another room than the one entered before it."""
        pairs = itertools.pairwise(self.steps)
        return sum(before.room != after.room for before, after in pairs)

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        """Take a profiler's event, in any thread."""
        if self.is_over or event != "call":
            return
        step = step_of(frame)
        if step is not None and (self.steps or step == ROUTE):
            self.steps.setdefault(step)


def step_of(frame: FrameType) -> Step | None:
    """Return the step of a frame; None for others' code, and for a file that is being imported."""
    path = Path(frame.f_code.co_filename)
    if not path.is_relative_to(HOUSE) or frame.f_code.co_name == "<module>":
        return None
    file = path.relative_to(HOUSE).with_suffix("").as_posix()
    # What stands inside a function counts as that: Python 3.12 no longer enters comprehensions.
    function = frame.f_code.co_qualname.partition(".<locals>")[0]
    return None if file.startswith(NOT_OURS) else Step(file=file, function=function)


def walk_of_a_lead(folder: Path) -> Walk:
    """Return the walk of HubSpot's example, the first lead of its adapter, which keeps `folder`."""
    walk = Walk()

    async def play(adapter: Running) -> None:
        source = adapter.adapter.current.config.sources["hubspot"]
        answer = await _posted(adapter, source)
        assert answer == 202, answer
        await adapter.mock.wait_for_rings(1)
        # The engine is not asked: its answer would be a step of the walk.
        await asyncio.gather(
            *(t for t in asyncio.all_tasks() if t.get_name().startswith("attempt"))
        )
        await asyncio.sleep(0)
        walk.is_over = True

    with _profiled(walk.note):
        run(folder, play, mappings={"hubspot": MAPPING.read_text("utf-8")}, environ=ENVIRON)
    return walk


async def _posted(adapter: Running, source: Source) -> int:
    lead = source.examples[0].request
    answer = await adapter.post("hubspot", headers=dict(lead.headers), content=lead.body)
    return answer.status_code


@contextmanager
def _profiled(note: Any) -> Iterator[None]:
    """Tell `note` of every call in this thread and in those that begin inside the block."""
    before = sys.getprofile(), threading.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before[0])
        threading.setprofile(before[1])


def report(walk: Walk) -> str:
    """Write a walk: a line a file, below it what is entered there, and the counts."""
    lines = []
    for number, file in enumerate(walk.files, start=1):
        functions = [step.function for step in walk.steps if step.file == file]
        lines += [f"{number:3}  {file}", f"       {', '.join(functions)}"]
    counts = f"{len(walk.files)} files, {len(walk.steps)} functions, "
    return "\n".join([*lines, "", f"{counts}{walk.changes_of_room} changes of room"])


def main() -> None:
    """Print the walk of a lead."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(report(walk_of_a_lead(Path(folder))) + "\n")


if __name__ == "__main__":
    main()
