"""`adapter block` and `adapter unblock`."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from adapter.cli.client import connected
from adapter.cli.options import config_option, json_option
from adapter.cli.output import counted, print_rows
from adapter.cli.terminal import print_json, say
from adapter.errors import MappingError
from adapter.values.phone_numbers import read_phone

AT_ONCE = 500


@click.command()
@click.argument("phones", nargs=-1, metavar="[PHONE]...")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A CSV file: its column `phone`, or its first.",
)
@click.option("--note", default="", help="Why they are blocked; --list shows it.")
@click.option("--list", "is_list", is_flag=True, help="Show the blocked numbers.")
@json_option
@config_option
def block(
    phones: tuple[str, ...],
    path: Path | None,
    note: str,
    is_list: bool,
    as_json: bool,
    config_path: Path,
) -> None:
    """Never ring these numbers; their calls that wait or are held end at once."""
    if is_list:
        _show_blocked(as_json, config_path)
        return
    written = [*((repr(phone), phone) for phone in phones), *(_read_rows(path) if path else ())]
    if not written:
        raise click.UsageError("name a number, or a --file of them")
    numbers, faults = _sort_numbers(written)
    total: dict[str, Any] = {"phones": numbers, "added": 0, "calls": 0}
    with connected(config_path) as client:
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            answer = client.post("/api/blocked", {"phones": some, "note": note})
            total |= {key: total[key] + answer[key] for key in ("added", "calls")}
    if as_json:
        print_json(total)
    else:
        say(f"{counted(total['added'], 'number')} blocked, {counted(total['calls'], 'call')} ended")
    _end_with(faults)


@click.command()
@click.argument("phones", nargs=-1, required=True, metavar="PHONE...")
@json_option
@config_option
def unblock(phones: tuple[str, ...], as_json: bool, config_path: Path) -> None:
    """Let blocked numbers be rung again; the calls that a block ended stay as they are."""
    numbers, faults = _sort_numbers((repr(phone), phone) for phone in phones)
    with connected(config_path) as client:
        answer = client.delete("/api/blocked", {"phones": numbers})
    print_json(answer) if as_json else say(f"{counted(answer['removed'], 'number')} unblocked")
    _end_with(faults)


def _show_blocked(as_json: bool, config_path: Path) -> None:
    """Print every blocked number."""
    rows, cursor = list[dict[str, object]](), None
    with connected(config_path) as client:
        while not rows or cursor:
            page = client.get("/api/blocked", limit=AT_ONCE, cursor=cursor)
            rows += page["blocked"]
            cursor = page["next"]
            if cursor is None:
                break
    if as_json:
        print_json({"blocked": rows})
    else:
        print_rows(rows, ("phone", "created_at", "note"))


def _read_rows(path: Path) -> list[tuple[str, str]]:
    """Return where each number of a CSV file stands, and the number as it is written."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    column, first = 0, 0
    if rows and not any(sign.isdigit() for cell in rows[0] for sign in cell):
        names = [cell.strip().casefold() for cell in rows[0]]
        column, first = (names.index("phone") if "phone" in names else 0), 1
    cells = [(n, row[column]) for n, row in enumerate(rows[first:], first + 1) if len(row) > column]
    return [(f"{path}:{number}", cell) for number, cell in cells if cell.strip()]


def _sort_numbers(written: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Return the numbers in E.164, and the faults of the others, by their place."""
    numbers, faults = list[str](), list[str]()
    for place, text in written:
        try:
            numbers.append(read_phone(text, None))
        except MappingError as error:
            faults.append(f"{place}: {error.detail}")
    return list(dict.fromkeys(numbers)), faults


def _end_with(faults: list[str]) -> None:
    """Print the numbers that were left out, and end with status 1 if there are any."""
    for fault in faults:
        say(f"left out: {fault}; write numbers as +12025550123", err=True)
    if faults:
        raise SystemExit(1)
