"""Our answers as Starlette's responses, for both listeners."""

from dataclasses import replace

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from adapter.errors import IntakeError
from adapter.webhook.answers import Answer, problem_answer

# What RFC 9110 and 6585 want beside these statuses.
_BESIDE = {
    # A line each, Basic first: Java's and Perl's clients look at the first alone, and would never
    # send their credentials otherwise.
    401: (
        ("www-authenticate", 'Basic realm="adapter", charset="UTF-8"'),
        ("www-authenticate", 'Bearer realm="adapter"'),
    ),
    429: (("retry-after", "60"),),
    503: (("retry-after", "30"),),
}
_TITLES = {404: "Not found", 405: "Method not allowed"}


def fault_answer(error: IntakeError) -> Answer:
    """Return the problem+json of a request of which nothing was stored."""
    answer = problem_answer(error.status, error.title, error.detail)
    return replace(answer, headers=(*answer.headers, *_BESIDE.get(error.status, ())))


def respond(answer: Answer, *, user_agent: str = "") -> Response:
    """Write our answer as Starlette's; nothing that we say may be cached.

    HubSpot's workflows read Retry-After in milliseconds, all others in seconds: HubSpot gets none,
    and then waits a minute by itself.
    """
    response = Response(answer.body, status_code=answer.status)
    if answer.content_type:
        response.headers["content-type"] = answer.content_type
    for name, value in dict.fromkeys([("cache-control", "no-store"), *answer.headers]):
        response.headers.append(name, value)
    if user_agent.startswith("HubSpot"):
        del response.headers["retry-after"]
    return response


async def http_problem(_: HttpRequest, error: Exception) -> Response:
    """Answer what Starlette itself refuses (404, 405) as problem+json."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    answer = problem_answer(status, _TITLES.get(status, "Refused"), "")
    return respond(replace(answer, headers=(*answer.headers, *(headers or {}).items())))


async def internal_problem(_: HttpRequest, __: Exception) -> Response:
    """Answer a bug as problem+json; the traceback goes to the log alone."""
    return respond(problem_answer(500, "Internal error", "This is a bug; the log has it."))


def build_app(routes: list[Route]) -> Starlette:
    """Return a Starlette app whose every error is problem+json."""
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: http_problem, Exception: internal_problem},
    )
    app.router.redirect_slashes = False  # a 307 is no answer of ours, and it would name our host
    return app
