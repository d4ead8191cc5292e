"""Captures over the admin API: let a source without a mapping send for a while; list those open."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from adapter.admin.parameters import bad_request, json_answer, json_object
from adapter.admin.representations import capture_row
from adapter.clock import iso
from adapter.config.config import Config, Current
from adapter.errors import ConflictError, UnknownError
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import Capture
from adapter.telemetry import log_event
from adapter.values.addresses import Address
from adapter.values.source_names import SOURCE_NAME
from adapter.values.units import DURATION_EXPECTED, reach_url, read_duration
from adapter.webhook.capture_token import digest_of

USUAL = "1h"
LONGEST = timedelta(hours=24)
_TOKEN_BYTES = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCapture:
    """A capture with its token, which is shown this once."""

    capture: Capture
    token: str = field(repr=False)

    def url(self, config: Config, listens_at: Address) -> str:
        """Return where to send: below `public_url`, or below this machine's own listener."""
        root = config.public_url.rstrip("/") or reach_url(listens_at)
        return f"{root}/hooks/{self.capture.name}/{self.token}"


def new_capture(config: Config, name: str, span: str, now: datetime) -> NewCapture:
    """Make a capture, not yet stored.

    Raises IntakeError (400) for a name or span that cannot be, ConflictError where the name has a
    mapping: that one's `auth` decides.
    """
    if not SOURCE_NAME.fullmatch(name):
        raise bad_request("`source` is a name of lower-case letters, digits and '-'.")
    if name in config.sources or name in config.off:
        raise ConflictError(f"source {name} has a mapping: use `adapter try` or `adapter webhooks`")
    until = now + _span(span)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    capture = Capture(name=name, digest=digest_of(token), until=until, created_at=now)
    return NewCapture(capture=capture, token=token)


def _span(text: str) -> timedelta:
    try:
        span = read_duration(text)
    except ValueError:
        raise bad_request(f"`for` is {DURATION_EXPECTED}.") from None
    if not timedelta() < span <= LONGEST:
        raise bad_request("`for` is more than 0 and at most 24h.")
    return span


def log_opened(capture: Capture) -> None:
    """Log that a capture is open, and for how long."""
    span = capture.until - capture.created_at
    log_event("capture_opened", source=capture.name, for_s=span.total_seconds())


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureControls:
    """The endpoints; `listens_at` is where the public listener is."""

    current: Current
    ledger: Ledger
    now: Callable[[], datetime]
    listens_at: Callable[[], Address]

    async def rows(self) -> list[dict[str, Any]]:
        """Return the open captures; one whose source has a mapping by now takes nothing more."""
        config = self.current.config
        return [
            capture_row(capture)
            for capture in await self.ledger.reads.captures(self.now())
            if capture.name not in config.sources and capture.name not in config.off
        ]

    async def show(self, _: HttpRequest) -> Response:
        """Return the open captures, without their tokens, which nobody has any more."""
        return json_answer({"captures": await self.rows()})

    async def open(self, http: HttpRequest) -> Response:
        """Open a capture and return its URL, this once."""
        content = await json_object(http)
        name, config, now = _source_of(content), self.current.config, self.now()
        span = content.get("for", USUAL)
        made = new_capture(config, name, span if isinstance(span, str) else "", now)
        await self.ledger.admin.open_capture(made.capture, now)
        log_opened(made.capture)
        url = made.url(config, self.listens_at())
        return json_answer({"source": name, "url": url, "until": iso(made.capture.until)})

    async def close(self, http: HttpRequest) -> Response:
        """Close a capture before its time."""
        name = _source_of(await json_object(http))
        if not await self.ledger.admin.close_capture(name, self.now()):
            raise UnknownError("no capture of this name is open")
        log_event("capture_closed", source=name)
        return json_answer({"source": name, "closed": True})


def _source_of(content: dict[str, Any]) -> str:
    name = content.get("source")
    if not isinstance(name, str):
        raise bad_request('Send {"source": name}, and to open one "for" how long if you like.')
    return name
