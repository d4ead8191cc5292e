"""`adapter try`."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from adapter.admin.trial_request import build_request
from adapter.agent import Agent
from adapter.authoring.trial import TriedCall, try_request
from adapter.cli.author.sample import parse_headers, read_payload, read_sample
from adapter.cli.author.try_output import trial_lines
from adapter.cli.configuration import sound_config, source_of
from adapter.cli.options import config_option, fail, json_option
from adapter.cli.terminal import print_json, say, shell_word
from adapter.config.source import Source
from adapter.errors import IntakeError
from adapter.model import State
from adapter.webhook.formats.json import json_document


@click.command()
@click.argument("source")
@click.argument("file", default="-")
@click.option("--content-type", default="", help="How to read the body; guessed if not given.")
@click.option("--header", "headers", multiple=True, help="A request header, `Name: value`.")
@click.option("--query", default="", help="The query string, without `?`.")
@click.option("--method", default="POST", show_default=True)
@click.option("--lookup", "lookup_file", help="A JSON file: the answer to the look-up.")
@click.option("--curl", "as_curl", is_flag=True, help="Print the signed calls as curl commands.")
@click.option("--verbose", "-v", "is_verbose", is_flag=True, help="Show every part and step.")
@json_option
@config_option
def command(
    source: str,
    file: str,
    content_type: str,
    headers: tuple[str, ...],
    query: str,
    method: str,
    lookup_file: str | None,
    as_curl: bool,
    is_verbose: bool,
    as_json: bool,
    config_path: Path,
) -> None:
    """Show what a captured request would ring, without storing or sending anything.

    FILE holds the raw body, a HAR file or a curl command, or is the id of a stored webhook; `-`
    reads standard input. The source's auth is not checked, and no look-up is made: --lookup gives
    the answer that one would have.
    """
    config = sound_config(config_path, warns_of_settings=True)
    mapping = source_of(config, source)
    given = parse_headers(headers)
    kind = content_type or given.get("content-type", "")
    if method.upper() == "GET":
        sample = build_request(method="GET", query="", headers={}, content_type=kind, body=b"")
    else:
        sample = read_sample(file, kind, config)
    request = replace(
        sample,
        method=method.upper() if sample.method != "GET" else "GET",
        query=query or sample.query,
        headers=(*(pair for pair in sample.headers if pair[0] not in given), *given.items()),
    )
    lookup = None if lookup_file is None else _answer_in(lookup_file, mapping)
    trial = try_request(config, mapping, request, lookup=lookup)
    if as_json:
        print_json(trial.as_json())
    elif as_curl:
        _print_curl(config.agents, trial.calls)
    else:
        for line in trial_lines(trial, is_verbose=is_verbose):
            say(line)
    sys.exit(0 if any(call.state is State.WAITING for call in trial.calls) else 1)


def _answer_in(file: str, source: Source) -> Any:
    if not source.mapping.lookups:
        say(f"--lookup is ignored: the mapping of {source.name} has no `lookup`", err=True)
    try:
        answer = json_document(read_payload(file), None)
    except IntakeError as error:
        fail(f"error: --lookup {file}: {error.detail}")
    return {} if answer is None else answer


def _print_curl(agents: Mapping[str, Agent], calls: Iterable[TriedCall]) -> None:
    posts = [
        (agents[call.agent], call.headers, call.body)
        for call in calls
        if call.agent is not None and call.headers is not None and call.body is not None
    ]
    if not posts:
        fail("nothing would be sent: leave out --curl to see why")
    for agent, headers, body in posts:
        say(
            f"curl -X POST {shell_word(agent.endpoint)} \\",
            '  -H "api-key: $API_KEY" \\',
            f"  -H 'signature: {headers['signature']}' \\",
            "  -H 'content-type: application/json' \\",
            f"  --data-binary {shell_word(body)}",
        )
