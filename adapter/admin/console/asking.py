"""Questions of the console to the admin API: the same routes as anybody's, without a socket.

So a page shows and does nothing that the documented API cannot.
"""

import json
from typing import Any
from urllib.parse import urlencode

from starlette.routing import Route
from starlette.types import Message

from adapter.errors import IntakeError
from adapter.server.responses import build_app


class Asking:
    """Asks the routes of the API; what they refuse is raised as IntakeError."""

    def __init__(self, routes: list[Route]) -> None:
        self._app = build_app(routes)

    async def get(self, path: str, **query: str | None) -> dict[str, Any]:
        """Return the JSON of an answer; a parameter that is None or "" is not sent."""
        given = {name: value for name, value in query.items() if value}
        return await self._ask("GET", path, query=urlencode(given))

    async def post(self, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON of the answer to a write."""
        return await self._ask("POST", path, body=json.dumps(content or {}).encode())

    async def _ask(
        self, method: str, path: str, *, query: str = "", body: bytes = b""
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {"status": 500, "body": b""}

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            answer["status"] = message.get("status", answer["status"])
            answer["body"] += message.get("body", b"")

        await self._app(_scope(method, path, query), receive, send)
        content: dict[str, Any] = json.loads(answer["body"])
        if answer["status"] >= 400:
            raise IntakeError(answer["status"], content["title"], content.get("detail", ""))
        return content


def _scope(method: str, path: str, query: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"content-type", b"application/json")],
    }
