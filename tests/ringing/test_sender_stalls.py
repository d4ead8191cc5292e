"""Promises about a loop that stands still: an answer that was there in time is no timeout."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvloop

from adapter.policy.outcomes import Answered, Broken, SendResult
from adapter.ringing.sender import Sender
from adapter.ringing.signing import sign_call
from tests.harness.agents import agent_at

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
TIMEOUT_S = 0.5
STALL_S = 1.2  # past every deadline of the attempt
CODE = b"HTTP/1.1 400 No\r\ncontent-length: 7\r\n\r\nctc:00"
PATIENCE_S = 20.0


@contextmanager
def _agent_of_its_own_pace(
    *chunks: bytes, wait_s: float = 0.0
) -> Iterator[tuple[str, threading.Event]]:
    """Give the URL of an agent in a thread, and an event that its first POST sets.

    It waits, writes the chunks one after the other, and hangs up only when the block ends.
    """
    was_read, is_over = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                received = b""
                while b"Zoe" not in received:  # the end of the one variable
                    received += peer.recv(65536)
                was_read.set()
                is_over.wait(wait_s)
                for chunk in chunks:
                    peer.sendall(chunk)
                    is_over.wait(0.05)
                is_over.wait(PATIENCE_S)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/call", was_read
        finally:
            is_over.set()
            thread.join(PATIENCE_S)


def _send(
    url: str,
    was_read: threading.Event,
    loops: Callable[[], asyncio.AbstractEventLoop],
    *,
    stall: bool,
) -> SendResult:
    """Send one call; a loop that stalls does so once the agent has read the POST."""
    agent = agent_at(url, timeout_s=TIMEOUT_S)

    async def play() -> SendResult:
        sender = Sender(agent)
        attempt = asyncio.create_task(sender.send(sign_call(agent, "+12025550123", {"n": "Zoe"})))
        while not was_read.is_set():  # noqa: ASYNC110 - the agent is no task of this loop
            await asyncio.sleep(0.005)
        if stall:
            time.sleep(STALL_S)  # noqa: ASYNC251 - the point: nothing else runs meanwhile
        try:
            return await attempt
        finally:
            await sender.close()

    with asyncio.Runner(loop_factory=loops) as runner:
        return runner.run(play())


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize(
    ("chunks", "showed"),
    [
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"], Answered(status=200)),
        ([CODE, b"7"], Answered(status=400, code="ctc:007")),
        ([b"HTTP/1.1 503 Busy\r\n", b"content-length: 0\r\n\r\n"], Answered(status=503)),
    ],
    ids=["whole", "code-in-pieces", "head-in-pieces"],
)
def test_an_answer_that_was_there_in_time_is_no_timeout(
    chunks: list[bytes], showed: SendResult, loops: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """The loop stands still until long after the deadline; the answer came before it."""
    with _agent_of_its_own_pace(*chunks) as (url, was_read):
        assert _send(url, was_read, loops, stall=True) == showed


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("stall", [False, True])
def test_an_answer_that_comes_late_is_a_timeout(
    stall: bool, loops: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Whether the loop stood still or not: nothing was there when it looked for the last time."""
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    with _agent_of_its_own_pace(answer, wait_s=STALL_S + 1.0) as (url, was_read):
        began = time.monotonic()
        assert _send(url, was_read, loops, stall=stall) == Broken(kind="read_timeout")
        assert time.monotonic() - began < STALL_S + 0.9


@pytest.mark.parametrize("loops", LOOPS)
def test_half_an_answer_that_was_there_in_time_is_a_timeout(
    loops: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """An error must be read whole to be believed, and the rest never comes."""
    with _agent_of_its_own_pace(CODE) as (url, was_read):
        assert _send(url, was_read, loops, stall=True) == Broken(kind="read_timeout")
