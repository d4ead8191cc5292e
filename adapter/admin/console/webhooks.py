"""The webhooks: a page of them, and one as it came beside what it was decoded to."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from adapter.admin.console.calls import trial_of
from adapter.admin.console.pages import Page
from adapter.admin.console.times import read_time
from adapter.admin.console.visit import Visit
from adapter.admin.console.wording import value
from adapter.errors import IntakeError
from adapter.model import WebhookState

_FILTERS = ("source", "state", "reason", "phone", "time")
_MOST_SHOWN = 100_000


async def page(visit: Visit) -> Page | Response:
    """Return a page of webhooks by the filters of the URL."""
    query = visit.http.query_params
    chosen = {name: query.get(name, "").strip() for name in _FILTERS}
    time = read_time(chosen["time"], visit.now)
    asked = {name: text for name, text in chosen.items() if name != "time"}
    rows = await visit.ask.get(
        "/api/webhooks",
        **asked,
        since=time.since,
        until=time.until,
        limit="50",
        cursor=query.get("cursor", ""),
    )
    status = await visit.ask.get("/api/status")
    kept = [(name, text) for name, text in chosen.items() if text]
    values = {
        "webhooks": rows["webhooks"],
        "chosen": chosen,
        "states": list(WebhookState),
        "sources": list(status["sources"]),
        "older": urlencode([*kept, ("cursor", rows["next"])]) if rows["next"] else "",
        "kept": urlencode(kept),
        "is_first": "cursor" not in query,
        "now": visit.now,
    }
    return Page("webhooks.html", values)


async def webhook_page(visit: Visit) -> Page | Response:
    """Return one webhook: as it came, as decoded, and what its mapping makes of it today."""
    webhook = await visit.ask.get(f"/api/webhooks/{visit.http.path_params['id']}")
    read = await visit.ask.get(f"/api/webhooks/{webhook['id']}/document")
    values = {
        "webhook": webhook,
        "raw": raw_of(webhook),
        "document": pretty(read["document"], visit.is_shown),
        "unread": read["problem"],
        "tried": await _tried(visit, webhook),
        "here": visit.http.url.path,
        "now": visit.now,
        "is_shown": visit.is_shown,
    }
    return Page("webhook.html", values)


async def _tried(visit: Visit, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        tried = await visit.ask.post("/api/try", trial_of(webhook))
    except IntakeError:  # its source has no mapping any more, or none that can read it
        return []
    calls: list[dict[str, Any]] = tried["calls"]
    return calls[:20]


def raw_of(webhook: dict[str, Any]) -> str:
    """Return the request as text; bytes that are no text are shown as escapes."""
    query = f"?{webhook['query']}" if webhook["query"] else ""
    head = [f"{webhook['method']} /hooks/{webhook['source']}{query}"]
    head += [f"{name}: {text}" for name, text in webhook["headers"]]
    if "body" in webhook:
        body = webhook["body"]
    else:
        body = base64.b64decode(webhook["body_base64"]).decode("utf-8", "backslashreplace")
    return shortened("\n".join([*head, "", body]))


def pretty(document: Any, is_shown: bool) -> str:
    """Return a decoded document as indented JSON, its texts masked unless they are shown."""
    shown = document if is_shown else masked(document)
    return shortened(json.dumps(shown, indent=2, ensure_ascii=False))


def masked(document: Any) -> Any:
    """Return a document of the same shape that tells nobody's values."""
    if isinstance(document, dict):
        return {name: masked(part) for name, part in document.items()}
    if isinstance(document, list):
        return [masked(part) for part in document]
    if isinstance(document, bool) or document is None:
        return document
    return value(str(document), is_shown=False)


def shortened(text: str) -> str:
    """Return as much of a text as a page can show."""
    if len(text) <= _MOST_SHOWN:
        return text
    return f"{text[:_MOST_SHOWN]}\n… and {len(text) - _MOST_SHOWN:,} characters more"
