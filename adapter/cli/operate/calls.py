"""`adapter calls`."""

from pathlib import Path
from typing import Any

import click

from adapter.admin.meanings import meaning_of_reason, meaning_of_state
from adapter.cli.client import connected
from adapter.cli.options import ListGroup, config_option, json_option
from adapter.cli.output import print_fields, print_more, print_rows
from adapter.cli.terminal import print_json, say

_COLUMNS = ("id", "state", "reason", "agent", "phone", "source", "attempts", "updated_at")


@click.group(cls=ListGroup)
def command() -> None:
    """See calls, replay them, say what became of an uncertain one."""


@command.command("list")
@click.option("--state")
@click.option("--source")
@click.option("--agent")
@click.option("--phone")
@click.option("--reason")
@click.option("--since", help="RFC 3339 time.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@click.option("--cursor", help="Where the last page ended.")
@json_option
@config_option
def list_calls(
    config_path: Path,
    as_json: bool,
    limit: int,
    state: str | None,
    source: str | None,
    agent: str | None,
    phone: str | None,
    reason: str | None,
    since: str | None,
    cursor: str | None,
) -> None:
    """List calls, newest first."""
    filters = {
        "state": state,
        "source": source,
        "agent": agent,
        "phone": phone,
        "reason": reason,
        "since": since,
        "limit": limit,
    }
    with connected(config_path) as client:
        page = client.get("/api/calls", **filters, cursor=cursor)
    if as_json:
        print_json(page)
        return
    print_rows(page["calls"], _COLUMNS)
    print_more("calls list", filters, page)


@command.command("show")
@click.argument("call_id")
@json_option
@config_option
def show(call_id: str, as_json: bool, config_path: Path) -> None:
    """Show one call and its attempts."""
    with connected(config_path) as client:
        call = client.get(f"/api/calls/{call_id}")
    if as_json:
        print_json(call)
        return
    attempts = call.pop("attempts")
    print_fields(call | _explained(call))
    print_rows(attempts, ("number", "started_at", "ended_at", "outcome", "http_status", "code"))


def _explained(call: dict[str, Any]) -> dict[str, str]:
    """Return what the call's state and reason mean, and what to do."""
    reason = meaning_of_reason(call["state"], call["reason"])
    told = {"means": f"{meaning_of_state(call['state']).says} {reason.says}", "to do": reason.cure}
    return {name: text for name, text in told.items() if text}


@command.command("replay")
@click.argument("call_ids", nargs=-1, required=True)
@json_option
@config_option
def replay(call_ids: tuple[str, ...], as_json: bool, config_path: Path) -> None:
    """Map calls anew and send them through every gate again."""
    with connected(config_path) as client:
        calls = [client.post(f"/api/calls/{call_id}/replay") for call_id in call_ids]
    if as_json:
        print_json({"calls": calls})
        return
    print_rows(calls, _COLUMNS)
    print_warnings(calls)


@command.command("resolve")
@click.argument("call_id")
@click.option("--rung", "as_rung", flag_value="rung", help="It rang.")
@click.option("--not-rung", "as_rung", flag_value="not_rung", help="It did not ring.")
@click.option("--note", default="", help="Who said so, or how you know.")
@json_option
@config_option
def resolve(call_id: str, as_rung: str | None, note: str, as_json: bool, config_path: Path) -> None:
    """Say whether an uncertain call rang."""
    if as_rung is None:
        raise click.UsageError("say --rung or --not-rung")
    with connected(config_path) as client:
        call = client.post(f"/api/calls/{call_id}/resolve", {"as": as_rung, "note": note})
    print_json(call) if as_json else print_rows([call], _COLUMNS)


def print_warnings(calls: list[dict[str, object]]) -> None:
    """Say which of the calls were not replayed, and which may have rung before."""
    for call in calls:
        if call["conflict"]:
            say(f"not replayed: {call['id']}: {call['conflict']}", err=True)
        elif call["may_have_rung"]:
            say(f"warning: {call['id']} may have rung before; it may ring again", err=True)
