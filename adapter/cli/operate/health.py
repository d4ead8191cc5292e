"""`adapter health`."""

import os
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import click

from adapter.cli.options import config_option
from adapter.cli.terminal import say
from adapter.compiler.load_settings import load_settings
from adapter.config.config import Config
from adapter.values.units import reach_url

_TIMEOUT_S = 2.0


@click.command()
@config_option
def command(config_path: Path) -> None:
    """Ask the adapter of this machine whether it lives, as a container's health check does.

    At the address of `listen`, whatever proxies the environment has. Status 1 where it does not.
    """
    # One that runs goes on when somebody spoils the file: that alone makes nobody ill.
    loaded = load_settings(config_path, os.environ, keys=("listen",))
    url = reach_url((loaded.config or Config()).listen)
    problem = _problem(url)
    say(f"{url}/healthz: {problem or 'it lives'}", err=bool(problem))
    sys.exit(1 if problem else 0)


def _problem(url: str) -> str:
    """Return what is wrong with the answer, or "" for a good one."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"no answer: {getattr(error, 'strerror', None) or type(error).__name__}"
    finally:
        connection.close()
    return "" if status == 200 else f"the answer has status {status}"
