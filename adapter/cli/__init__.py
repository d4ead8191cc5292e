"""The command line (contract §8). A command's file is imported only when that command runs."""

from difflib import get_close_matches
from importlib import import_module

import click

# command → the file that has it, with the function unless that is `command`, and its help
_COMMANDS = {
    "demo": ("run.demo", "See it work, on this machine only."),
    "serve": ("run.serve", "Receive webhooks and ring agents."),
    "check": ("author.check", "Find every problem in settings and mappings; run the examples."),
    "new": ("author.new", "Draft a mapping from a captured request."),
    "try": ("author.try_", "Show what a captured request would ring, dry."),
    "send": ("author.send", "Post a captured request to the running adapter."),
    "capture": ("operate.capture", "Look at what a source without a mapping sends; rings nobody."),
    "status": ("operate.status", "Show the configuration in force, agents, sources and counts."),
    "health": ("operate.health", "Ask whether the adapter of this machine lives."),
    "calls": ("operate.calls", "See, replay and resolve calls."),
    "webhooks": ("operate.webhooks", "See and replay webhooks."),
    "pause": ("operate.pause:pause", "Let an agent ring nobody."),
    "resume": ("operate.pause:resume", "Let a paused or halted agent ring again."),
    "block": ("operate.block:block", "Never ring a number."),
    "unblock": ("operate.block:unblock", "Let a blocked number be rung again."),
    "forget": ("operate.forget", "Erase a person from the ledger."),
    "mock-agent": ("run.mock_agent", "Stand in for VoiceB on this machine."),
    "schema": ("author.schema", "Print the JSON Schema of both files."),
    "backup": ("operate.copies:backup", "Copy the ledger, also while an adapter runs."),
    "restore": ("operate.copies:restore_command", "Put a backup back; all agents are paused."),
    "migrate": ("run.migrate", "Bring the ledger's schema up to date."),
}


class LazyGroup(click.Group):
    """Imports a command's file on demand, so that `adapter --help` and `adapter try` are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order that a new user needs them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or None if none has this name."""
        if cmd_name not in _COMMANDS:
            return None
        file, _, function = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(
            import_module(f"adapter.cli.{file}"), function or "command"
        )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; for one mistyped, say the nearest."""
        near = get_close_matches(args[0], _COMMANDS, n=1)
        if args[0] not in _COMMANDS and near:
            ctx.fail(f"no command {args[0]!r}; did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crm-webhook-adapter", prog_name="adapter")
def main() -> None:
    """Receive CRM webhooks, sign them, and ring every lead once.

    Exit status: 0 fine, 1 findings or nothing would ring, 2 wrong usage or configuration.
    """
