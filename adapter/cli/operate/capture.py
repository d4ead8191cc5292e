"""`adapter capture`."""

from pathlib import Path
from typing import Any

import click

from adapter.cli.client import connected
from adapter.cli.options import config_option, json_option
from adapter.cli.output import print_rows
from adapter.cli.terminal import print_json, say

_COLUMNS = ("source", "until", "webhooks")


@click.command()
@click.argument("name", required=False)
@click.option("--for", "span", help="How long it is open: 1h if not said, at most 24h.")
@click.option("--close", "is_close", is_flag=True, help="End it before its time.")
@json_option
@config_option
def command(
    name: str | None, span: str | None, is_close: bool, as_json: bool, config_path: Path
) -> None:
    """Open a URL for a source that has no mapping yet, and store what comes; it never rings.

    Without NAME, list what is open. A new capture of a name ends the one before.
    """
    if name is None and (span is not None or is_close):
        raise click.UsageError("name a source: `adapter capture NAME`")
    if span is not None and is_close:
        raise click.UsageError("say --for or --close, not both")
    with connected(config_path) as client:
        if name is None:
            answer = client.get("/api/captures")
        elif is_close:
            answer = client.delete("/api/captures", {"source": name})
        else:
            wanted = {"source": name} if span is None else {"source": name, "for": span}
            answer = client.post("/api/captures", wanted)
    if as_json:
        print_json(answer)
    elif name is None:
        print_rows(answer["captures"], _COLUMNS)
    elif is_close:
        say(f"the capture of {name} is closed")
    else:
        _print_opened(
            answer, has_public_url=bool(client.config.public_url), is_served=client.is_served
        )


def _print_opened(opened: dict[str, Any], *, has_public_url: bool, is_served: bool) -> None:
    name = opened["source"]
    say(opened["url"])
    say(f"open until {opened['until']}; the URL is shown this once, and no webhook to it rings")
    if not has_public_url:
        say("`public_url` is not set: give the CRM your own host in front of /hooks", err=True)
    if not is_served:
        say("no adapter is running: start it with `adapter serve`", err=True)
    say("1. point the CRM at this URL, and let it send")
    say(f"2. adapter webhooks list --source {name}")
    say(f"3. adapter new {name} --from WEBHOOK_ID")
