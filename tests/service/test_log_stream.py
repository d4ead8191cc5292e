"""A stderr that nobody reads never stops the program: bounded, dropped, counted."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapter.mock_agent.agent import MockAgent
from adapter.service.log_stream import LogStream
from tests.harness.adapter_process import ROOT
from tests.harness.in_process import AGENTS, API_KEY, API_SECRET, CRM, TOKEN, write_project

LINE = "x" * 99 + "\n"
PIPE_BYTES = 4096  # the least that Linux gives; a page
PATIENCE_S = 20.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return the ends of a small pipe."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    yield reader, writer
    os.close(writer)
    with contextlib.suppress(OSError):  # a test may have closed it
        os.close(reader)


def read_lines(reader: int, count: int) -> list[str]:
    """Read so many lines."""
    with os.fdopen(os.dup(reader), "rb") as lines:
        return [lines.readline().decode() for _ in range(count)]


@pytest.mark.parametrize("is_blocking", [True, False])
def test_nobody_waits_and_what_is_dropped_is_counted(
    pipe: tuple[int, int], is_blocking: bool
) -> None:
    """It holds what it may; once it is read again, all of that comes out, and the count is told."""
    reader, writer = pipe
    os.set_blocking(writer, is_blocking)
    told: list[int] = []
    was_told = threading.Event()

    def tell(lines: int) -> None:
        told.append(lines)
        was_told.set()

    stream = LogStream(writer, on_recovery=tell, max_chars=200 * len(LINE))
    began = time.monotonic()
    for _ in range(1000):
        stream.write(LINE)
    assert time.monotonic() - began < 5
    kept = 1000 - stream.dropped
    assert 200 <= kept <= 200 + PIPE_BYTES // len(LINE) + 1
    assert not stream.drain(0.05)
    assert read_lines(reader, kept) == [LINE] * kept
    assert was_told.wait(PATIENCE_S)
    assert told == [1000 - kept]
    stream.write("after\n")
    assert stream.drain(PATIENCE_S)
    assert read_lines(reader, 1) == ["after\n"]


def test_lines_that_cannot_be_written_are_counted(pipe: tuple[int, int]) -> None:
    """The reader is gone for good: nothing is raised, and nothing is kept."""
    reader, writer = pipe
    os.close(reader)
    stream = LogStream(writer, on_recovery=lambda _: pytest.fail("nobody can be told"))
    for _ in range(10):
        stream.write(LINE)
    assert stream.drain(PATIENCE_S)
    assert stream.dropped == 10


def test_leads_ring_while_nobody_reads_the_log(tmp_path: Path) -> None:
    """More lines than the pipe takes; then SIGTERM still ends it at once, with status 0."""
    leads = 150
    write_project(tmp_path, {"crm": CRM}, agents=AGENTS)

    async def scenario() -> None:
        async with MockAgent(API_KEY, API_SECRET) as mock:
            with _unread(tmp_path, mock.url) as (popen, public, admin):
                async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
                    for number in range(leads):
                        answer = await client.post(
                            f"{public}/hooks/crm",
                            json={"phone": f"+1{201 + number}5550123", "name": "Ada"},
                            headers={"x-webhook-token": TOKEN},
                        )
                        assert answer.status_code in (202, 422)  # not each is an area code
                    await mock.wait_for_rings(leads // 2)
                    metrics = (await client.get(f"{admin}/metrics")).text
                    assert "adapter_log_lines_dropped_total 0.0" in metrics
                popen.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(popen.wait, PATIENCE_S) == 0

    asyncio.run(scenario())


@contextlib.contextmanager
def _unread(folder: Path, agent_url: str) -> Iterator[tuple[subprocess.Popen[bytes], str, str]]:
    """Give an adapter whose standard error is read up to `ready` and no further; and its URLs."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "AGENT_URL": agent_url}
    with subprocess.Popen(
        [sys.executable, "-m", "adapter", "serve"],
        cwd=folder,
        env=environ,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as popen:
        try:
            assert popen.stderr is not None
            fcntl.fcntl(popen.stderr, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            lines = iter(popen.stderr.readline, b"")
            ready = next(found for text in lines if (found := json.loads(text))["event"] == "ready")
            yield popen, ready["webhooks"], ready["admin"]
        finally:
            popen.kill()
