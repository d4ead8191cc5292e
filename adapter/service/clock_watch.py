"""Whether the wall clock can be believed: it is held against one that nobody can set. Pure.

A wall clock that jumps ahead makes every lead look too old, one that jumps back makes a bad hour
look good. Until it comes back, or has stood by its new time for ten minutes, nobody's lead
expires and no agent with calling hours rings.
"""

from datetime import datetime

DOUBT_S = 60.0
STEADY_FOR_S = 600.0
_SAME_S = 1.0


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
