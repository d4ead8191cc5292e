"""A command of ours as a real process: its log line by line, its exit status, signals to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.harness.log_leaks import HEARD

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0


class AdapterProcess:
    """`adapter COMMAND…` in a folder, with an environment of its own; `serve` by default.

    `lines` are the JSON lines of its log so far, `stderr` all that it wrote there. Waiting blocks
    the thread: a test whose own loop plays the agent waits by `asyncio.to_thread`. `program` is the
    module that runs, for one that puts something under the adapter; `patience_s` is for log lines.
    What it prints goes to `stdout`, by default nowhere.
    """

    def __init__(
        self,
        folder: Path,
        *command: str,
        environ: Mapping[str, str] | None = None,
        program: str = "adapter",
        patience_s: float = PATIENCE_S,
        stdout: IO[str] | int = subprocess.DEVNULL,
    ) -> None:
        self._patience_s = patience_s
        self.stderr = ""
        self.lines: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._popen = subprocess.Popen(
            [sys.executable, "-m", program, *(command or ("serve",))],
            cwd=folder,
            # The tree of this very file, wherever an installed package may point.
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._popen.pid

    def mapped_files(self) -> str:
        """Return the names of all libraries that it has loaded, as Linux lists them."""
        return Path(f"/proc/{self.pid}/maps").read_text(encoding="utf-8")

    @property
    def public(self) -> str:
        """The URL of the public listener, once ready."""
        return str(self.event("ready")["webhooks"])

    @property
    def admin(self) -> str:
        """The URL of the admin listener, once ready."""
        return str(self.event("ready")["admin"])

    def event(self, name: str) -> dict[str, Any]:
        """Return the first log line of this event, as soon as it is written."""
        deadline = time.monotonic() + self._patience_s
        with self._changed:
            while True:
                found = next((line for line in self.lines if line["event"] == name), None)
                if found is not None:
                    return found
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"no {name!r} in time:\n{self.stderr}"
                assert self._reader.is_alive(), f"ended without {name!r}:\n{self.stderr}"
                self._changed.wait(min(left_s, 0.2))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._popen.send_signal(number)

    def ended(self) -> int:
        """Return the exit status, once it has ended and all its output is read."""
        status = self._popen.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return status

    def kill(self) -> None:
        """Let it die at once, wherever it is, and leave nothing behind."""
        if self._popen.poll() is None:
            self._popen.kill()
        self.ended()
        if self._popen.stderr is not None:
            self._popen.stderr.close()

    def __enter__(self) -> "AdapterProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._popen.stderr is not None
        for text in self._popen.stderr:
            with self._changed:
                self.stderr += text
                HEARD.line(text)
                if text.startswith("{"):
                    self.lines.append(json.loads(text))
                self._changed.notify_all()


def until_answers(url: str) -> None:
    """Return once something answers at a URL."""
    deadline = time.monotonic() + PATIENCE_S
    while is_refusing(url):
        assert time.monotonic() < deadline, f"nothing answers at {url}"
        time.sleep(0.02)


def free_port() -> int:
    """Return a port that nothing listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def taken_port() -> Iterator[int]:
    """Give a port that something listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield int(sock.getsockname()[1])


def is_refusing(url: str) -> bool:
    """Tell whether nothing listens any more where a URL points."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
    except OSError:
        return True
    return False
