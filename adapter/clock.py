"""The source of time, chance and ids; all other code takes them as arguments.

The wall clock is held against one that nobody can set. One that jumps ahead makes every lead look
too old, one that jumps back makes a bad hour look good. Until it comes back, or has stood by its
new time for ten minutes, nobody's lead expires and no agent with calling hours rings.
"""

import random
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

DOUBT_S = 60.0
STEADY_FOR_S = 600.0
_SAME_S = 1.0
ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
ID_LENGTH = 26
RANDOM_BITS = 80
# Two characters at a time: ten bits.
_PAIRS = [first + second for first in ID_ALPHABET for second in ID_ALPHABET]
_SHIFTS = range(5 * ID_LENGTH - 10, -10, -10)


def utc_now() -> datetime:
    """Return the wall clock as an aware UTC datetime."""
    return datetime.now(UTC)


def jitter() -> float:
    """Return a random number from 0 up to 1, to spread retries."""
    return random.random()  # noqa: S311 - spreads load, protects nothing


def iso(moment: datetime | None) -> str | None:
    """Write a moment as RFC 3339 in UTC with milliseconds and `Z`; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def steady_s() -> float:
    """Return seconds of a clock that nobody sets and that, on Linux, counts suspended time."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Ids:
    """A maker of ULIDs over a clock: ids that sort by time, and in the order of their making.

    Safe to call from several threads.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """Return an id greater than every earlier one, even if the clock stands or goes back."""
        time_ms = int(self._now().timestamp() * 1000)
        fresh = time_ms << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
        with self._lock:
            if fresh >> RANDOM_BITS <= self._last >> RANDOM_BITS:
                fresh = self._last + 1
            self._last = fresh
        return _encode(fresh)


def first_id(moment: datetime) -> str:
    """Return the least id that can be made from this moment on."""
    return _encode(int(moment.timestamp() * 1000) << RANDOM_BITS)


def _encode(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


class ClockWatch:
    """Follows two clocks; `is_sure` while they go together; `steady_s` counts suspended time."""

    def __init__(self, wall: datetime, steady_s: float) -> None:
        self._trusted_s = wall.timestamp() - steady_s
        self._doubted_s: float | None = None
        self._doubted_since_s = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the wall clock may decide what is too old and what is a good hour."""
        return self._doubted_s is None

    def observe(self, wall: datetime, steady_s: float) -> bool:
        """Compare the clocks once more; return `is_sure`."""
        offset_s = wall.timestamp() - steady_s
        if abs(offset_s - self._trusted_s) <= DOUBT_S:
            self._trust(offset_s)
        elif self._doubted_s is None or abs(offset_s - self._doubted_s) > _SAME_S:
            self._doubted_s, self._doubted_since_s = offset_s, steady_s
        elif steady_s - self._doubted_since_s >= STEADY_FOR_S:
            self._trust(offset_s)
        return self.is_sure

    def _trust(self, offset_s: float) -> None:
        self._trusted_s, self._doubted_s = offset_s, None


class WatchedClock:
    """The clocks of this process, compared whenever somebody asks.

    `wall` is held against `steady`, in seconds, which nobody can set. Whenever doubt begins or
    ends, `on_change` is told whether the clock is sure.
    """

    def __init__(
        self,
        *,
        on_change: Callable[[bool], None],
        wall: Callable[[], datetime] = utc_now,
        steady: Callable[[], float] = steady_s,
    ) -> None:
        self._wall, self._steady, self._on_change = wall, steady, on_change
        self._watch = ClockWatch(wall(), steady())

    def is_sure(self) -> bool:
        """Look at the clocks; tell whether the wall clock may decide about a lead."""
        was_sure = self._watch.is_sure
        is_sure = self._watch.observe(self._wall(), self._steady())
        if is_sure is not was_sure:
            self._on_change(is_sure)
        return is_sure
