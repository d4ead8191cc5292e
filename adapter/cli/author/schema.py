"""`adapter schema`."""

import click

from adapter.cli.options import json_option, unread_config_option
from adapter.cli.terminal import print_json
from adapter.compiler.json_schema import ADAPTER_YAML, MAPPING, json_schema


@click.command()
@click.option(
    "--for",
    "file",
    type=click.Choice([ADAPTER_YAML, MAPPING]),
    help="Print the schema of one of the two alone.",
)
@json_option
@unread_config_option
def command(file: str | None, as_json: bool) -> None:
    """Print the JSON Schema of adapter.yaml and of a mapping file."""
    schemas = json_schema()
    print_json(schemas[file] if file else schemas)
