"""Controls over the admin API: agents, sources, blocked numbers, and people to forget."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from adapter.admin.parameters import (
    json_answer,
    json_object,
    limit_of,
    note_of,
    numbers_of,
    person_phone_of,
    phones_of,
)
from adapter.admin.representations import blocked_row
from adapter.config.config import Current
from adapter.errors import IntakeError, UnknownError
from adapter.ledger.ledger import Ledger
from adapter.model import Webhook
from adapter.telemetry import log_event
from adapter.values.number_search import search_terms
from adapter.values.numbering_plans import spellings_of
from adapter.values.written_numbers import plain_signs
from adapter.webhook.request import Request
from adapter.webhook.texts import texts_of

_MOST_PHONES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Controls:
    """The endpoints; `status` answers what agents and sources are afterwards."""

    current: Current
    ledger: Ledger
    now: Callable[[], datetime]
    wake_all: Callable[[], None]
    status: Callable[[HttpRequest], Awaitable[Response]]

    async def pause(self, http: HttpRequest) -> Response:
        """Let an agent (or `*`, all) ring nobody until it is resumed."""
        for name in self._agents(http):
            await self.ledger.admin.pause(name, now=self.now())
        return await self.status(http)

    async def resume(self, http: HttpRequest) -> Response:
        """Let an agent (or `*`, all) ring again, though it is halted or has rung enough today."""
        for name in self._agents(http):
            await self.ledger.admin.resume(name, now=self.now())
        self.wake_all()
        return await self.status(http)

    async def pause_source(self, http: HttpRequest) -> Response:
        """Hold the calls of a source (or `*`, all); its webhooks are still taken and stored."""
        for name in await self._sources(http):
            await self.ledger.admin.pause_source(name, now=self.now())
        return await self.status(http)

    async def resume_source(self, http: HttpRequest) -> Response:
        """Let a source's calls (or `*`, all) go on, after a pause or a burst."""
        for name in await self._sources(http):
            await self.ledger.admin.resume_source(name, now=self.now())
        self.wake_all()
        return await self.status(http)

    def _agents(self, http: HttpRequest) -> list[str]:
        name, agents = http.path_params["name"], self.current.config.agents
        if name == "*":
            return list(agents)
        if name not in agents:
            raise UnknownError(f"no such agent; there are: {', '.join(agents)}")
        return [name]

    async def _sources(self, http: HttpRequest) -> list[str]:
        # One whose mapping is gone may have calls that are held all the same.
        name = http.path_params["name"]
        names = sorted({*self.current.config.sources, *await self.ledger.reads.sources()})
        if name == "*":
            return names
        if name not in names:
            raise UnknownError(f"no such source; there are: {', '.join(names)}")
        return [name]

    async def blocks(self, http: HttpRequest) -> Response:
        """Return a page of blocked numbers, in their order."""
        query = http.query_params
        # A bare `+` in a query string arrives as a space.
        cursor = query.get("cursor", "").replace(" ", "+") or None
        persons = await asyncio.to_thread(numbers_of, query.get("phone"))
        rows, following = await self.ledger.reads.blocks(
            limit_of(query.get("limit")), cursor, persons
        )
        return json_answer({"blocked": [blocked_row(row) for row in rows], "next": following})

    async def block(self, http: HttpRequest) -> Response:
        """Never ring these numbers; calls that wait for them end at once."""
        content = await json_object(http)
        phones, note = phones_of(content), note_of(content)
        if len(phones) > _MOST_PHONES:
            raise IntakeError(413, "Too large", f"At most {_MOST_PHONES} numbers at once.")
        blocking = await self.ledger.admin.block(phones, self.now(), note=note)
        log_event("numbers_blocked", added=blocking.added, calls=blocking.calls)
        return json_answer({"phones": phones, "added": blocking.added, "calls": blocking.calls})

    async def unblock(self, http: HttpRequest) -> Response:
        """Let these numbers be rung again; calls that were ended stay so."""
        phones = phones_of(await json_object(http))
        removed = await self.ledger.admin.unblock(phones)
        log_event("numbers_unblocked", removed=removed)
        return json_answer({"phones": phones, "removed": removed})

    async def forget(self, http: HttpRequest) -> Response:
        """Erase a person: all that is stored of the calls and webhooks with this number."""
        phone = person_phone_of(await json_object(http))
        forgotten = await self.ledger.admin.forget(
            phone,
            self.now(),
            spellings=spellings_of(phone),
            texts=_plain_texts,
            terms=search_terms(phone),
        )
        log_event("person_forgotten", calls=forgotten.calls, webhooks=forgotten.webhooks)
        return json_answer({"calls": forgotten.calls, "webhooks": forgotten.webhooks})


def _plain_texts(webhook: Webhook) -> Iterator[str]:
    """Yield all that a webhook says, as decoded, with ASCII digits and signs."""
    texts = texts_of(Request.from_webhook(webhook))
    return (text if text.isascii() else plain_signs(text) for text in texts)
