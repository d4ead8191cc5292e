"""A captured request's parts, as the command line gives them."""

import sys
from pathlib import Path

import click

from adapter.cli.options import fail


def read_payload(file: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`; ends with status 2 on failure."""
    if file == "-":
        if sys.stdin.isatty():
            click.echo("reading from standard input, up to Ctrl-D on a line of its own", err=True)
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        fail(f"error: cannot read {file}: {error.strerror}")


def parse_headers(headers: tuple[str, ...]) -> dict[str, str]:
    """Return `Name: value` options as a map with lower-case names."""
    pairs = {}
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon or not name.strip():
            fail(f"error: --header wants `Name: value`, found {name.strip()!r} without a colon")
        pairs[name.strip().lower()] = value.strip()
    return pairs
