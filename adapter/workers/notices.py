"""Tells those who wait for a call (`Prefer: wait`) that it has changed."""

import asyncio
from collections import defaultdict


class CallNotices:
    """In-process notices, by call id; a notice that nobody waits for costs one dict look-up."""

    def __init__(self) -> None:
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.is_closed = False

    def close(self) -> None:
        """Wake everybody: the program is stopping, nobody should wait any longer."""
        self.is_closed = True
        for call_id in list(self._waiters):
            self.announce(call_id)

    def announce(self, call_id: str) -> None:
        """Wake everybody who waits for this call."""
        for event in self._waiters.get(call_id, ()):
            event.set()

    def watch(self, call_ids: list[str]) -> "Watch":
        """Start to listen; read the calls' states only afterwards, so that no change is missed."""
        return Watch(self._waiters, call_ids)


class Watch:
    """A context in which changes of some calls can be awaited."""

    def __init__(self, waiters: defaultdict[str, set[asyncio.Event]], call_ids: list[str]) -> None:
        self._waiters = waiters
        self._call_ids = call_ids
        self._event = asyncio.Event()

    def __enter__(self) -> "Watch":
        for call_id in self._call_ids:
            self._waiters[call_id].add(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        for call_id in self._call_ids:
            self._waiters[call_id].discard(self._event)
            if not self._waiters[call_id]:
                del self._waiters[call_id]

    async def changed(self) -> None:
        """Return once any of the calls has changed since the last time."""
        await self._event.wait()
        self._event.clear()
