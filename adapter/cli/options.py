"""What the commands share: `--config`, `--json`, and how errors end a command."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from adapter.compiler.load import load_config, load_settings, load_strict
from adapter.config.config import Config
from adapter.config.source import Source
from adapter.errors import AdapterError, ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])

USAGE = 2
_SOURCES = "ADAPTER_SOURCES"


def config_option(command: Command) -> Command:
    """Add `--config FILE`, which ADAPTER_CONFIG sets too."""
    option = click.option(
        "--config",
        "config_path",
        envvar="ADAPTER_CONFIG",
        default="adapter.yaml",
        show_default=True,
        type=click.Path(path_type=Path, dir_okay=False),
        help="Settings and agents.",
    )
    return option(command)


def unread_config_option(command: Command) -> Command:
    """Add a `--config` that a command takes, as all do, and has no need to read."""
    option = click.option("--config", expose_value=False, help="Not read by this command.")
    return option(command)


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def fail(message: str) -> NoReturn:
    """Print an error and end with status 2."""
    click.echo(message, err=True)
    sys.exit(USAGE)


@contextmanager
def errors_told() -> Iterator[None]:
    """End the command with status 2 and the error's text, without a traceback."""
    try:
        yield
    except ConfigError as error:
        count = len(error.problems)
        fail(f"{error}\n{count} problem{'s' if count != 1 else ''}; nothing was started.")
    except AdapterError as error:
        fail(f"error: {error}")


def check_exists(path: Path) -> None:
    """End with status 2 and a way out where there is no such file or folder."""
    if not path.exists():
        fail(
            f"error: there is no {path}: name your settings with --config FILE, or in the "
            "environment as ADAPTER_CONFIG"
        )


def strict_config(path: Path) -> Config:
    """Return the configuration, or end with every problem and status 2."""
    check_exists(path)
    with errors_told():
        return load_strict(path, os.environ)


def settings_alone(path: Path) -> Config:
    """Return the settings without any mapping: enough to reach the adapter that runs.

    `pause` above all must work while somebody is still mending a mapping.
    """
    check_exists(path)
    loaded = load_settings(path, os.environ)
    for problem in loaded.problems:
        if not problem.is_warning:
            click.echo(str(problem), err=True)
    if loaded.sound is None:
        sys.exit(USAGE)
    return loaded.sound


def settings_config(path: Path, *, warns_of_settings: bool = False) -> Config:
    """Return what is sound of the configuration, even where variables are unset.

    For what rings nobody, and for commands about the ledger of an adapter that does not run. The
    problems of a mapping are told, and it is left out. With `warns_of_settings` it says which of
    the settings are placeholders, since a signature made with one is no use.
    """
    check_exists(path)
    loaded = load_config(path, os.environ, is_lenient=True)
    for problem in loaded.problems:
        if not problem.is_warning or (warns_of_settings and problem.file == str(path)):
            click.echo(str(problem), err=True)
    if loaded.sound is None:
        sys.exit(USAGE)
    return loaded.sound


def source_of(config: Config, name: str) -> Source:
    """Return a source, or end with what became of it or the names that there are, and status 2."""
    source = config.sources.get(name)
    on = [Path(file).stem for file in config.files[2:]]
    if name in config.off:
        fail(f"error: source {name!r} is off: add it to {_chooser(on)}")
    if source is None and name in on:
        fail(f"error: source {name!r} has problems, which are told above: mend them first")
    if source is None:
        fail(f"error: no source {name!r}; there are: {', '.join(sorted(config.sources)) or 'none'}")
    return source


def _chooser(on: list[str]) -> str:
    """Return what says here which sources are on: the environment goes before the file."""
    if os.environ.get(_SOURCES):
        return f"{_SOURCES} in the environment, which is in force and has {', '.join(on) or 'none'}"
    if os.environ.get(f"{_SOURCES}_FILE"):
        return f"the file that {_SOURCES}_FILE in the environment names, which is in force"
    return "`sources` in adapter.yaml"


class ListGroup(click.Group):
    """A group of commands of which `list` need not be said: `adapter calls --state held`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of nothing, or of options."""
        is_list = not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names)
        return super().parse_args(ctx, ["list", *args] if is_list else args)


def print_json(content: object) -> None:
    """Print JSON for a program to read."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))
