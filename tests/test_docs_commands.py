"""The commands on the pages exist, and every command is on its page."""

import re
from collections.abc import Mapping

import click
import pytest

from adapter.cli import main
from tests.harness.doc_pages import NAMES, blocks, code_spans, prose, table

CLI = "docs/cli.md"


def _commands() -> Mapping[str, click.Command]:
    found: dict[str, click.Command] = {}
    pending: list[tuple[str, click.Command]] = [("adapter", main)]
    while pending:
        name, command = pending.pop()
        found[name] = command
        if isinstance(command, click.Group):
            context = click.Context(command)
            names = command.list_commands(context)
            pending += [(f"{name} {n}", c) for n in names if (c := command.get_command(context, n))]
    return found


COMMANDS = _commands()


def _options(command: click.Command) -> set[str]:
    return {opt for param in command.params for opt in param.opts if opt.startswith("--")}


def _named(line: str) -> tuple[str, click.Command]:
    """Return the command that a line runs."""
    name = "adapter"
    for word in line.split()[1:]:
        if f"{name} {word}" not in COMMANDS:
            break
        name = f"{name} {word}"
    return name, COMMANDS[name]


def test_every_command_and_option_is_documented() -> None:
    """A row a command, and in it all of its options and no other; all take `--config`."""
    rows = {_named(cell)[0]: row for cell, row in table(CLI, "# Command line").items()}
    assert rows.keys() == COMMANDS.keys() - {"adapter"}
    for name, row in rows.items():
        assert set(code_spans(row[2])) == _options(COMMANDS[name]) - {"--config"}, name


def _command_lines() -> list[tuple[str, str]]:
    inline = [(name, span) for name in NAMES for span in code_spans(prose(name))]
    shell = [(b.name, line.strip()) for b in blocks("sh") for line in b.text.splitlines()]
    # `docker exec adapter adapter calls`: what runs inside counts too.
    starts = [
        (name, re.sub(r"^.*(-- |adapter )(?=adapter )", "", line)) for name, line in shell + inline
    ]
    return [(name, line) for name, line in starts if re.match(r"adapter [a-z]", line)]


@pytest.mark.parametrize(("name", "line"), _command_lines())
def test_every_command_on_the_pages_exists(name: str, line: str) -> None:
    """With the options that the page gives it."""
    command, found = _named(line)
    assert command != "adapter", name
    assert set(re.findall(r"--[a-z-]+", line)) <= _options(found) | {"--help"}, name
