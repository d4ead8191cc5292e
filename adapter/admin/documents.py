"""A stored webhook as it is decoded."""

from typing import Any

from adapter.errors import IntakeError
from adapter.mapping.mapping import SourceMapping
from adapter.mapping.reading import RequestReading
from adapter.webhook.formats.decode import decode_document
from adapter.webhook.request import Request


def decoded(mapping: SourceMapping | None, request: Request) -> dict[str, Any]:
    """Return `{"document", "problem"}`, of which one is null."""
    try:
        document = (
            decode_document(request)
            if mapping is None
            else RequestReading(mapping, request).document()
        )
    except IntakeError as error:
        return {"document": None, "problem": f"{error.title}: {error.detail}"}
    return {"document": document, "problem": None}
