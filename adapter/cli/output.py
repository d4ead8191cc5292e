"""Rows for a person to read: a table as wide as the terminal, or as long as it needs in a pipe."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from adapter.cli.terminal import lines_of, say
from adapter.values.text import escaped

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
        say(none)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(_cell_text(row.get(column))) for column in columns))
    console().print(table)


def counted(number: int, noun: str) -> str:
    """Return `1 call`, `2 calls`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """Return a text from outside for a line with markup, in which it is none."""
    return escape(escaped(text))


def _cell(text: str) -> Text:
    """Return a state's word in its colour; in other text markup means nothing."""
    return Text(escaped(text), style=COLOURS.get(text, ""))


def print_more(command: str, filters: Mapping[str, Any], page: Mapping[str, Any]) -> None:
    """Print the command for the next page, with the filters of this one, if there is a next."""
    if page["next"]:
        said = {name: value for name, value in filters.items() if value is not None}
        words = [f"--{name} {shlex.quote(str(value))}" for name, value in said.items()]
        say(f"more: adapter {command} {' '.join(words)} --cursor {page['next']}")


def print_fields(row: Mapping[str, Any]) -> None:
    """Print one row, a field a line; further lines of a value stand below its first."""
    for name, value in row.items():
        first, *others = lines_of(_cell_text(value))
        say(f"{name:<13} {first}", *(f"{'':<13} {other}" for other in others))


def _cell_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k}={v}" for k, v in value.items())
    return "" if value is None else str(value)
