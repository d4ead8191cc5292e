"""The routes of the public listener: webhooks, and the two probes of whoever runs the process."""

from typing import Protocol

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from adapter.intake.pipeline import Pipeline
from adapter.server.responses import respond
from adapter.webhook.answers import problem_answer

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Health(Protocol):
    """The question of the readiness probe."""

    async def unreadiness(self) -> str | None:
        """Return why this process cannot accept and deliver, or None if it can."""


def public_routes(pipeline: Pipeline, health: Health) -> list[Route]:
    """Return the public routes."""

    async def readyz(_: HttpRequest) -> Response:
        """Say whether the process can accept and deliver, and if not, why."""
        why = await health.unreadiness()
        return _plain("ready\n") if why is None else respond(problem_answer(503, "Not ready", why))

    return [
        Route("/hooks/{source}", pipeline.hook, methods=_METHODS),
        # A path, since a token may have an encoded slash in it; "" after a trailing slash.
        Route("/hooks/{source}/{token:path}", pipeline.hook, methods=_METHODS),
        Route("/healthz", _healthz),
        Route("/readyz", readyz),
    ]


async def _healthz(_: HttpRequest) -> Response:
    """Say that the process lives."""
    return _plain("ok\n")


def _plain(text: str) -> Response:
    return Response(text, media_type="text/plain", headers={"cache-control": "no-store"})
