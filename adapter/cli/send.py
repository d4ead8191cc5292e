"""`adapter send`."""

import sys
from pathlib import Path

import click
import httpx

from adapter.cli.options import (
    config_option,
    fail,
    json_option,
    print_json,
    source_of,
    strict_config,
)
from adapter.cli.payload import parse_headers, read_payload
from adapter.config.units import reach_url
from adapter.intake.auth import AnyOf, Check, Token
from adapter.intake.media_type import guess_content_type


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

    Where the source's auth is a token, it is added. `-` reads the body from standard input.
    """
    config = strict_config(config_path)
    body = read_payload(file)
    sent = parse_headers(headers)
    sent.setdefault("content-type", content_type or guess_content_type(body))
    token = _token(source_of(config, source).auth)
    if token:
        sent.setdefault("x-webhook-token", token)
    base = url or reach_url(config.listen)
    answer = _post(f"{base}/hooks/{source}" + (f"?{query}" if query else ""), body, sent)
    if as_json:
        print_json(_parsed(answer))
    else:
        click.echo(f"{answer.status_code} {answer.reason_phrase}")
        click.echo(answer.text)
    sys.exit(0 if answer.is_success and _may_ring(_parsed(answer)) else 1)


def _may_ring(content: object) -> bool:
    """Tell whether some call is under way; a body made by `respond` says nothing."""
    if not isinstance(content, dict) or "calls" not in content:
        return True
    return any(call["state"] not in ("refused", "ignored", "failed") for call in content["calls"])


def _post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    try:
        return httpx.post(url, content=body, headers=headers, trust_env=False, timeout=60)
    except httpx.TransportError as error:
        fail(
            f"error: no adapter answers at {url.split('?', maxsplit=1)[0]}: {type(error).__name__}"
        )


def _parsed(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return {"status": answer.status_code, "body": answer.text}


def _token(check: Check) -> str | None:
    """Return the token that this check takes, if a token is what it takes."""
    if isinstance(check, Token):
        return check.tokens[0].reveal()
    if isinstance(check, AnyOf):
        return next((token for each in check.checks if (token := _token(each))), None)
    return None
