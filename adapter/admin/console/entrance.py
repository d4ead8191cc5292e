"""The entrance of the console: who may see it, and which writes are a person's own.

On loopback without a token whoever is on this machine may, as with the API. Where there is a token,
a session or the token itself is needed.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response

from adapter.admin.access import AdminAccess
from adapter.admin.console.pages import SESSION_COOKIE, Page, redirect, show
from adapter.admin.console.requests import form_of
from adapter.admin.console.sessions import LASTS, Sessions, Throttle
from adapter.agent import Secret
from adapter.errors import IntakeError
from adapter.telemetry import log_event


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """Checks each request to the console; `access` is the admin listener's by its settings."""

    access: Callable[[], AdminAccess]
    now: Callable[[], datetime]
    sessions: Sessions = field(default_factory=Sessions)
    throttle: Throttle = field(default_factory=Throttle)

    def check_host(self, http: HttpRequest) -> None:
        """Raise IntakeError (403) for a name that may have been rebound to loopback."""
        self.access().check_host(http.headers.get("host", ""))

    def check(self, http: HttpRequest) -> Response | None:
        """Return the way to the log-in for a stranger, None for who may; raises IntakeError."""
        access = self.access()
        if http.method not in ("GET", "HEAD"):
            check_same_origin(http)
        if access.token is None:
            access.check("GET", http.headers)  # 401 off loopback, where a token must be set
            return None
        if self._is_known(http, access.token):
            return None
        return _to_log_in(http)

    def _is_known(self, http: HttpRequest, token: Secret) -> bool:
        cookie = http.cookies.get(SESSION_COOKIE, "")
        if cookie and self.sessions.is_open(token, cookie, self.now()):
            return True
        return _is_same(http.headers.get("authorization", ""), f"Bearer {token.reveal()}")

    async def log_in_page(self, http: HttpRequest) -> Response:
        """Show the log-in."""
        return await show(http, Page("log_in.html", {"problem": _lost_cookie(http)}))

    async def log_in(self, http: HttpRequest) -> Response:
        """Begin a session for who sends the token; whoever guesses has to wait."""
        access, now = self.access(), self.now()
        check_same_origin(http)
        if access.token is None:
            return redirect("/")
        address = http.client.host if http.client else ""
        wait_s = self.throttle.wait_s(address, now)
        if wait_s:
            problem = f"Too many tries. Wait {wait_s} s, then try again."
            response = await show(http, Page("log_in.html", {"problem": problem}, status=429))
            response.headers["retry-after"] = str(wait_s)
            return response
        if not _is_same((await form_of(http)).get("token", ""), access.token.reveal()):
            self.throttle.failed(address, now)
            log_event("log_in_failed")
            problem = "That is not the token. It is admin_token in adapter.yaml."
            return await show(http, Page("log_in.html", {"problem": problem}, status=401))
        log_event("logged_in")
        response = redirect("/?in=1")
        _set_cookie(response, self.sessions.begin(access.token, now), access)
        return response

    async def log_out(self, http: HttpRequest) -> Response:
        """End the session."""
        access = self.access()
        check_same_origin(http)
        if access.token is not None:
            self.sessions.end(access.token, http.cookies.get(SESSION_COOKIE, ""), self.now())
        response = redirect("/log-in")
        response.delete_cookie(SESSION_COOKIE)
        return response


def check_same_origin(http: HttpRequest) -> None:
    """Raise IntakeError (403) unless a page of this console sends the write."""
    site, origin = http.headers.get("sec-fetch-site"), http.headers.get("origin")
    if site is not None:
        is_own = site == "same-origin"
    else:
        is_own = origin is not None and urlsplit(origin).netloc == http.headers.get("host")
    if not is_own:
        raise IntakeError(
            403,
            "Not from this console",
            "A write must come from a page of this console itself. Programs use /api.",
        )


def _to_log_in(http: HttpRequest) -> Response:
    if "hx-request" in http.headers:  # a part of a page: the whole page has to go
        return Response(status_code=401, headers={"hx-redirect": "/log-in"})
    if http.method in ("GET", "HEAD"):
        return redirect("/log-in?lost=1" if "in" in http.query_params else "/log-in")
    raise IntakeError(401, "Your session has ended", "Log in again, then repeat what you did.")


def _lost_cookie(http: HttpRequest) -> str:
    if "lost" not in http.query_params:
        return ""
    return (
        "Your browser did not keep the session: off this machine it keeps it over HTTPS alone. "
        "Put a proxy with TLS in front of admin_listen, or use an SSH tunnel."
    )


def _set_cookie(response: RedirectResponse, session: str, access: AdminAccess) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=not access.is_on_loopback,
        httponly=True,
        samesite="strict",
    )


def _is_same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
