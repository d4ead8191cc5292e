"""Now: what needs a person first, then how the day goes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from adapter.admin.console.chart import chart_of
from adapter.admin.console.needs import needs_of
from adapter.admin.console.pages import Page, redirect
from adapter.admin.console.visit import Visit
from adapter.errors import IntakeError
from adapter.model import State

# What a reader looks for first.
TILES = (State.RUNG, State.WAITING, State.HELD, State.UNCERTAIN, State.REFUSED, State.FAILED)


async def page(visit: Visit) -> Page | Response:
    """Return how things stand."""
    status = await visit.ask.get("/api/status")
    today = await visit.ask.get("/api/today")
    needs = needs_of(status, today)
    rows = rows_of(today["calls"])
    values = {
        "needs": [need for need in needs if not need.is_advice],
        "advice": [need for need in needs if need.is_advice],
        "states": TILES,
        "totals": {state: sum(row[state] for row in rows.values()) for state in TILES},
        "rows": rows,
        "latency": today["received_to_rung"],
        "by_hour": today["by_hour"],
        "chart": chart_of(today["by_hour"]),
        "done": "Resumed." if "done" in visit.http.query_params else "",
        "now": visit.now,
    }
    return Page("now.html", values)


async def resume(visit: Visit) -> Page | Response:
    """Resume the agent or the source that the form names."""
    kind, name = visit.form.get("kind", ""), visit.form.get("name", "")
    if kind not in ("agent", "source") or "/" in name:
        raise IntakeError(400, "Bad request", "A form of this page names an agent or a source.")
    await visit.ask.post(f"/api/{kind}s/{name}/resume")
    return redirect("/?done=1")


def rows_of(
    counts: Sequence[Mapping[str, Any]],
) -> dict[tuple[str, str | None], Counter[str]]:
    """Return by source and agent how many calls are in each state."""
    rows: dict[tuple[str, str | None], Counter[str]] = {}
    ordered = sorted(counts, key=lambda count: (count["source"], count["agent"] or ""))
    for count in ordered:
        row = rows.setdefault((count["source"], count["agent"]), Counter())
        row[count["state"]] += count["count"]
    return rows
