"""The admin JSON API (SPEC §5) that the CLI and the console share, and /metrics."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter.config.config import Config, Current
from adapter.console.people import Replays, UnknownError
from adapter.console.protection import Protection
from adapter.console.shown import (
    call_row,
    call_whole,
    switch_row,
    webhook_row,
    webhook_whole,
)
from adapter.console.trial_request import trial_request
from adapter.errors import ConflictError, IntakeError, LedgerError
from adapter.ledger.ledger import Ledger
from adapter.ledger.words import CallFilter, Replayed, WebhookFilter
from adapter.mapping.moments import read_moment
from adapter.model import State, WebhookState
from adapter.telemetry import Metrics
from adapter.trial import try_request
from adapter.web import fault_answer, respond

AnyState = TypeVar("AnyState", State, WebhookState)
Endpoint = Callable[[HttpRequest], Awaitable[Response]]
_NO_STORE = {"cache-control": "no-store"}
_MOST_ROWS = 500
_CURSOR = re.compile(r"[0-9A-Z]{26}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """The routes of the admin listener; `in_flight` gives each agent's attempts under way."""

    current: Current
    ledger: Ledger
    replays: Replays
    loading: Callable[[], dict[str, Any]]
    metrics: Metrics
    now: Callable[[], datetime]
    in_flight: Callable[[], Mapping[str, int]]
    version: str

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.current.config

    def _protection(self) -> Protection:
        return Protection(host=self.config.admin_listen.host, token=self.config.admin_token)

    def routes(self) -> list[Route]:
        """Return the admin routes, each behind the protection."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/metrics", self.show_metrics),
            ("GET", "/api/status", self.status),
            ("GET", "/api/calls", self.calls),
            ("GET", "/api/calls/{id}", self.call),
            ("POST", "/api/calls/{id}/replay", self.replay_call),
            ("POST", "/api/calls/{id}/resolve", self.resolve),
            ("GET", "/api/webhooks", self.webhooks),
            ("GET", "/api/webhooks/{id}", self.webhook),
            ("POST", "/api/webhooks/{id}/replay", self.replay_webhook),
            ("POST", "/api/agents/{name}/pause", self.pause),
            ("POST", "/api/agents/{name}/resume", self.resume),
            ("POST", "/api/try", self.try_out),
        ]
        return [Route(path, self._guarded(to), methods=[method]) for method, path, to in table]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """Check who asks, and turn named errors into problem+json."""

        async def guarded(http: HttpRequest) -> Response:
            try:
                self._protection().check(http.method, http.headers)
                return await endpoint(http)
            except IntakeError as error:
                return respond(fault_answer(error))
            except (ConflictError, LedgerError) as error:
                return respond(fault_answer(_as_fault(error)))

        return guarded

    async def show_metrics(self, _: HttpRequest) -> Response:
        """Return the metrics in Prometheus' text format."""
        self.metrics.show_states(self.ledger.tally.by_state())
        text = generate_latest(self.metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers=_NO_STORE)

    async def status(self, _: HttpRequest) -> Response:
        """Return agents, sources and counts at a glance."""
        switches = await self.ledger.switches()
        flying = self.in_flight()
        counts = self.ledger.tally.by_state()
        agents = {
            name: switch_row(switches.get(name))
            | {"mode": agent.mode.value, "in_flight": flying.get(name, 0)}
            for name, agent in self.config.agents.items()
        }
        sources = {name: {"enabled": s.is_enabled} for name, s in self.config.sources.items()}
        return _json(
            {
                "version": self.version,
                "config": self.loading(),
                "agents": agents,
                "sources": sources,
                "calls": {state.value: counts.get(state, 0) for state in State},
                "pending": self.ledger.tally.pending,
                "max_pending": self.config.max_pending,
            }
        )

    async def calls(self, http: HttpRequest) -> Response:
        """Return a page of calls, newest first."""
        query = http.query_params
        wanted = CallFilter(
            state=_state(query.get("state"), State),
            source=query.get("source"),
            agent=query.get("agent"),
            phone=_phone(query.get("phone")),
            reason=query.get("reason"),
            since=_since(query.get("since")),
        )
        rows, cursor = await self.ledger.calls(
            wanted, limit=_limit(query.get("limit")), cursor=_cursor(query.get("cursor"))
        )
        return _json({"calls": [call_row(row) for row in rows], "next": cursor})

    async def call(self, http: HttpRequest) -> Response:
        """Return one call in full."""
        found = await self.ledger.call(http.path_params["id"])
        if found is None:
            raise UnknownError("no such call")
        return _json(call_whole(*found))

    async def replay_call(self, http: HttpRequest) -> Response:
        """Send one call through every gate again."""
        return _json(_replayed(await self.replays.replay_call(http.path_params["id"])))

    async def resolve(self, http: HttpRequest) -> Response:
        """Record whether an uncertain call rang."""
        verdict = (await _object(http)).get("as")
        if verdict not in ("rung", "not_rung"):
            raise IntakeError(400, "Bad request", 'Send {"as": "rung"} or {"as": "not_rung"}.')
        call = await self.replays.resolve(http.path_params["id"], rung=verdict == "rung")
        return _json(call_row(call))

    async def webhooks(self, http: HttpRequest) -> Response:
        """Return a page of webhooks, newest first."""
        query = http.query_params
        wanted = WebhookFilter(
            source=query.get("source"),
            state=_state(query.get("state"), WebhookState),
            reason=query.get("reason"),
            since=_since(query.get("since")),
        )
        rows, cursor = await self.ledger.webhooks(
            wanted, limit=_limit(query.get("limit")), cursor=_cursor(query.get("cursor"))
        )
        return _json({"webhooks": [webhook_row(row) for row in rows], "next": cursor})

    async def webhook(self, http: HttpRequest) -> Response:
        """Return one webhook as stored, with its calls."""
        found = await self.ledger.webhook(http.path_params["id"])
        if found is None:
            raise UnknownError("no such webhook")
        return _json(webhook_whole(*found))

    async def replay_webhook(self, http: HttpRequest) -> Response:
        """Map a webhook anew and replay its calls."""
        replayed = await self.replays.replay_webhook(http.path_params["id"])
        return _json(
            {"webhook": http.path_params["id"], "calls": [_replayed(each) for each in replayed]}
        )

    async def pause(self, http: HttpRequest) -> Response:
        """Let an agent (or `*`, all) ring nobody until it is resumed."""
        for name in self._agents(http):
            await self.ledger.pause(name, now=self.now())
        return await self.status(http)

    async def resume(self, http: HttpRequest) -> Response:
        """Let an agent (or `*`, all) ring again; this cures a halted one, too."""
        names = self._agents(http)
        for name in names:
            await self.ledger.resume(name, now=self.now())
        self.replays.wake(names)
        return await self.status(http)

    def _agents(self, http: HttpRequest) -> list[str]:
        name = http.path_params["name"]
        if name == "*":
            return list(self.config.agents)
        if name not in self.config.agents:
            raise UnknownError(f"no such agent; there are: {', '.join(self.config.agents)}")
        return [name]

    async def try_out(self, http: HttpRequest) -> Response:
        """Show what would become of a request; nothing is stored or sent."""
        source_name, request = trial_request(await _object(http))
        source = self.config.sources.get(source_name)
        if source is None:
            raise UnknownError(f"no such source; there are: {', '.join(self.config.sources)}")
        return _json(try_request(self.config, source, request))


def _replayed(replayed: Replayed) -> dict[str, Any]:
    """Return the call, whether its phone may have rung before, and why it was left, if it was."""
    return call_row(replayed.call) | {
        "may_have_rung": replayed.may_have_rung,
        "conflict": replayed.conflict or None,
    }


def _json(content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, headers=_NO_STORE)


def _as_fault(error: ConflictError | LedgerError) -> IntakeError:
    if isinstance(error, UnknownError):
        return IntakeError(404, "Not found", str(error))
    if isinstance(error, ConflictError):
        return IntakeError(409, "Not possible now", str(error))
    return IntakeError(503, "Ledger unavailable", str(error))


async def _object(http: HttpRequest) -> dict[str, Any]:
    """Return the body as a JSON object; an empty body is an empty one."""
    body = b""
    async for chunk in http.stream():
        body += chunk
        if len(body) > 4 * 1024 * 1024:
            raise IntakeError(413, "Too large", "At most 4 MiB.")
    try:
        content = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise IntakeError(400, "Bad request", "The body is not JSON.") from None
    if not isinstance(content, dict):
        raise IntakeError(400, "Bad request", "The body must be a JSON object.")
    return content


def _limit(text: str | None) -> int:
    try:
        limit = int(text or "50")
    except ValueError:
        limit = 0
    if not 1 <= limit <= _MOST_ROWS:
        raise IntakeError(400, "Bad request", f"`limit` is a number from 1 to {_MOST_ROWS}.")
    return limit


def _cursor(text: str | None) -> str | None:
    if text is not None and not _CURSOR.fullmatch(text):
        raise IntakeError(400, "Bad request", "`cursor` is what the last page gave as `next`.")
    return text


def _phone(text: str | None) -> str | None:
    """Return a phone as the ledger has it; a bare `+` in a query string arrives as a space."""
    return None if text is None else "+" + re.sub(r"[^0-9]", "", text)


def _state(text: str | None, states: type[AnyState]) -> AnyState | None:
    if text is None:
        return None
    try:
        return states(text)
    except ValueError:
        names = ", ".join(state.value for state in states)
        raise IntakeError(400, "Bad request", f"`state` is one of {names}.") from None


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = read_moment(text)
    if moment is None:
        raise IntakeError(400, "Bad request", "`since` is an RFC 3339 time: 2026-01-31T09:00:00Z.")
    return moment
