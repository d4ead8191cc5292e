"""The public listener: Starlette's requests in, our answers out. Nothing is decided here."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from adapter.errors import IntakeError, LedgerError
from adapter.intake.headers import client_ip
from adapter.intake.reading import Received
from adapter.intake.reception import Reception
from adapter.server.responses import fault_answer, respond
from adapter.telemetry import Metrics, log_event
from adapter.webhook.answers import Answer, problem_answer
from adapter.webhook.formats.body import BodyReader
from adapter.webhook.request import Request

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
BODY_TIMEOUT_S = 30.0


class Health(Protocol):
    """What the readiness probe asks."""

    async def unreadiness(self) -> str | None:
        """Return why this process cannot accept and deliver, or None if it can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """The routes of the public listener.

    `body_timeout_s`: a sender that dribbles its body must not hold a connection for ever.
    """

    reception: Reception
    health: Health
    metrics: Metrics
    body_timeout_s: float = BODY_TIMEOUT_S

    def routes(self) -> list[Route]:
        """Return the public routes."""
        return [
            Route("/hooks/{source}", self.hook, methods=_METHODS),
            # A path, since a token may have an encoded slash in it; "" after a trailing slash.
            Route("/hooks/{source}/{token:path}", self.hook, methods=_METHODS),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
        ]

    async def hook(self, http: HttpRequest) -> Response:
        """Answer one webhook."""
        started = time.perf_counter()
        source = http.path_params["source"]
        answer = await self._answer(source, http)
        known = self._label(source, answer)
        self.metrics.webhooks.labels(known, str(answer.status)).inc()
        self.metrics.intake_s.observe(time.perf_counter() - started)
        log_event("webhook_answered", source=known, status=answer.status)
        return respond(answer)

    def _label(self, source: str, answer: Answer) -> str:
        """Return what metrics and logs call a source: never what a stranger made up."""
        if source in self.reception.config.sources:
            return source
        return "captured" if answer.status < 400 else "unknown"

    async def _answer(self, source: str, http: HttpRequest) -> Answer:
        try:
            request = self._request(http)
            return await self.reception.receive(source, request, lambda: self._body(http))
        except IntakeError as error:
            return fault_answer(error)
        except LedgerError as error:
            log_event("ledger_unavailable", error=str(error))
            fault = IntakeError(503, "Ledger unavailable", "Nothing was stored; send it again.")
            return fault_answer(fault)
        except OSError as error:
            # Time zones and numbering plans are read when first needed: a process that has no
            # descriptor left cannot map, but will again.
            log_event("machine_unavailable", level=logging.ERROR, error=str(error.strerror))
            fault = IntakeError(503, "Machine overloaded", "Nothing was stored; send it again.")
            return fault_answer(fault)

    def _request(self, http: HttpRequest) -> Request:
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in http.scope["headers"]
        )
        peer = http.client.host if http.client else ""
        forwarded = ", ".join(v for n, v in headers if n == "x-forwarded-for") or None
        return Request(
            method=http.method,
            path=http.scope.get("raw_path", b"").decode("latin-1").split("?")[0] or http.url.path,
            query=http.scope["query_string"].decode("latin-1"),
            headers=headers,
            body=b"",
            client=client_ip(peer, forwarded, self.reception.config.trusted_proxies),
            token_segment=http.path_params.get("token"),
        )

    async def _body(self, http: HttpRequest) -> Received:
        limit = self.reception.config.max_body_bytes
        raw = BodyReader(max_bytes=limit, content_encoding=None)
        raw.check_declared(http.headers.get("content-length"))
        try:
            async with asyncio.timeout(self.body_timeout_s):
                async for chunk in http.stream():
                    raw.feed(chunk)
        except TimeoutError:
            raise IntakeError(408, "Body too slow", "Nothing was stored; send it again.") from None
        except ClientDisconnect:
            raise IntakeError(400, "Body cut off", "Nothing was stored; send it again.") from None
        return _decoded(raw.finish(), http.headers.get("content-encoding"), limit)

    async def healthz(self, _: HttpRequest) -> Response:
        """Say that the process lives."""
        return Response("ok\n", media_type="text/plain", headers={"cache-control": "no-store"})

    async def readyz(self, _: HttpRequest) -> Response:
        """Say whether the process can accept and deliver, and if not, why."""
        why = await self.health.unreadiness()
        if why is not None:
            return respond(problem_answer(503, "Not ready", why))
        return Response("ready\n", media_type="text/plain", headers={"cache-control": "no-store"})


def _decoded(body: bytes, encoding: str | None, limit: int) -> Received:
    """Undo the content encoding; a body that cannot be decoded is kept raw, with its fault."""
    if encoding is None:
        return Received(body=body)
    try:
        reader = BodyReader(max_bytes=limit, content_encoding=encoding)
        reader.feed(body)
        return Received(body=reader.finish())
    except IntakeError as fault:
        if not fault.reason:  # too large: nothing is stored
            raise
        return Received(body=body, fault=fault)
