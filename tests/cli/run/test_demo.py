"""Promises of `adapter demo`: it fits a screen, ends in a pipe, and invites on a terminal."""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-m", "adapter", "demo"]
PATIENCE_S = 30.0


def test_in_a_pipe_it_ends_by_itself(tmp_path: Path) -> None:
    """Status 0, at most 24 lines of at most 100 columns, every ending, nothing on stderr."""
    done = subprocess.run(
        COMMAND, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in done.stdout
    for word in ("rung", "duplicate", "phone_invalid", "401", "4 phones rang, each once"):
        assert word in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_it_stays_and_its_curl_line_works(tmp_path: Path) -> None:
    """The line that it offers rings once, the second time is a duplicate; Ctrl-C ends it well."""
    ours, theirs = pty.openpty()
    demo = subprocess.Popen(COMMAND, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        shown = read_until(ours, r"curl .*\n")
        (line,) = re.findall(r"curl .*", shown)
        first, second = ask(line), ask(line)
        assert '"state":"waiting"' in first
        assert "duplicate" in second
        demo.send_signal(signal.SIGINT)
        assert demo.wait(PATIENCE_S) == 0
    finally:
        demo.kill()
        demo.wait()
        os.close(ours)
    assert "Traceback" not in shown


def read_until(terminal: int, pattern: str) -> str:
    """Return what the terminal shows, up to and with the pattern."""
    shown, deadline = "", time.monotonic() + PATIENCE_S
    while not re.search(pattern, shown):
        assert time.monotonic() < deadline, shown
        if select.select([terminal], [], [], 0.5)[0]:
            shown += os.read(terminal, 65_536).decode()
    return shown


def ask(line: str) -> str:
    """Do as the line says: by curl, or where there is none, by what its words mean."""
    words = shlex.split(line)
    if shutil.which("curl"):
        command = ["curl", "-sS", *words[1:]]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=True
        ).stdout
    _, url, _, token, _, kind, _, body = words
    headers = dict(header.split(": ", 1) for header in (token, kind))
    return httpx.post(url, headers=headers, content=body.encode(), trust_env=False).text
