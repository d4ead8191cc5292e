"""ULIDs: ids that sort by time, and in the order of their making within a process."""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LENGTH = 26
RANDOM_BITS = 80
# Two characters at a time: ten bits.
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_SHIFTS = range(5 * LENGTH - 10, -10, -10)


class Ids:
    """A maker of ids over a clock; safe to call from several threads."""

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


def _encode(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
