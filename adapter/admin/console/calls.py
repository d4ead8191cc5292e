"""The calls: a page of them by filters that stand in the URL, and one call as a timeline."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from starlette.responses import Response

from adapter.admin.console.exports import csv_answer
from adapter.admin.console.pages import Page, redirect
from adapter.admin.console.times import TimeSpan, read_time
from adapter.admin.console.visit import Visit
from adapter.errors import IntakeError
from adapter.model import REPLAYABLE, State

_FILTERS = ("source", "agent", "phone", "reason", "time")
_PAGE = "50"
# What the page says after an action, by the word in its URL.
DONE: Mapping[str, str] = {
    "replayed": "Replayed: it went through every gate again, and this is what became of it.",
    "resolved": "Resolved: what you found out is kept.",
    "blocked": "Blocked: this number is never rung, and calls that waited for it have ended.",
    "forgotten": "Forgotten: all that was stored of this person is erased.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """The filters of a page of calls, as its URL has them."""

    states: tuple[str, ...]
    chosen: Mapping[str, str]
    time: TimeSpan

    @classmethod
    def of(cls, visit: Visit) -> Self:
        """Read the URL."""
        query = visit.http.query_params
        chosen = {name: query.get(name, "").strip() for name in _FILTERS}
        states = tuple(state for state in query.getlist("state") if state)
        return cls(states=states, chosen=chosen, time=read_time(chosen["time"], visit.now))

    def kept(self, **more: str) -> str:
        """Return them as a query string, to stand in a link."""
        pairs = [*(("state", state) for state in self.states), *self.chosen.items()]
        return urlencode([(name, text) for name, text in [*pairs, *more.items()] if text])

    def asked(self) -> dict[str, str]:
        """Return them as parameters of the API."""
        named = {name: text for name, text in self.chosen.items() if name != "time"}
        span = {"since": self.time.since, "until": self.time.until}
        return {**named, **span, "state": ",".join(self.states)}


async def page(visit: Visit) -> Page | Response:
    """Return a page of calls by the filters of the URL."""
    filters, cursor = Filters.of(visit), visit.http.query_params.get("cursor", "")
    rows = await visit.ask.get("/api/calls", **filters.asked(), limit=_PAGE, cursor=cursor)
    status = await visit.ask.get("/api/status")
    values = {
        "calls": rows["calls"],
        "states": list(State),
        "filters": filters,
        "chosen": filters.chosen,
        "sources": list(status["sources"]),
        "agents": list(status["agents"]),
        "older": filters.kept(cursor=rows["next"]) if rows["next"] else "",
        "is_first": not cursor,
        "kept": filters.kept(),
        "here": f"/calls?{visit.http.url.query}",
        "now": visit.now,
        "is_shown": visit.is_shown,
    }
    return Page("calls.html", values)


async def export(visit: Visit) -> Page | Response:
    """Return all calls of the filters as CSV, masked as the page is."""
    asked = Filters.of(visit).asked()

    async def pages() -> AsyncIterator[list[dict[str, Any]]]:
        cursor: str | None = ""
        while cursor is not None:
            rows = await visit.ask.get("/api/calls", **asked, limit="500", cursor=cursor)
            yield rows["calls"]
            cursor = rows["next"]

    return await csv_answer(pages(), visit.is_shown)


async def call_page(visit: Visit) -> Page | Response:
    """Return one call from its webhook to what became of it, or do what the form asks."""
    call_id = visit.http.path_params["id"]
    call = await visit.ask.get(f"/api/calls/{call_id}")
    action = ACTIONS.get(visit.form.get("do", ""))
    if action is not None:
        return redirect(f"/calls/{call_id}?{urlencode({'done': await action(visit, call)})}")
    webhook = await _webhook(visit, call)
    values = {
        "call": call,
        "webhook": webhook,
        "matched": await _matched(visit, call, webhook),
        "done": DONE.get(visit.http.query_params.get("done", ""), ""),
        "may_replay": call["state"] in REPLAYABLE,
        "may_have_rung": call["state"] in (State.RUNG, State.UNCERTAIN),
        "here": visit.http.url.path,
        "now": visit.now,
        "is_shown": visit.is_shown,
    }
    return Page("call.html", values)


async def _webhook(visit: Visit, call: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the call's webhook; None once retention has deleted it."""
    try:
        return await visit.ask.get(f"/api/webhooks/{call['webhook']}")
    except IntakeError:
        return None


async def _matched(
    visit: Visit, call: Mapping[str, Any], webhook: Mapping[str, Any] | None
) -> Mapping[str, str]:
    """Return by name the path of each value, as the mapping of today reads the webhook."""
    if webhook is None:
        return {}
    try:
        tried = await visit.ask.post("/api/try", trial_of(webhook))
    except IntakeError:  # its source has no mapping any more, or none that can read it
        return {}
    ids = [made["id"] for made in webhook["calls"]]
    place = ids.index(call["id"]) if call["id"] in ids else len(tried["calls"])
    found = tried["calls"][place : place + 1]
    return dict(found[0]["matched"]) if found else {}


def trial_of(webhook: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored webhook as `POST /api/try` takes it."""
    body = {name: webhook[name] for name in ("body", "body_base64") if name in webhook}
    given = {name: webhook[name] for name in ("source", "method", "query")}
    return {**given, **body, "headers": dict(webhook["headers"])}


async def _replay(visit: Visit, call: Mapping[str, Any]) -> str:
    await visit.ask.post(f"/api/calls/{call['id']}/replay")
    return "replayed"


async def _resolve(visit: Visit, call: Mapping[str, Any]) -> str:
    found = {"as": visit.form.get("as", ""), "note": visit.form.get("note", "")}
    await visit.ask.post(f"/api/calls/{call['id']}/resolve", found)
    return "resolved"


async def _block(visit: Visit, call: Mapping[str, Any]) -> str:
    note = visit.form.get("note", "")
    await visit.ask.post("/api/blocked", {"phone": call["phone"], "note": note})
    return "blocked"


async def _forget(visit: Visit, call: Mapping[str, Any]) -> str:
    await visit.ask.post("/api/forget", {"phone": call["phone"]})
    return "forgotten"


ACTIONS = {"replay": _replay, "resolve": _resolve, "block": _block, "forget": _forget}
