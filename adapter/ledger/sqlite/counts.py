"""How many calls are in each state, by agent: kept in memory, changed only after a commit."""

import threading
from collections import Counter
from collections.abc import Mapping

from adapter.model import PENDING, State

Counts = Mapping[tuple[str | None, State], int]


class Tally:
    """Counts of calls; written by the writer's thread, read by any."""

    def __init__(self, counts: Counts) -> None:
        self._counts: Counter[tuple[str | None, State]] = Counter()
        self._lock = threading.Lock()
        self.pending = 0
        self.apply(counts)

    def apply(self, changes: Counts) -> None:
        """Add the changes of a transaction that has been committed."""
        with self._lock:
            for key, change in changes.items():
                self._counts[key] += change
                if key[1] in PENDING:
                    self.pending += change

    def by_state(self) -> dict[State, int]:
        """Return the count of each state, zeros included."""
        counts = dict.fromkeys(State, 0)
        with self._lock:
            for (_, state), count in self._counts.items():
                counts[state] += count
        return counts

    def by_agent(self) -> dict[str, dict[State, int]]:
        """Return by agent the count of each state; calls without an agent are not here."""
        counts: dict[str, dict[State, int]] = {}
        with self._lock:
            for (agent, state), count in self._counts.items():
                if agent is not None:
                    counts.setdefault(agent, dict.fromkeys(State, 0))[state] += count
        return counts
