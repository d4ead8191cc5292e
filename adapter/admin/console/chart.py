"""The chart of a day: from received to rung, by the hour, as lines of an SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log10
from typing import Any

WIDTH, HEIGHT = 720, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 10, 24
_SCALE = (
    *((0.01, "10 ms"), (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min")),
    *((600.0, "10 min"), (3_600.0, "1 h"), (36_000.0, "10 h"), (360_000.0, "100 h")),
)
_HOURS = range(0, 25, 4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line: its name as a class of the style sheet, and its points (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]

    @property
    def path(self) -> str:
        """The points as a polyline has them."""
        return " ".join(f"{x},{y}" for x, y in self.points)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """What is drawn: lines, and the marks of both axes with their places."""

    lines: Sequence[Line]
    lengths: Sequence[tuple[float, str]]
    hours: Sequence[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def chart_of(by_hour: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return the chart of a day's hours, on a scale of logarithms; None where nothing rang."""
    if not by_hour:
        return None
    longest = max(hour["p95_s"] for hour in by_hour)
    shown = next((n for n, (length, _) in enumerate(_SCALE) if length >= longest), len(_SCALE) - 1)
    scale = _SCALE[: max(shown + 1, 3)]
    return Chart(
        lines=[
            Line(
                name=name,
                points=[
                    (_x(datetime.fromisoformat(hour["hour"]).hour + 0.5), _y(hour[key], scale))
                    for hour in by_hour
                ],
            )
            for name, key in (("p50", "p50_s"), ("p95", "p95_s"))
        ],
        lengths=[(_y(length, scale), text) for length, text in scale],
        hours=[(_x(hour), f"{hour:02}:00") for hour in _HOURS],
    )


def _x(hour: float) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * hour / 24, 1)


def _y(seconds: float, scale: Sequence[tuple[float, str]]) -> float:
    lowest, highest = log10(scale[0][0]), log10(scale[-1][0])
    place = (log10(max(seconds, scale[0][0])) - lowest) / (highest - lowest)
    return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(place, 1.0), 1)
