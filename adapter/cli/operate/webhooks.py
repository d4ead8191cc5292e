"""`adapter webhooks`."""

from pathlib import Path
from typing import Any

import click

from adapter.cli.client import connected
from adapter.cli.operate.calls import print_warnings
from adapter.cli.options import ListGroup, config_option, json_option
from adapter.cli.output import print_fields, print_more, print_rows
from adapter.cli.terminal import print_json

_COLUMNS = ("id", "state", "reason", "source", "received_at")
_CALL_COLUMNS = ("id", "state", "reason", "agent", "phone", "attempts")


@click.group(cls=ListGroup)
def command() -> None:
    """See webhooks as they were stored, and replay them after mending a mapping."""


@command.command("list")
@click.option("--state")
@click.option("--source")
@click.option("--phone")
@click.option("--reason")
@click.option("--since", help="RFC 3339 time.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@click.option("--cursor", help="Where the last page ended.")
@json_option
@config_option
def list_webhooks(
    config_path: Path,
    as_json: bool,
    limit: int,
    state: str | None,
    source: str | None,
    phone: str | None,
    reason: str | None,
    since: str | None,
    cursor: str | None,
) -> None:
    """List webhooks, newest first."""
    filters = {
        "state": state,
        "source": source,
        "phone": phone,
        "reason": reason,
        "since": since,
        "limit": limit,
    }
    with connected(config_path) as client:
        page = client.get("/api/webhooks", **filters, cursor=cursor)
    if as_json:
        print_json(page)
        return
    print_rows(page["webhooks"], _COLUMNS)
    print_more("webhooks list", filters, page)


@command.command("show")
@click.argument("webhook_id")
@json_option
@config_option
def show(webhook_id: str, as_json: bool, config_path: Path) -> None:
    """Show one webhook as stored, and its calls."""
    with connected(config_path) as client:
        webhook = client.get(f"/api/webhooks/{webhook_id}")
    if as_json:
        print_json(webhook)
        return
    calls, headers = webhook.pop("calls"), webhook.pop("headers")
    body: dict[str, Any] = {
        name: webhook.pop(name) for name in ("body", "body_base64") if name in webhook
    }
    print_fields(webhook)
    for n, (name, value) in enumerate(headers):
        print_fields({"" if n else "headers": f"{name}: {value}"})
    print_fields(body)
    print_rows(calls, _CALL_COLUMNS, none="no calls")


@command.command("replay")
@click.argument("webhook_ids", nargs=-1, required=True)
@json_option
@config_option
def replay(webhook_ids: tuple[str, ...], as_json: bool, config_path: Path) -> None:
    """Map webhooks anew and send their calls through every gate again."""
    with connected(config_path) as client:
        webhooks = [client.post(f"/api/webhooks/{webhook_id}/replay") for webhook_id in webhook_ids]
    if as_json:
        print_json({"webhooks": webhooks})
        return
    calls = [call for webhook in webhooks for call in webhook["calls"]]
    print_rows(calls, _CALL_COLUMNS)
    print_warnings(calls)
