"""The plot of a run, as README shows it: three panels of bars, a contestant a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from bench.contestants import ADAPTER
from bench.results import Entry, Results, Spread

NAME = "latest.png"
_SCALE = 2  # drawn at twice the size, for dense screens
_LEFT, _PANEL, _GAP, _ROW, _TOP, _BOTTOM = 170, 250, 40, 30, 70, 54
_INK, _PALE, _OURS, _THEIRS, _BAD = "#24292f", "#8c959f", "#1f6feb", "#b6bec9", "#cf222e"
# A bar that is longer than so many times ours is cut: the slowest would hide all others.
_CUT = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """A figure of every contestant: its heading, how it is read, and the colour of each bar."""

    title: str
    figure: Callable[[Entry], Spread]
    style: str
    colour: Callable[[str, float], str]


def _by_name(name: str, _: float) -> str:
    return _OURS if name == ADAPTER.name else _THEIRS


def _by_rings(name: str, rings: float) -> str:
    return _BAD if rings > 1 else _by_name(name, rings)


def _worst_rings(entry: Entry) -> Spread:
    each = [rings.per_lead for rings in entry.rings.values()]
    return Spread(median=max(each), low=min(each), high=max(each))


PANELS = (
    Panel(
        title="leads relayed per second",
        figure=lambda entry: entry.spread("relayed_warm"),
        style=",.0f",
        colour=_by_name,
    ),
    Panel(
        title="CPU per lead, ms",
        figure=lambda entry: entry.spread("cpu_warm"),
        style=".2f",
        colour=_by_name,
    ),
    Panel(
        title="rings per lead, worst of 4 misfortunes",
        figure=_worst_rings,
        style=".2f",
        colour=_by_rings,
    ),
)


def draw(results: Results) -> Image.Image:
    """Return the plot of a run; a contestant that did not run has its row, and no bars."""
    entries = results.entries
    width = _LEFT + len(PANELS) * (_PANEL + _GAP)
    height = _TOP + _ROW * len(entries) + _BOTTOM
    image = Image.new("RGB", (width * _SCALE, height * _SCALE), "white")
    canvas = _Canvas(image)
    canvas.write(
        12, 10, "One process, 64 connections; medians of warm rounds, with their spread", 15
    )
    for row, (name, entry) in enumerate(entries.items()):
        y = _TOP + row * _ROW
        canvas.write(12, y + 5, name, 13, _OURS if name == ADAPTER.name else _INK)
        if entry.missing:
            canvas.write(_LEFT, y + 5, "missing", 13, _PALE)
    ran = {name: entry for name, entry in entries.items() if not entry.missing}
    rows = {name: row for row, name in enumerate(entries)}
    for number, panel in enumerate(PANELS):
        _draw_panel(canvas, _LEFT + number * (_PANEL + _GAP), panel, ran, rows)
    _draw_foot(canvas, height, results.where)
    return image


class _Canvas:
    """An image to draw on in points, whatever its scale."""

    def __init__(self, image: Image.Image) -> None:
        self._draw = ImageDraw.Draw(image)

    def write(self, x: float, y: float, text: str, size: int, ink: str = _INK) -> None:
        """Write a line of text, its upper left corner here."""
        font = ImageFont.load_default(size * _SCALE)
        self._draw.text((x * _SCALE, y * _SCALE), text, fill=ink, font=font)

    def box(self, left: float, top: float, right: float, bottom: float, ink: str) -> None:
        """Fill a box."""
        self._draw.rectangle([edge * _SCALE for edge in (left, top, right, bottom)], fill=ink)


def _draw_panel(
    canvas: _Canvas,
    left: float,
    panel: Panel,
    entries: Mapping[str, Entry],
    rows: Mapping[str, int],
) -> None:
    canvas.write(left, _TOP - 28, panel.title, 13, _PALE)
    spreads = {name: panel.figure(entry) for name, entry in entries.items()}
    longest = _longest(spreads)
    for name, spread in spreads.items():
        y = _TOP + rows[name] * _ROW
        points = [min(figure / longest, 1) * (_PANEL - 60) for figure in _figures(spread)]
        low, middle, high = (left + point for point in points)
        canvas.box(left, y + 5, max(middle, left + 1), y + 21, panel.colour(name, spread.median))
        if spread.low < spread.high:
            canvas.box(low, y + 12, high, y + 14, _INK)
        is_cut = " (cut)" if spread.median > longest else ""
        canvas.write(max(middle, high) + 5, y + 5, f"{spread.median:{panel.style}}{is_cut}", 12)


def _figures(spread: Spread) -> Sequence[float]:
    return spread.low, spread.median, spread.high


def _longest(spreads: Mapping[str, Spread]) -> float:
    """Return the figure that fills a panel."""
    ours = spreads.get(ADAPTER.name)
    longest = max((spread.high for spread in spreads.values()), default=1.0)
    return min(longest, ours.high * _CUT) if ours else longest


def _draw_foot(canvas: _Canvas, height: float, where: Mapping[str, str]) -> None:
    stored = "The adapter stores each lead with fsync before it answers; the others store nothing."
    canvas.write(12, height - 44, stored, 12, _PALE)
    canvas.write(
        12, height - 24, f"{where['date']} / {where['machine']} / {where['python']}", 12, _PALE
    )
