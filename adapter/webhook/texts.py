"""All that a request says, as decoded: where to look for a person whom no mapping found. Pure."""

from collections.abc import Iterator

from adapter.errors import IntakeError
from adapter.values.text import texts_in
from adapter.webhook.formats.decode import decode_document
from adapter.webhook.formats.form import query_document
from adapter.webhook.request import Request


def texts_of(request: Request) -> Iterator[str]:
    """Yield every text of body, query and headers; what cannot be decoded comes as it is."""
    try:
        yield from texts_in(decode_document(request))
    except IntakeError:
        yield request.body.decode(errors="replace")
    try:
        yield from texts_in(query_document(request.query))
    except IntakeError:
        yield request.query
    yield from (value for _, value in request.headers)
