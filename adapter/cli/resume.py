"""`adapter resume`."""

from pathlib import Path

import click

from adapter.cli.operate.pause import switch
from adapter.cli.options import config_option, json_option


@click.command()
@click.argument("agent", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every agent.")
@click.option("--source", help="A source instead of an agent.")
@json_option
@config_option
def command(
    agent: str | None, is_all: bool, source: str | None, as_json: bool, config_path: Path
) -> None:
    """Let an agent or a source ring again; held calls pass every gate first.

    An agent that was paused, halted, or has rung as often as its day allows; a source that was
    paused, or stopped by a burst.
    """
    switch(agent, is_all, source, "resume", as_json, config_path)
