"""Figures as tables on the screen."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bench.relay import Round, middle

# Column → the figure's name in a round, and how it is written.
_FIGURES = {
    "accepted/s": ("accepted_per_s", ",.0f"),
    "relayed/s": ("relayed_per_s", ",.0f"),
    "p50 ms": ("p50_ms", ",.1f"),
    "p99 ms": ("p99_ms", ",.1f"),
    "CPU ms each": ("cpu_ms_each", ".2f"),
    "peak MiB": ("peak_mib", ",.0f"),
}


def print_rounds(rounds: Mapping[str, Sequence[Round]]) -> None:
    """Print each contestant's medians, and the ratio of the first to each other one."""
    table = _table("medians", *_FIGURES)
    for name, each in rounds.items():
        medians = {figure: middle(each, figure) for figure, _ in _FIGURES.values()}
        table.add_row(name, *(f"{medians[f]:{style}}" for f, style in _FIGURES.values()))
    first, *others = rounds
    for other in others:
        ratios = (
            middle(rounds[first], figure) / (middle(rounds[other], figure) or 1)
            for figure, _ in _FIGURES.values()
        )
        table.add_row(f"{first} : {other}", *(f"{ratio:.2f}" for ratio in ratios), style="bold")
    Console().print(table)


def print_grid(title: str, unit: str, grid: Mapping[str, Mapping[int, float]]) -> None:
    """Print rates by row and column; in brackets, the ratio to the first row."""
    first = next(iter(grid.values()))
    table = _table(title, *(f"{column} {unit}" for column in first))
    for name, rates in grid.items():
        cells = (f"{rate:,.0f} ({rate / first[column]:.2f})" for column, rate in rates.items())
        table.add_row(name, *cells)
    Console().print(table)


def print_column(title: str, unit: str, figures: Mapping[str, float]) -> None:
    """Print one figure a row; in brackets, the ratio to the first row."""
    first = next(iter(figures.values()))
    table = _table(title, unit)
    for name, figure in figures.items():
        table.add_row(name, f"{figure:,.0f} ({figure / first:.2f})")
    Console().print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title, box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="right")
    return table
