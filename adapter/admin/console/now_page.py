"""Now: what needs a person first, then how things stand."""

from starlette.responses import Response

from adapter.admin.console.pages import Page
from adapter.admin.console.visit import Visit


async def page(visit: Visit) -> Page | Response:
    """Return how things stand."""
    status = await visit.ask.get("/api/status")
    return Page("now.html", {"status": status, "now": visit.now})
