"""A program under measurement: its own process, started, asked for its memory, stopped."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

READY_WITHIN_S = 30.0
STOPPED_WITHIN_S = 30.0
_LOOK_AGAIN_S = 0.02


class StartError(Exception):
    """A program did not come up; the message ends with the last lines that it wrote."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One running program and where it listens."""

    name: str
    url: str
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 80)

    def cpu_s(self) -> float:
        """Return the processor time that it has used so far, in seconds (0 where unknown)."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return 0.0
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        """Return the most memory that it has held so far (resident), in MiB."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:  # no Linux: what it holds now must do
            ps = ["ps", "-o", "rss=", "-p", str(self.pid)]
            return int(subprocess.run(ps, check=True, capture_output=True).stdout) / 1024
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    folder: Path,
    url_field: str = "url",
) -> Iterator[Program]:
    """Run a program inside the block. Ready is when it has written a JSON line with its URL.

    What it writes goes to a file in `folder`, as it would in production, and not to the screen.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as lines:
        child = subprocess.Popen(
            command, env=dict(environ), stdout=lines, stderr=lines, stdin=subprocess.DEVNULL
        )
    try:
        url = _ready_url(child, log, url_field)
        yield Program(name=name, url=url, pid=child.pid)
    finally:
        child.terminate()
        try:
            child.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _ready_url(child: "subprocess.Popen[bytes]", log: Path, url_field: str) -> str:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and child.poll() is None:
        for line in log.read_text().splitlines():
            url = _json_object(line).get(url_field)
            if isinstance(url, str):
                return url
        time.sleep(_LOOK_AGAIN_S)
    last = "\n".join(log.read_text().splitlines()[-10:])
    raise StartError(f"{log.stem} did not start:\n{last}")


def _json_object(line: str) -> dict[str, object]:
    try:
        read = json.loads(line)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
