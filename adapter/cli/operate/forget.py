"""`adapter forget`."""

from pathlib import Path

import click

from adapter.cli.client import connected
from adapter.cli.options import config_option, json_option
from adapter.cli.output import counted
from adapter.cli.terminal import print_json, say


@click.command()
@click.argument("phone")
@json_option
@config_option
def command(phone: str, as_json: bool, config_path: Path) -> None:
    """Erase a person: number, variables and raw webhooks; calls that wait are not rung."""
    with connected(config_path) as client:
        answer = client.post("/api/forget", {"phone": phone})
    if as_json:
        print_json(answer)
        return
    calls, webhooks = counted(answer["calls"], "call"), counted(answer["webhooks"], "webhook")
    say(f"{calls} and {webhooks} erased")
