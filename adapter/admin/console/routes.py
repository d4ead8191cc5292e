"""The pages of the console, in a table, each behind the entrance."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from adapter.admin.access import AdminAccess
from adapter.admin.console import calls, now_page, search, webhooks
from adapter.admin.console.asking import Asking
from adapter.admin.console.entrance import Entrance
from adapter.admin.console.pages import Page, show, static
from adapter.admin.console.requests import form_of
from adapter.admin.console.visit import PageOf, Visit
from adapter.admin.routing import Endpoint, fault_of, routes_of
from adapter.errors import ConflictError, IntakeError, LedgerError
from adapter.telemetry import log_event

# A page that shows people is asked by POST to show them in clear, beside its GET.
PAGES: tuple[tuple[str, str, PageOf], ...] = (
    ("GET", "/", now_page.page),
    ("POST", "/", now_page.resume),
    ("GET", "/search", search.page),
    ("POST", "/search", search.page),
    ("GET", "/calls", calls.page),
    ("POST", "/calls", calls.page),
    ("GET", "/calls.csv", calls.export),
    ("POST", "/calls.csv", calls.export),
    ("GET", "/calls/{id}", calls.call_page),
    ("POST", "/calls/{id}", calls.call_page),
    ("GET", "/webhooks", webhooks.page),
    ("GET", "/webhooks/{id}", webhooks.webhook_page),
    ("POST", "/webhooks/{id}", webhooks.webhook_page),
)


def console_routes(
    api_routes: list[Route], access: Callable[[], AdminAccess], now: Callable[[], datetime]
) -> list[Route]:
    """Return the routes of the console, over the routes of the API."""
    entrance, ask = Entrance(access=access, now=now), Asking(api_routes)

    def visited(path: str, page_of: PageOf) -> Endpoint:
        async def endpoint(http: HttpRequest) -> Response:
            way_in = entrance.check(http)
            if way_in is not None:
                return way_in
            form = await form_of(http) if http.method == "POST" else {}
            visit = Visit(http=http, ask=ask, now=now(), form=form)
            if visit.is_shown:
                log_event("people_shown", page=path)
            found = await page_of(visit)
            return await show(http, found) if isinstance(found, Page) else found

        return endpoint

    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/static/{name}", static),
        ("GET", "/log-in", entrance.log_in_page),
        ("POST", "/log-in", entrance.log_in),
        ("POST", "/log-out", entrance.log_out),
        *((method, path, visited(path, page_of)) for method, path, page_of in PAGES),
    ]
    return routes_of(table, partial(_shown, entrance))


def _shown(entrance: Entrance, endpoint: Endpoint) -> Endpoint:
    """Check the Host of every request, and turn named errors into a page that says what to do."""

    async def shown(http: HttpRequest) -> Response:
        try:
            entrance.check_host(http)
            return await endpoint(http)
        except (IntakeError, ConflictError, LedgerError) as error:
            fault = fault_of(error)
            values = {"status": fault.status, "title": fault.title, "detail": fault.detail}
            return await show(http, Page("problem.html", values, status=fault.status))

    return shown
