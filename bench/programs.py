"""A program under measurement: processes of its own, started, asked what they cost, stopped.

Each runs in a session of its own, and what it costs is that of every process in the session.
"""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

STOPPED_WITHIN_S = 20.0
_SESSION, _REAPED = 3, slice(13, 15)  # fields of /proc/PID/stat after the name


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One running program and where it listens."""

    port: int
    log: Path
    child: "subprocess.Popen[bytes]"

    @property
    def pid(self) -> int:
        """The number of its first process, and so of its session."""
        return self.child.pid

    @property
    def has_ended(self) -> bool:
        """Whether its first process is gone."""
        return self.child.poll() is not None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return "127.0.0.1", self.port

    def cpu_s(self) -> float:
        """Return the processor time of its processes and of those that ended, in seconds.

        A living thread's comes from its schedstat, to the nanosecond; that of processes that ended
        (a script a lead) from their parent's stat, to the tick.
        """
        return sum(_threads_s(process) + _reaped_s(process) for process in self._processes())

    def peak_mib(self) -> float:
        """Return the most memory that its processes have held so far (resident), in MiB."""
        return sum(_peak_kib(process) for process in self._processes()) / 1024

    def kill(self) -> None:
        """End all of its processes at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def last_lines(self) -> str:
        """Return the end of what it wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])

    def _processes(self) -> list[Path]:
        folders = (path for path in Path("/proc").iterdir() if path.name.isdecimal())
        return [folder for folder in folders if _stat(folder)[_SESSION] == str(self.pid)]


def _read(path: Path) -> str:
    """Return a file of /proc; nothing once the process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _stat(process: Path) -> list[str]:
    return _read(process / "stat").rpartition(")")[2].split() or ["0"] * 16


def _threads_s(process: Path) -> float:
    threads = (_read(path).split() for path in process.glob("task/*/schedstat"))
    return sum(int(thread[0]) for thread in threads if thread) / 1e9


def _reaped_s(process: Path) -> float:
    return sum(int(ticks) for ticks in _stat(process)[_REAPED]) / os.sysconf("SC_CLK_TCK")


def _peak_kib(process: Path) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", _read(process / "status"))
    return int(found[1]) if found else 0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    name: str,
    command: Callable[[int], Sequence[str]],
    *,
    environ: Mapping[str, str],
    folder: Path,
) -> Iterator[Program]:
    """Run a program inside the block, on a free port that `command` and PORT tell it.

    What it writes goes to a file in `folder`, as it would in production, and not to the screen.
    """
    port, log = free_port(), folder / f"{name}.log"
    with log.open("ab") as lines:
        child = subprocess.Popen(
            command(port),
            cwd=folder,
            env={**environ, "PORT": str(port)},
            stdout=lines,
            stderr=lines,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    started = Program(port=port, log=log, child=child)
    try:
        yield started
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(STOPPED_WITHIN_S)
        started.kill()
        child.wait()
