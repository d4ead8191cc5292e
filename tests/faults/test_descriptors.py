"""Too many open connections for the process's limit: refused rather than lost, and it recovers."""

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from tests.faults.machine import play, site
from tests.harness.in_process import CRM
from tests.harness.machine_limits import limited
from tests.harness.phones import phones

IDLE = 60
SPARE = 12  # descriptors left when the limit falls


@contextmanager
def _idle_connections(url: str, count: int) -> Iterator[None]:
    """Hold as many connections as one gets; none of them ever says a word."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with ExitStack() as held:
        for _ in range(count):
            with suppress(OSError):
                held.enter_context(socket.create_connection((host, int(port)), timeout=2))
        yield


async def _is_refused(url: str) -> bool:
    """Tell whether a newcomer gets no connection, or one that is never served."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=2) as stranger:
        try:
            return not (await stranger.get("/healthz")).is_success
        except httpx.TransportError:
            return True


def test_too_many_connections_lose_nothing(tmp_path: Path) -> None:
    """Idle connections eat every descriptor: some senders are refused, none is told 2xx in vain.

    What was taken is rung once, if later, since no connection to the agent can be had; the log
    goes on, the process lives, and once the idle ones hang up all is well by itself.
    """
    leads = [phone for phone, _ in zip(phones(), range(30), strict=False)]

    async def scenario() -> None:
        async with site(tmp_path, mapping=f"{CRM}timezone: $.tz\n") as here:
            assert await here.is_ready()  # and a connection that stays
            used = len(os.listdir(f"/proc/{here.process.pid}/fd"))
            with (
                limited(here.process.pid, resource.RLIMIT_NOFILE, used + SPARE),
                _idle_connections(here.process.public, IDLE),
            ):
                assert await _is_refused(here.process.public)  # the limit was really reached
                # over the connection that it had before
                told = {(await here.post(phone)).status_code for phone in leads[:10]}
                assert told == {503}  # the list of time zones cannot be opened
            for phone in leads:
                await here.post_until_taken(phone)
            await here.until_ended()
            first = [call for call in await here.calls() if call["state"] != "ignored"]
            assert {call["phone"]: call["state"] for call in first} == dict.fromkeys(leads, "rung")
            assert sorted(ring.phone for ring in here.mock.rings) == sorted(leads)
            assert await here.is_ready()

    play(scenario)
