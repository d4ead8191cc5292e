"""The admin JSON API (contract §5) that the CLI and the console share, and /metrics."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from adapter.admin.access import AdminAccess
from adapter.admin.captures import CaptureControls
from adapter.admin.controls import Controls
from adapter.admin.documents import decoded
from adapter.admin.parameters import (
    NO_STORE,
    bad_request,
    cursor_of,
    json_answer,
    json_object,
    limit_of,
    moment_of,
    note_of,
    numbers_of,
    states_of,
)
from adapter.admin.replays import Replays
from adapter.admin.representations import (
    agent_row,
    call_in_full,
    call_row,
    limits_row,
    source_row,
    webhook_in_full,
    webhook_row,
)
from adapter.admin.routing import Endpoint, answered, routes_of
from adapter.admin.today import today_row
from adapter.admin.trial_request import trial_request
from adapter.authoring.trial import try_request
from adapter.config.config import Config, Current
from adapter.errors import UnknownError
from adapter.ledger.ledger import Ledger
from adapter.ledger.records import CallFilter, Replayed, WebhookFilter
from adapter.model import State, WebhookState
from adapter.telemetry import Metrics
from adapter.values.addresses import Address
from adapter.webhook.request import Request


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
    wake_all: Callable[[], None]
    listens_at: Callable[[], Address]
    version: str

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.current.config

    def access(self) -> AdminAccess:
        """Return the check of who asks, by the settings in force."""
        return AdminAccess(host=self.config.admin_listen.host, token=self.config.admin_token)

    def routes(self) -> list[Route]:
        """Return the admin routes, each behind the check of who asks."""
        guarded = routes_of(self._endpoints(), self._guarded)
        return [Route("/api/proof", answered(self.prove), methods=["GET"]), *guarded]

    def open_routes(self) -> list[Route]:
        """Return the same routes for the console, which checks who asks; they get no socket."""
        return routes_of(self._endpoints(), answered)

    def _endpoints(self) -> list[tuple[str, str, Endpoint]]:
        controls, captures = self._controls(), self._captures()
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/metrics", self.show_metrics),
            ("GET", "/api/status", self.status),
            ("GET", "/api/today", self.today),
            ("GET", "/api/calls", self.calls),
            ("GET", "/api/calls/{id}", self.call),
            ("POST", "/api/calls/{id}/replay", self.replay_call),
            ("POST", "/api/calls/{id}/resolve", self.resolve),
            ("GET", "/api/webhooks", self.webhooks),
            ("GET", "/api/webhooks/{id}", self.webhook),
            ("GET", "/api/webhooks/{id}/document", self.document),
            ("POST", "/api/webhooks/{id}/replay", self.replay_webhook),
            ("POST", "/api/agents/{name}/pause", controls.pause),
            ("POST", "/api/agents/{name}/resume", controls.resume),
            ("POST", "/api/sources/{name}/pause", controls.pause_source),
            ("POST", "/api/sources/{name}/resume", controls.resume_source),
            ("GET", "/api/blocked", controls.blocks),
            ("POST", "/api/blocked", controls.block),
            ("DELETE", "/api/blocked", controls.unblock),
            ("POST", "/api/forget", controls.forget),
            ("GET", "/api/captures", captures.show),
            ("POST", "/api/captures", captures.open),
            ("DELETE", "/api/captures", captures.close),
            ("POST", "/api/try", self.try_out),
        ]
        return table

    def _controls(self) -> Controls:
        return Controls(
            current=self.current,
            ledger=self.ledger,
            now=self.now,
            wake_all=self.wake_all,
            status=self.status,
        )

    def _captures(self) -> CaptureControls:
        return CaptureControls(
            current=self.current, ledger=self.ledger, now=self.now, listens_at=self.listens_at
        )

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """Check who asks, and turn named errors into problem+json."""

        async def guarded(http: HttpRequest) -> Response:
            self.access().check(http.method, http.headers)
            return await endpoint(http)

        return answered(guarded)

    async def prove(self, http: HttpRequest) -> Response:
        """Prove that we know the admin token, before anybody sends it to us."""
        _, port = http.scope["server"]
        return json_answer(self.access().prove(http.headers, http.query_params, port=port))

    async def show_metrics(self, _: HttpRequest) -> Response:
        """Return the metrics in Prometheus' text format."""
        self.metrics.show_states(self.ledger.tally.by_state())
        text = generate_latest(self.metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)

    async def status(self, _: HttpRequest) -> Response:
        """Return agents, sources and counts at a glance."""
        switches = await self.ledger.reads.switches()
        retrying = await self.ledger.reads.retrying()
        flying = self.in_flight()
        counts = self.ledger.tally.by_state()
        agents = {
            name: agent_row(switches.get(name))
            | limits_row(agent)
            | {"in_flight": flying.get(name, 0)}
            | {"retrying": retrying.get(name, {})}
            for name, agent in self.config.agents.items()
        }
        stopped = await self.ledger.reads.sources()
        sources = {
            name: source_row(stopped.get(name)) | {"enabled": source.is_enabled}
            for name, source in self.config.sources.items()
        }
        return json_answer(
            {
                "version": self.version,
                "config": self.loading(),
                "agents": agents,
                "sources": sources,
                "captures": await self._captures().rows(),
                "calls": {state.value: counts.get(state, 0) for state in State},
                "pending": self.ledger.tally.pending,
                "max_pending": self.config.max_pending,
            }
        )

    async def today(self, _: HttpRequest) -> Response:
        """Return what came and what rang since the day began, in UTC."""
        began_at = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return json_answer(today_row(await self.ledger.reads.today(began_at), began_at))

    async def calls(self, http: HttpRequest) -> Response:
        """Return a page of calls, newest first."""
        query = http.query_params
        # Whose number it may be is asked of every country: webhooks go on meanwhile.
        numbers = await asyncio.to_thread(numbers_of, query.get("phone"))
        wanted = CallFilter(
            states=states_of(query.getlist("state"), State),
            source=query.get("source"),
            agent=query.get("agent"),
            numbers=numbers,
            reason=query.get("reason"),
            since=moment_of("since", query.get("since"), self.now()),
            until=moment_of("until", query.get("until"), self.now()),
        )
        rows, cursor = await self.ledger.reads.calls(
            wanted, limit=limit_of(query.get("limit")), cursor=cursor_of(query.get("cursor"))
        )
        return json_answer({"calls": [call_row(row) for row in rows], "next": cursor})

    async def call(self, http: HttpRequest) -> Response:
        """Return one call in full."""
        found = await self.ledger.reads.call(http.path_params["id"])
        if found is None:
            raise UnknownError("no such call")
        return json_answer(call_in_full(*found))

    async def replay_call(self, http: HttpRequest) -> Response:
        """Send one call through every gate again."""
        return json_answer(_replayed_row(await self.replays.replay_call(http.path_params["id"])))

    async def resolve(self, http: HttpRequest) -> Response:
        """Record whether an uncertain call rang."""
        content = await json_object(http)
        verdict, note = content.get("as"), note_of(content)
        if verdict not in ("rung", "not_rung"):
            raise bad_request('Send {"as": "rung"} or {"as": "not_rung"}.')
        call = await self.replays.resolve(http.path_params["id"], rung=verdict == "rung", note=note)
        return json_answer(call_row(call))

    async def webhooks(self, http: HttpRequest) -> Response:
        """Return a page of webhooks, newest first."""
        query = http.query_params
        numbers = await asyncio.to_thread(numbers_of, query.get("phone"))
        wanted = WebhookFilter(
            source=query.get("source"),
            states=states_of(query.getlist("state"), WebhookState),
            numbers=numbers,
            reason=query.get("reason"),
            since=moment_of("since", query.get("since"), self.now()),
            until=moment_of("until", query.get("until"), self.now()),
        )
        rows, cursor = await self.ledger.reads.webhooks(
            wanted, limit=limit_of(query.get("limit")), cursor=cursor_of(query.get("cursor"))
        )
        return json_answer({"webhooks": [webhook_row(row) for row in rows], "next": cursor})

    async def webhook(self, http: HttpRequest) -> Response:
        """Return one webhook as stored, with its calls."""
        found = await self.ledger.reads.webhook(http.path_params["id"])
        if found is None:
            raise UnknownError("no such webhook")
        return json_answer(webhook_in_full(*found))

    async def document(self, http: HttpRequest) -> Response:
        """Return what a webhook is decoded to by its source's mapping of today, or why it is not.

        One whose source has no mapping is decoded as its content type says.
        """
        webhook = await self.ledger.reads.raw_webhook(http.path_params["id"])
        if webhook is None:
            raise UnknownError("no such webhook")
        source = self.config.sources.get(webhook.source)
        mapping = source.mapping if source else None
        return json_answer(await asyncio.to_thread(decoded, mapping, Request.from_webhook(webhook)))

    async def replay_webhook(self, http: HttpRequest) -> Response:
        """Map a webhook anew and replay its calls."""
        replayed = await self.replays.replay_webhook(http.path_params["id"])
        return json_answer(
            {"webhook": http.path_params["id"], "calls": [_replayed_row(call) for call in replayed]}
        )

    async def try_out(self, http: HttpRequest) -> Response:
        """Show what would become of a request; nothing is stored or sent."""
        content = await json_object(http)
        source_name, request = trial_request(content)
        source = self.config.sources.get(source_name)
        if source is None:
            raise UnknownError(f"no such source; there are: {', '.join(self.config.sources)}")

        def tried() -> dict[str, Any]:
            lookup = content.get("lookup")
            return try_request(self.config, source, request, lookup=lookup).as_json()

        # An explanation of much that is missing takes its time: webhooks go on meanwhile.
        return json_answer(await asyncio.to_thread(tried))


def _replayed_row(replayed: Replayed) -> dict[str, Any]:
    """Return the call, whether its phone may have rung before, and why it was left, if it was."""
    return call_row(replayed.call) | {
        "may_have_rung": replayed.may_have_rung,
        "conflict": replayed.conflict or None,
    }
