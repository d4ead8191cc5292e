"""`adapter pause`, and what it shares with `adapter resume`."""

from pathlib import Path

import click

from adapter.cli.client import connected
from adapter.cli.options import config_option, json_option, print_json, settings_config
from adapter.cli.screen import print_rows


@click.command()
@click.argument("agent", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every agent.")
@json_option
@config_option
def command(agent: str | None, is_all: bool, as_json: bool, config_path: Path) -> None:
    """Let an agent ring nobody; its calls are held until it is resumed."""
    switch(agent, is_all, "pause", as_json, config_path)


def switch(agent: str | None, is_all: bool, action: str, as_json: bool, config_path: Path) -> None:
    """Pause or resume one agent or all, and show what they are then."""
    if (agent is None) != is_all:
        raise click.UsageError("name an agent, or say --all")
    with connected(settings_config(config_path)) as client:
        status = client.post(f"/api/agents/{agent or '*'}/{action}")
    if as_json:
        print_json(status)
        return
    rows = [{"agent": name} | row for name, row in status["agents"].items()]
    print_rows(rows, ("agent", "state", "halted_by", "mode", "in_flight"))
