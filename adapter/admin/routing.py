"""Routes of the admin API made of a table of endpoints, with named errors as problem+json."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from adapter.errors import ConflictError, IntakeError, LedgerError, UnknownError
from adapter.server.responses import fault_answer, respond

Endpoint = Callable[[HttpRequest], Awaitable[Response]]


def routes_of(
    table: Iterable[tuple[str, str, Endpoint]], wrapped: Callable[[Endpoint], Endpoint]
) -> list[Route]:
    """Return one route for each path of (method, path, endpoint) rows, each endpoint wrapped."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for method, path, endpoint in table:
        by_path.setdefault(path, {})[method] = wrapped(endpoint)
    return [_route(path, endpoints) for path, endpoints in by_path.items()]


def answered(endpoint: Endpoint) -> Endpoint:
    """Turn named errors into problem+json."""

    async def answering(http: HttpRequest) -> Response:
        try:
            return await endpoint(http)
        except (IntakeError, ConflictError, LedgerError) as error:
            return respond(fault_answer(fault_of(error)))

    return answering


def fault_of(error: IntakeError | ConflictError | LedgerError) -> IntakeError:
    """Return the error with the status that it is answered with."""
    if isinstance(error, IntakeError):
        return error
    if isinstance(error, UnknownError):
        return IntakeError(404, "Not found", str(error))
    if isinstance(error, ConflictError):
        return IntakeError(409, "Not possible now", str(error))
    return IntakeError(503, "Ledger unavailable", str(error))


def _route(path: str, endpoints: Mapping[str, Endpoint]) -> Route:
    """Return one route for all methods of a path, so that a 405 names every one of them."""

    async def chosen(http: HttpRequest) -> Response:
        return await endpoints["GET" if http.method == "HEAD" else http.method](http)

    return Route(path, chosen, methods=list(endpoints))
