"""The search: a phone in any spelling, an id, or the name of a source or an agent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from adapter.admin.console.pages import Page, redirect
from adapter.admin.console.visit import Visit
from adapter.errors import IntakeError
from adapter.values.phone_numbers import MIN_DIGITS

_ID = re.compile(r"(?i)[0-9A-Z]{26}")
_LIMIT = "50"
_MORE = ("phone", "source", "agent")
_VERDICTS: Mapping[str, str] = {
    "uncertain": "It may have rung: a person must find out",
    "sending": "It is being rung now",
    "waiting": "Not rung yet: it waits",
    "held": "Not rung yet: it is held",
    "failed": "Not rung: it was tried and failed",
    "refused": "Not rung: it cannot be called as it is",
}


async def page(visit: Visit) -> Page | Response:
    """Return all about what is searched; of an id, the way to its own page."""
    query = visit.http.query_params.get("q", "").strip()
    if _ID.fullmatch(query):
        where = await _place_of(visit, query.upper())
        if where:
            return redirect(where)
    found: dict[str, Any] = {"source": "", "agent": "", "calls": [], "webhooks": [], "blocked": []}
    if is_phone(query):
        blocked = await visit.ask.get("/api/blocked", phone=query)
        found |= {"phone": query, "blocked": blocked["blocked"]}
        found |= await _rows(visit, phone=query)
    elif query:
        found |= await _named(visit, query)
    values = {
        "query": query,
        "kind": _kind(query, found),
        "verdict": verdict(found["calls"], found["webhooks"]),
        "has_more": bool(found.get("next")),
        "more": urlencode({name: found[name] or "" for name in _MORE if found.get(name)}),
        "here": f"/search?{urlencode({'q': query})}",
        "now": visit.now,
        "is_shown": visit.is_shown,
    }
    return Page("search.html", found | values)


def verdict(calls: Sequence[Mapping[str, Any]], webhooks: Sequence[Mapping[str, Any]]) -> str:
    """Return in a sentence whether a number was rung."""
    states = [call["state"] for call in calls]
    rung = states.count("rung")
    if rung:
        return "Rung once" if rung == 1 else f"Rung {rung} times"
    for state, sentence in _VERDICTS.items():
        if state in states:
            return sentence
    if calls or webhooks:
        return "Not rung: it was turned away"
    return "Nothing came with this number"


def is_phone(query: str) -> bool:
    """Tell whether somebody searches a number: digits, and no letter beside them."""
    digits = sum(map(str.isdigit, query))
    return digits >= MIN_DIGITS and not any(map(str.isalpha, query))


async def _place_of(visit: Visit, an_id: str) -> str:
    for kind in ("calls", "webhooks"):
        try:
            await visit.ask.get(f"/api/{kind}/{an_id}")
        except IntakeError as error:
            if error.status != 404:
                raise
        else:
            return f"/{kind}/{an_id}"
    return ""


async def _named(visit: Visit, query: str) -> dict[str, Any]:
    status = await visit.ask.get("/api/status")
    for kind in ("source", "agent"):
        names = {name.casefold(): name for name in status[f"{kind}s"]}
        name = names.get(query.casefold())
        if name:
            return {kind: name, **await _rows(visit, **{kind: name})}
    return {}


async def _rows(visit: Visit, **which: str) -> dict[str, Any]:
    """Return the newest calls, and of a phone or a source the webhooks that made none."""
    calls = await visit.ask.get("/api/calls", limit=_LIMIT, **which)
    if "agent" in which:
        return {"calls": calls["calls"], "next": calls["next"]}
    webhooks = await visit.ask.get("/api/webhooks", limit=_LIMIT, **which)
    made = {call["webhook"] for call in calls["calls"]}
    callless = [webhook for webhook in webhooks["webhooks"] if webhook["id"] not in made]
    return {"calls": calls["calls"], "webhooks": callless, "next": calls["next"]}


def _kind(query: str, found: dict[str, Any]) -> str:
    if found["source"] or found["agent"]:
        return "source" if found["source"] else "agent"
    return "phone" if is_phone(query) else "unknown" if query else "nothing"
