"""`adapter status`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from adapter.cli.client import connected
from adapter.cli.options import config_option, json_option
from adapter.cli.output import print_fields, print_rows
from adapter.cli.terminal import print_json, say

AGENT_COLUMNS = ("agent", "state", "halted_by", "full_until", "mode", "in_flight", "retrying")
SOURCE_COLUMNS = ("source", "state", "enabled")


@click.command()
@json_option
@config_option
def command(as_json: bool, config_path: Path) -> None:
    """Show the configuration in force, which agents may ring, and how many calls there are.

    Status 1 where the running adapter refused a changed configuration: the old one goes on.
    """
    with connected(config_path) as client:
        status = client.get("/api/status")
        is_served = client.is_served
    loading = status["config"]
    if as_json:
        print_json(status)
    else:
        say(f"adapter {status['version']}, {'running' if is_served else 'not running'}")
        _print_loading(loading)
        _print_calls(status)
        print_rows(rows_of("agent", status["agents"]), AGENT_COLUMNS)
        print_rows(rows_of("source", status["sources"]), SOURCE_COLUMNS, none="no source is on")
        if status["captures"]:
            print_rows(status["captures"], ("source", "until", "webhooks"))
    sys.exit(1 if loading.get("refused") else 0)


def _print_loading(loading: Mapping[str, Any]) -> None:
    """Print since when the configuration is in force, and why a newer one is not."""
    if not loading:  # nothing runs: it was read just now
        return
    print_fields({"configuration": f"in force since {loading['loaded_at']}"})
    if loading["refused"]:
        say("a changed configuration was refused, and the old one goes on:")
        for problem in loading["refused"]:
            say(f"  {problem}")
    if loading["restart_needed"]:
        print_fields({"restart": f"needed for {', '.join(loading['restart_needed'])}"})


def _print_calls(status: Mapping[str, Any]) -> None:
    counts = [f"{state} {count}" for state, count in status["calls"].items() if count]
    print_fields(
        {
            "calls": ", ".join(counts) or "none",
            "pending": f"{status['pending']} of at most {status['max_pending']}",
        }
    )


def rows_of(column: str, named: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return named values as rows, each with its name in a column."""
    return [{column: name, **row} for name, row in named.items()]
