"""A day so far as the admin API shows it: counts, and how long leads took to ring."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from adapter.clock import iso
from adapter.ledger.today import Ring, Today


def today_row(today: Today, began_at: datetime) -> dict[str, Any]:
    """Return the counts of a day and, whole and by the hour, the seconds from received to rung."""
    rings = sorted(today.rings, key=_moment)
    return {
        "since": iso(began_at),
        "calls": [asdict(count) for count in today.calls],
        "webhooks": [asdict(count) for count in today.webhooks],
        "received_to_rung": latency_row(rings),
        "by_hour": [
            {"hour": iso(hour), **latency_row(list(rung))} for hour, rung in groupby(rings, _hour)
        ],
    }


def latency_row(rings: Sequence[Ring]) -> dict[str, Any]:
    """Return how many rang, and within how many seconds a half of them and 95 of 100 did."""
    lengths = sorted(ring.after_s for ring in rings)
    return {
        "rung": len(lengths),
        "p50_s": _percentile(lengths, 50),
        "p95_s": _percentile(lengths, 95),
    }


def _percentile(lengths: Sequence[float], percent: int) -> float | None:
    """Return the nearest rank of sorted lengths; None where there are none."""
    return lengths[-(-len(lengths) * percent // 100) - 1] if lengths else None


def _moment(ring: Ring) -> datetime:
    return ring.at


def _hour(ring: Ring) -> datetime:
    return ring.at.replace(minute=0, second=0, microsecond=0)
