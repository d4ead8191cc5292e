"""The body of `POST /api/try`: a source's name and a request, as JSON."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from adapter.errors import IntakeError
from adapter.webhook.request import Request

_SHAPE = (
    'Send {"source": name, "body": text (or "body_base64"), "content_type": text, '
    '"headers": {name: value}, "query": text, "method": text, "lookup": what the look-up is '
    'answered}; only "source" is needed.'
)


def trial_request(content: Mapping[str, Any]) -> tuple[str, Request]:
    """Return the source's name and the request; raises IntakeError (400) naming the shape."""
    texts = {name: content.get(name, "") for name in ("source", "body", "content_type", "query")}
    headers = content.get("headers", {})
    if not _all_text(texts) or not isinstance(headers, dict) or not _all_text(headers):
        raise IntakeError(400, "Bad request", _SHAPE)
    return texts["source"], build_request(
        method=str(content.get("method", "POST")).upper(),
        query=texts["query"],
        headers=headers,
        content_type=texts["content_type"],
        body=_decoded_base64(content.get("body_base64"))
        or texts["body"].encode("utf-8", "replace"),
    )


def build_request(
    *, method: str, query: str, headers: Mapping[str, str], content_type: str, body: bytes
) -> Request:
    """Return a request as a sender would have made it."""
    pairs = [(name.lower(), value) for name, value in headers.items()]
    if content_type:
        pairs = [pair for pair in pairs if pair[0] != "content-type"]
        pairs.append(("content-type", content_type))
    return Request(
        method=method, path="", query=query, headers=tuple(pairs), body=body, client="127.0.0.1"
    )


def _all_text(texts: Mapping[Any, Any]) -> bool:
    return all(isinstance(k, str) and isinstance(v, str) for k, v in texts.items())


def _decoded_base64(text: Any) -> bytes:
    if text is None:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise IntakeError(400, "Bad request", "`body_base64` is not base64.") from None
