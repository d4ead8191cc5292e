"""What `adapter try` tells beside the calls: why each became what it is.

It reads a request as every lead is read, but runs only where a person looks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any

from adapter.authoring.explaining.explanation import Explanation, explain, explained_each
from adapter.authoring.explaining.path_trace import Fix
from adapter.authoring.explaining.render import Renderer
from adapter.config.config import Config
from adapter.config.source import Source
from adapter.errors import IntakeError
from adapter.mapping.reading import RequestReading
from adapter.model import Reason
from adapter.telemetry import secrets_in
from adapter.webhook.formats.decode import decode_document
from adapter.webhook.formats.labels import Decoded
from adapter.webhook.formats.media_type import guess_content_type, read_media_type
from adapter.webhook.request import Request

_PLACE = re.compile(r"at line (\d+), column (\d+)")
_AROUND = 30
_SHORTEST_SECRET = 4  # hiding shorter ones would blank ordinary words
_READ = "JSON, XML, urlencoded and multipart forms"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookExplanation:
    """How the body was read, where its sender said otherwise, and why it gave no call at all."""

    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """One explanation for the webhook, one for each call (the first 50)."""

    webhook: WebhookExplanation
    calls: tuple[Explanation, ...] = ()


def explained(
    config: Config, source: Source, request: Request, lookup: Any | None = None
) -> Explained:
    """Return why the request became what it became; secrets of the source are hidden."""
    renderer = Renderer(hidden=_hidden(config, source))
    reading = RequestReading(source.mapping, request)
    try:
        view = reading.view(lookup)
    except IntakeError as fault:
        hints = tuple(_unreadable(request, fault, renderer))
        return Explained(webhook=WebhookExplanation(hints=hints))
    countries = {name: agent.countries for name, agent in config.agents.items()}
    calls = explain(source.mapping, view, renderer=renderer, countries=countries)
    each = None if calls else explained_each(source.mapping, view, renderer)
    hints = tuple(_taken_for(reading.explained(), renderer))
    if each is None:
        return Explained(webhook=WebhookExplanation(hints=hints), calls=calls)
    webhook = WebhookExplanation(hints=(*hints, *each.look.hints), fixes=each.fixes)
    return Explained(webhook=webhook, calls=calls)


def plain(value: Any) -> Any:
    """Return plain values for JSON: dataclasses as objects, tuples as lists, enums as words."""
    if is_dataclass(value):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value.value if isinstance(value, Enum) else value


def _hidden(config: Config, source: Source) -> tuple[str, ...]:
    secrets = {secret.reveal() for secret in secrets_in((source.auth, source.handshake, config))}
    return tuple(sorted((s for s in secrets if len(s) >= _SHORTEST_SECRET), key=len, reverse=True))


def _taken_for(decoded: Decoded, renderer: Renderer) -> Iterator[str]:
    """Yield what of a body was read otherwise than its sender said."""
    if decoded.overruled:
        label = renderer.text(decoded.overruled)
        yield f"read as {decoded.kind}, which the body wholly is; Content-Type said {label}"
    if decoded.liberties:
        yield f"no strict JSON, and read all the same: {', '.join(decoded.liberties)}"


def _unreadable(request: Request, fault: IntakeError, renderer: Renderer) -> Iterator[str]:
    """Yield where the body breaks, what it was read as, and what else it may be."""
    place = _PLACE.search(fault.detail)
    if place and "`decode`" not in fault.detail:
        yield from _broken_line(request.body, int(place[1]), int(place[2]), renderer)
    written = request.header("content-type")
    if fault.reason == Reason.UNSUPPORTED_MEDIA_TYPE:
        yield f"Content-Type is {renderer.json(written or '')}; what is read: {_READ}"
    else:
        yield (
            f"Content-Type is {renderer.json(written)}"
            if written
            else "no Content-Type: read as JSON"
        )
    yield from _another_type(request, renderer)


def _broken_line(body: bytes, line: int, column: int, renderer: Renderer) -> Iterator[str]:
    lines = body.decode("utf-8", "replace").split("\n")
    if line > len(lines):
        return
    text, at = lines[line - 1], column - 1
    before, after = text[max(0, at - _AROUND) : at], text[at : at + _AROUND]
    yield f"line {line}, where >>> stands: {renderer.text(f'{before} >>> {after}').strip()}"


def _another_type(request: Request, renderer: Renderer) -> Iterator[str]:
    guess = guess_content_type(request.body)
    is_form = guess.startswith("application/x-www")
    if guess.split(";")[0] == read_media_type(request.header("content-type")).name:
        return
    if is_form and b"=" not in request.body:
        return
    others = tuple(pair for pair in request.headers if pair[0] != "content-type")
    try:
        decode_document(replace(request, headers=(*others, ("content-type", guess))))
    except IntakeError:
        return
    yield f"with Content-Type {renderer.text(guess)} it could be read: the sender must say so"
