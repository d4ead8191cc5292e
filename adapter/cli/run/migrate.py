"""`adapter migrate`."""

from pathlib import Path

import click

from adapter.cli.configuration import strict_config
from adapter.cli.options import config_option, errors_reported
from adapter.cli.terminal import say
from adapter.clock import utc_now
from adapter.ledger.ledger import Ledger


@click.command()
@config_option
def command(config_path: Path) -> None:
    """Bring the ledger's schema up to date; `serve` does so itself on SQLite."""
    config = strict_config(config_path)
    with errors_reported():
        Ledger.open(config.database, now=utc_now).close()
    say("the ledger is up to date")
