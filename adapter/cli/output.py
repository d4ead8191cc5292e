"""Rows for a person to read: a table as wide as the terminal, or as long as it needs in a pipe."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

COLOURS = {
    "rung": "green",
    "waiting": "cyan",
    "sending": "cyan",
    "held": "yellow",
    "uncertain": "bold yellow",
    "failed": "red",
    "refused": "red",
    "ignored": "dim",
    "mapped": "green",
}


def console() -> Console:
    """Return where tables go: the terminal, or a pipe without folding."""
    return Console(width=None if sys.stdout.isatty() else 200, highlight=False, soft_wrap=True)


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, none: str = "none"
) -> None:
    """Print some columns of the rows, or `none` where there are no rows."""
    if not rows:
        click.echo(none)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(coloured(_cell_text(row.get(column))) for column in columns))
    console().print(table)


def counted(number: int, noun: str) -> str:
    """Return `1 call`, `2 calls`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def coloured(text: str) -> str:
    """Return a state's word in its colour, other text as it is, safe from markup."""
    safe = text.replace("[", "\\[")
    return f"[{COLOURS[text]}]{text}[/]" if text in COLOURS else safe


def print_more(command: str, filters: Mapping[str, Any], page: Mapping[str, Any]) -> None:
    """Print the command for the next page, with the filters of this one, if there is a next."""
    if page["next"]:
        said = {name: value for name, value in filters.items() if value is not None}
        words = [f"--{name} {shlex.quote(str(value))}" for name, value in said.items()]
        click.echo(f"more: adapter {command} {' '.join(words)} --cursor {page['next']}")


def print_fields(row: Mapping[str, Any]) -> None:
    """Print one row, a field a line."""
    for name, value in row.items():
        click.echo(f"{name:<13} {_cell_text(value)}")


def _cell_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k}={v}" for k, v in value.items())
    return "" if value is None else str(value)
