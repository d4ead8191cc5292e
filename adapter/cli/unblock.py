"""`adapter unblock`."""

from pathlib import Path
from typing import Any

import click

from adapter.cli.client import connected
from adapter.cli.operate.block import end_with, sort_numbers
from adapter.cli.options import config_option, json_option, print_json, settings_config
from adapter.cli.output import counted


@click.command()
@click.argument("phones", nargs=-1, required=True, metavar="PHONE...")
@json_option
@config_option
def command(phones: tuple[str, ...], as_json: bool, config_path: Path) -> None:
    """Let blocked numbers be rung again; the calls that a block ended stay as they are."""
    numbers, faults = sort_numbers((repr(each), each) for each in phones)
    with connected(settings_config(config_path)) as client:
        answer = client.delete("/api/blocked", {"phones": numbers})
    print_json(answer) if as_json else click.echo(_told(answer))
    end_with(faults)


def _told(answer: dict[str, Any]) -> str:
    return f"{counted(answer['removed'], 'number')} unblocked"
