"""`adapter send`."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import click
import httpx

from adapter.cli.author.sample import parse_headers, read_sample
from adapter.cli.configuration import sound_config, source_of
from adapter.cli.options import config_option, fail, json_option
from adapter.cli.terminal import print_json, say
from adapter.clock import utc_now
from adapter.compiler.load import STANDALONE, lenient_variables, load_mapping
from adapter.config.source import Source
from adapter.values.units import reach_url
from adapter.webhook.auth.proof import adding
from adapter.webhook.request import Request, wire_bytes

# What belongs to the connection that the sample came over.
_HOP = frozenset(
    ("accept-encoding", "connection", "expect", "keep-alive", "proxy-connection", "te")
)


@click.command()
@click.argument("source")
@click.argument("file")
@click.option("--content-type", default="", help="Guessed from the body if not given.")
@click.option("--header", "headers", multiple=True, help="A request header, `Name: value`.")
@click.option("--query", default="", help="The query string, without `?`.")
@click.option("--url", default="", help="The adapter's public listener, if not as configured.")
@json_option
@config_option
def command(
    source: str,
    file: str,
    content_type: str,
    headers: tuple[str, ...],
    query: str,
    url: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Post a captured request to the running adapter: a phone may ring.

    FILE is what `adapter try` takes: a raw body, a HAR file, a curl command, the id of a stored
    webhook, or `-` for standard input. The proof that the source's auth asks for is added
    wherever the configuration is enough to make it; where only the sender can, give --header.
    """
    config = sound_config(config_path)
    mapping = source_of(config, source)
    given = parse_headers(headers)
    sample = read_sample(file, content_type or given.get("content-type", ""), config)
    kept = [pair for pair in sample.headers if pair[0] not in _HOP and pair[0] not in given]
    request = replace(
        sample,
        path=f"/hooks/{source}",
        query=query or sample.query,
        headers=(*kept, *given.items()),
    )
    proven = _proven(mapping, request, given)
    answer = _post(f"{url or reach_url(config.listen)}{request.path}", proven)
    if as_json:
        print_json(_parsed(answer))
    else:
        say(f"{answer.status_code} {answer.reason_phrase}")
        say(answer.text)
    sys.exit(0 if answer.is_success and _may_ring(_parsed(answer)) else 1)


def _proven(source: Source, request: Request, given: dict[str, str]) -> Request:
    """Return the request with the proof of its sender; headers that were given by hand stay.

    The proof in the sample stays too where the secret to make another is unset.
    """
    signed = source.auth.sign(request, now=utc_now())
    if signed is None:
        if not given and not any("signature" in name for name, _ in request.headers):
            fail("error: only the sender can make the proof of this source's auth: give --header")
        return request
    names = {name for name, value in signed.headers if request.header(name) != value}
    is_made = bool(names - given.keys()) or signed.query != request.query
    unset = _unset_secrets(source) if is_made else []
    if unset and any(request.header(name) is not None for name in names):
        return request
    if unset:
        fail(
            f"error: {', '.join(unset)} {'is' if len(unset) == 1 else 'are'} unset: the proof that"
            f" {source.name} asks for is made with it; set it, or give --header"
        )
    return adding(signed, given)


def _unset_secrets(source: Source) -> list[str]:
    """Return the unset variables that the proof would be made with."""
    _, problems = load_mapping(Path(source.file), STANDALONE, lenient_variables(os.environ))
    unset = (p.unset for p in problems if p.unset and p.key.startswith("auth"))
    return list(dict.fromkeys(unset))


def _may_ring(content: object) -> bool:
    """Tell whether some call is under way; a body made by `respond` says nothing."""
    if not isinstance(content, dict) or "calls" not in content:
        return True
    return any(call["state"] not in ("refused", "ignored", "failed") for call in content["calls"])


def _post(url: str, request: Request) -> httpx.Response:
    try:
        return httpx.request(
            request.method,
            url + (f"?{request.query}" if request.query else ""),
            content=request.body,
            headers=[(wire_bytes(name), wire_bytes(value)) for name, value in request.headers],
            trust_env=False,
            timeout=60,
        )
    except httpx.TransportError as error:
        fail(f"error: no adapter answers at {url}: {type(error).__name__}")


def _parsed(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return {"status": answer.status_code, "body": answer.text}
