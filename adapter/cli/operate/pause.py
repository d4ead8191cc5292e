"""`adapter pause` and `adapter resume`."""

from pathlib import Path

import click

from adapter.cli.client import connected
from adapter.cli.operate.status import AGENT_COLUMNS, SOURCE_COLUMNS, rows_of
from adapter.cli.options import config_option, json_option
from adapter.cli.output import print_rows
from adapter.cli.terminal import print_json, say


@click.command()
@click.argument("agent", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every agent.")
@click.option("--source", help="A source instead of an agent.")
@json_option
@config_option
def pause(
    agent: str | None, is_all: bool, source: str | None, as_json: bool, config_path: Path
) -> None:
    """Let an agent ring nobody, or hold a source's calls, until it is resumed."""
    _switch(agent, is_all, source, "pause", as_json, config_path)


@click.command()
@click.argument("agent", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every agent.")
@click.option("--source", help="A source instead of an agent.")
@json_option
@config_option
def resume(
    agent: str | None, is_all: bool, source: str | None, as_json: bool, config_path: Path
) -> None:
    """Let an agent or a source ring again; held calls pass every gate first.

    The agent was paused, was halted, or has rung as often as its day allows; the source was
    paused, was stopped by a burst, or was denied its look-ups.
    """
    _switch(agent, is_all, source, "resume", as_json, config_path)


def _switch(
    agent: str | None,
    is_all: bool,
    source: str | None,
    action: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Pause or resume one agent, all of them or a source, and print their states."""
    if [agent is not None, is_all, source is not None].count(True) != 1:
        raise click.UsageError("name an agent, or say --all or --source")
    path = f"sources/{source}" if source is not None else f"agents/{agent or '*'}"
    with connected(config_path) as client:
        try:
            status = client.post(f"/api/{path}/{action}")
        except SystemExit:
            if agent in client.get("/api/status")["sources"]:
                say(f"{agent} is a source: --source {agent}", err=True)
            raise
    if as_json:
        print_json(status)
    elif source is not None:
        print_rows(rows_of("source", status["sources"]), SOURCE_COLUMNS)
    else:
        print_rows(rows_of("agent", status["agents"]), AGENT_COLUMNS)
