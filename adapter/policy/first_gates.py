"""The gates that are asked as soon as a call has been mapped: at intake, or after its look-up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapter.config.config import Current
from adapter.model import MappedCall
from adapter.policy.gates import Numbering, Situation, decide_at_intake


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstGates:
    """Asks at once those gates whose answer can be known at once."""

    current: Current
    numbering: Numbering
    is_clock_sure: Callable[[], bool]

    def gated(
        self, call: MappedCall, key: str, now: datetime, *, uncounted_s: float = 0.0
    ) -> MappedCall:
        """Return a mapped call as it is to be stored; `key` tells it from all others.

        `uncounted_s` are the seconds that a stored call was held, which make no lead older.
        """
        config = self.current.config
        agent = config.agents.get(call.agent or "")
        if agent is None:
            return call
        situation = Situation(
            now=now,
            freshness=config.freshness,
            numbering=self.numbering,
            is_clock_sure=self.is_clock_sure(),
        )
        return decide_at_intake(
            call, key=key, agent=agent, situation=situation, uncounted_s=uncounted_s
        )
