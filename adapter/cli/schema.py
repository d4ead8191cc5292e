"""`adapter schema`."""

import click

from adapter.cli.options import print_json
from adapter.config.schema import json_schema


@click.command()
def command() -> None:
    """Print the JSON Schema of adapter.yaml and of a mapping file."""
    print_json(json_schema())
