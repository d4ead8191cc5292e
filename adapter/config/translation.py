"""A compiled source at work: request → document → calls. The one place that joins the two halves.

Intake, replay, `adapter try` and a mapping's examples all pass here, so they cannot differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapter.config.source import Source
from adapter.errors import IntakeError, MappingError
from adapter.mapping.view import View
from adapter.model import MappedCall, Reason, Webhook
from adapter.webhook.formats.decode import decode_document, decode_inside, query_document
from adapter.webhook.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """The calls of one webhook; where there are none, `reason` says why and `detail` where."""

    calls: tuple[MappedCall, ...] = ()
    reason: str = ""
    detail: str = ""


def document_of(source: Source, request: Request) -> Any:
    """Return the decoded document; raises IntakeError (400, 415) where it cannot be read."""
    document = decode_document(request)
    return decode_inside(document, json_paths=source.decode_json, xml_paths=source.decode_xml)


def view_of(request: Request, document: Any, lookup: Any | None = None) -> View:
    """Return what a mapping's paths may read of a request, and of a look-up's answer."""
    headers: dict[str, str] = {}
    for name, value in request.headers:
        headers.setdefault(name, value)
    query = query_document(request.query)
    return View(document=document, query=query, headers=headers, lookup=lookup)


def map_request(
    source: Source,
    request: Request,
    document: Callable[[], Any] | None = None,
    *,
    lookup: Any | None = None,
) -> Mapped:
    """Map a request; `document` gives its document where somebody has read it already.

    With `lookup` its look-ups count as answered, for every call alike.
    """
    try:
        read = document() if document is not None else document_of(source, request)
        calls = source.mapping.calls(view_of(request, read, lookup))
    except IntakeError as fault:
        return Mapped(reason=fault.reason, detail=fault.detail)
    except MappingError as fault:
        return Mapped(reason=fault.reason, detail=fault.detail)
    return Mapped(calls=calls, reason="" if calls else Reason.NO_ITEMS)


def views_of(source: Source, request: Request) -> tuple[View, ...]:
    """Return what each call of a request is made of, by position.

    Raises IntakeError and MappingError where the request cannot be read.
    """
    return source.mapping.items(view_of(request, document_of(source, request)))


def request_of(webhook: Webhook) -> Request:
    """Return the stored request, less whatever proved its sender."""
    return Request(
        method=webhook.method,
        path="",
        query=webhook.query,
        headers=webhook.headers,
        body=webhook.body,
        client="",
    )
