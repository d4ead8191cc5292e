"""The routes of the public listener: webhooks, and the two probes of whoever runs the process."""

import re
from typing import Protocol

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from adapter.intake.pipeline import Pipeline
from adapter.server.responses import respond
from adapter.webhook.answers import problem_answer


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
        _hooks("/hooks/{source}", pipeline),
        # A path, since a token may have an encoded slash in it; "" after a trailing slash.
        _hooks("/hooks/{source}/{token:path}", pipeline),
        Route("/healthz", _healthz),
        Route("/readyz", readyz),
    ]


def _hooks(path: str, pipeline: Pipeline) -> Route:
    """Return a route of webhooks, which leaves the methods to the source's own answer."""
    route = Route(path, pipeline.hook)
    route.methods = None
    # Senders that join an address and a path write a slash too many.
    route.path_regex = re.compile(route.path_regex.pattern.replace("/hooks/", "/+hooks/+", 1))
    return route


async def _healthz(_: HttpRequest) -> Response:
    """Say that the process lives."""
    return _plain("ok\n")


def _plain(text: str) -> Response:
    return Response(text, media_type="text/plain", headers={"cache-control": "no-store"})
