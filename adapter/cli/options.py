"""Options that the commands share, the settings alone, and how errors end a command."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from adapter.cli.terminal import say
from adapter.compiler.load_settings import load_settings
from adapter.compiler.yaml.environment import Outside
from adapter.config.config import Config
from adapter.errors import AdapterError, ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])

USAGE = 2


def config_option(command: Command) -> Command:
    """Add `--config FILE`, which ADAPTER_CONFIG sets too."""
    option = click.option(
        "--config",
        "config_path",
        envvar="ADAPTER_CONFIG",
        default="adapter.yaml",
        show_default=True,
        callback=_config_path,
        help="Settings and agents.",
    )
    return option(command)


def _config_path(_: click.Context, parameter: click.Parameter, value: str) -> Path:
    """Return the path, less what is blank at its ends, as with every variable."""
    given = Outside.of(value)
    if given.was_padded:
        say(f"warning: {given.warning(str(parameter.envvar))}", err=True)
    path = Path(given.text)
    if path.is_dir():
        raise click.BadParameter(f"{path} is a folder: name a file, such as {path}/adapter.yaml")
    return path


def unread_config_option(command: Command) -> Command:
    """Add `--config` to a command that does not read it: every command takes it."""
    option = click.option(
        "--config", expose_value=False, help="Ignored: this command reads no settings."
    )
    return option(command)


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def fail(*lines: str) -> NoReturn:
    """Print an error and end with status 2."""
    say(*lines, err=True)
    sys.exit(USAGE)


@contextmanager
def errors_reported() -> Iterator[None]:
    """End the command with status 2 and the error's text, without a traceback."""
    try:
        yield
    except ConfigError as error:
        count = len(error.problems)
        total = f"{count} problem{'s' if count != 1 else ''}; nothing was started."
        fail(*map(str, error.problems), total)
    except AdapterError as error:
        fail(f"error: {error}")


def check_exists(path: Path) -> None:
    """End with status 2 and a way out where there is no such file or folder."""
    if not path.exists():
        fail(
            f"error: there is no {path}: name your settings with --config FILE, or in the "
            "environment as ADAPTER_CONFIG"
        )


def settings_alone(path: Path) -> Config:
    """Return the settings without any agent or mapping: enough to reach the adapter that runs.

    `pause` above all must work while somebody is still mending an agent or a mapping.
    """
    check_exists(path)
    loaded = load_settings(path, os.environ)
    for problem in loaded.problems:
        if not problem.is_warning:
            say(str(problem), err=True)
    if loaded.config is None:
        sys.exit(USAGE)
    return loaded.config


def check_whereabouts(config: Config) -> None:
    """End with status 2 where an unset variable keeps from us which adapter and ledger are meant.

    What stands for it would be another ledger, and the command would seem to have worked.
    """
    if config.unset:
        fail(
            f"error: {', '.join(config.unset)} {'is' if len(config.unset) == 1 else 'are'} unset:"
            " it says where the adapter or its ledger is; set it here, as `serve` has it"
        )


class ListGroup(click.Group):
    """A group of commands of which `list` need not be said: `adapter calls --state held`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of nothing, or of options."""
        is_list = not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names)
        return super().parse_args(ctx, ["list", *args] if is_list else args)
