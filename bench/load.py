"""The load generator: so many keep-alive connections, each sending on when it has its answer.

Bounded in count by the requests and in time by `limit_s`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httptools

DRAIN_S = 1.0


class LoadError(Exception):
    """The program under load did not answer as it should; the message says how."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What came back: how long it all took, each answer's latency, and the count of statuses."""

    started_at_s: float
    took_s: float
    latencies_s: Sequence[float]
    statuses: Counter[int]

    @property
    def accepted(self) -> int:
        """How many were answered with a 2xx."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)

    def percentile_s(self, percent: float) -> float:
        """Return the latency that so many percent of the answers stayed within."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class _Pace:
    """When the next request is due, by the loop's clock: at once, or so many a second."""

    def __init__(self, per_s: float | None) -> None:
        self._every_s = 1 / per_s if per_s else None
        self._next_s = asyncio.get_running_loop().time()

    def due_s(self) -> float:
        """Return it; a late request counts from when it was due, so waiting is not left out."""
        if self._every_s is None:
            return asyncio.get_running_loop().time()
        due_s, self._next_s = self._next_s, self._next_s + self._every_s
        return due_s


class _Connection(asyncio.Protocol):
    """One connection: requests out, whole answers in."""

    def __init__(self, requests: Iterator[bytes], pace: _Pace) -> None:
        self._requests = requests
        self._pace = pace
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at_s = 0.0
        self._transport: asyncio.Transport | None = None
        self.latencies_s: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; `send_next` starts."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Feed the parser, which calls `on_message_complete`."""
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the run, unless it is over."""
        if not self.ended.done():
            self.ended.set_exception(LoadError(f"a connection was closed early: {error}"))

    def on_message_complete(self) -> None:
        """Note one answer and send the next request."""
        self.latencies_s.append(time.monotonic() - self._sent_at_s)
        self.statuses[self._parser.get_status_code()] += 1
        self._parser = httptools.HttpResponseParser(self)
        self.send_next()

    def send_next(self) -> None:
        """Send the next request, or end."""
        request = next(self._requests, None)
        if request is None:
            if not self.ended.done():
                self.ended.set_result(None)
            return
        self._sent_at_s = self._pace.due_s()
        asyncio.get_running_loop().call_at(self._sent_at_s, self._send, request)

    def _send(self, request: bytes) -> None:
        assert self._transport is not None
        self._transport.write(request)

    def close(self) -> None:
        """Let go."""
        if self._transport is not None:
            self._transport.close()


async def load(
    address: tuple[str, int],
    requests: Sequence[bytes],
    *,
    connections: int,
    limit_s: float,
    per_s: float | None = None,
) -> Answers:
    """Send all requests, as fast as they are answered or `per_s`.

    LoadError when `limit_s` passes or a connection breaks.
    """
    loop = asyncio.get_running_loop()
    left, pace = iter(requests), _Pace(per_s)
    opened: list[_Connection] = []
    try:
        async with asyncio.timeout(limit_s):
            while len(opened) < min(connections, len(requests)):
                made = await loop.create_connection(lambda: _Connection(left, pace), *address)
                opened.append(made[1])
            started_at_s, started = time.time(), time.monotonic()
            for connection in opened:
                connection.send_next()
            await asyncio.gather(*(connection.ended for connection in opened))
            took_s = time.monotonic() - started
    except TimeoutError:
        raise LoadError(
            f"not all {len(requests)} requests were answered in {limit_s:g} s"
        ) from None
    finally:
        for connection in opened:
            connection.close()
    return Answers(
        started_at_s=started_at_s,
        took_s=took_s,
        latencies_s=[each for connection in opened for each in connection.latencies_s],
        statuses=sum((connection.statuses for connection in opened), Counter()),
    )
