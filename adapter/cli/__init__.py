"""The command line (SPEC §8). A command's file is imported only when that command runs."""

from importlib import import_module
from importlib.metadata import version

import click

# command → the file that has it; its function is called `command`
_COMMANDS = {
    "serve": "serve",
    "check": "check",
    "try": "trial",
    "send": "send",
    "calls": "calls",
    "webhooks": "webhooks",
    "pause": "pause",
    "resume": "resume",
    "mock-agent": "mock",
    "schema": "schema",
    "migrate": "migrate",
    "demo": "demo",
}


class LazyGroup(click.Group):
    """Imports a command's file on demand, so that `adapter --help` and `adapter try` are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order that a new user needs them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or None if there is no such."""
        if cmd_name not in _COMMANDS:
            return None
        file = import_module(f"adapter.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = file.command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("crm-webhook-adapter"), prog_name="adapter")
def main() -> None:
    """Receive CRM webhooks, sign them, and ring every lead once.

    Exit status: 0 fine, 1 findings or nothing would ring, 2 wrong usage or configuration.
    """
