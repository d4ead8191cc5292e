"""`adapter schema`."""

import click

from adapter.cli.options import json_option, print_json, unread_config_option
from adapter.config.schema import json_schema


@click.command()
@json_option
@unread_config_option
def command(as_json: bool) -> None:
    """Print the JSON Schema of adapter.yaml and of a mapping file."""
    print_json(json_schema())
