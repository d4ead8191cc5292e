"""Pages as HTML: Jinja's templates, escaped, behind headers that let no page run a stranger's code.

Jinja is imported when the first page is asked for: an adapter that nobody looks at does without it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from adapter.admin.console import wording
from adapter.errors import UnknownError

if TYPE_CHECKING:
    from jinja2 import Environment

SESSION_COOKIE = "adapter_session"
HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_HERE = Path(__file__).parent
_STATIC: Mapping[str, str] = {
    "console.css": "text/css; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A template and what it shows."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - see above

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wording.FILTERS)
    environment.globals.update(wording.GLOBALS)
    return environment


async def show(http: HttpRequest, page: Page) -> Response:
    """Return a page; a large one is written in a thread, and webhooks go on meanwhile."""
    values = {"path": http.url.path, "has_session": SESSION_COOKIE in http.cookies, **page.values}
    template = await asyncio.to_thread(_templates().get_template, page.template)
    text = await asyncio.to_thread(template.render, values)
    # A value may hold half a surrogate pair, which UTF-8 cannot.
    content = text.encode("utf-8", "replace")
    return HTMLResponse(content, status_code=page.status, headers=dict(HEADERS))


def redirect(path: str) -> RedirectResponse:
    """Return the way to another page of ours."""
    return RedirectResponse(path, status_code=303, headers=dict(HEADERS))


async def static(http: HttpRequest) -> Response:
    """Return a file of ours, by a name from the table."""
    name = http.path_params["name"]
    if name not in _STATIC:
        raise UnknownError("no such file")
    content = await asyncio.to_thread((_HERE / "static" / name).read_bytes)
    headers = {**HEADERS, "content-type": _STATIC[name], "cache-control": "max-age=300"}
    return Response(content, headers=headers)
