"""A visit: what a page of the console is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from adapter.admin.console.asking import Asking
from adapter.admin.console.pages import Page


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A request of who may see the console; `ask` answers what the API answers.

    `form` is empty for a GET. Phones and values are masked unless `is_shown`: asked for by a POST.
    """

    http: HttpRequest
    ask: Asking
    now: datetime
    form: dict[str, str]

    @property
    def is_shown(self) -> bool:
        """Whether phones and values are shown in clear."""
        return "show" in self.form


PageOf = Callable[[Visit], Awaitable[Page | Response]]
