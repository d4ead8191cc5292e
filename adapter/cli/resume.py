"""`adapter resume`."""

from pathlib import Path

import click

from adapter.cli.options import config_option, json_option
from adapter.cli.pause import switch


@click.command()
@click.argument("agent", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every agent.")
@json_option
@config_option
def command(agent: str | None, is_all: bool, as_json: bool, config_path: Path) -> None:
    """Let a paused or halted agent ring again; its held calls pass every gate first."""
    switch(agent, is_all, "resume", as_json, config_path)
