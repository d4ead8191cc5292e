"""Urlencoded forms and query strings to a document."""

from typing import Any
from urllib.parse import unquote_to_bytes

from adapter.intake.brackets import nest
from adapter.intake.charset import decode_text
from adapter.intake.refusals import malformed_body
from adapter.webhook.request import wire_bytes

MAX_FIELDS = 1_000


def form_document(body: bytes, charset: str | None) -> dict[str, Any]:
    """Return the object that a urlencoded form describes; raises IntakeError (400 or 415)."""
    return nest(form_fields(body, charset))


def query_document(query: str) -> dict[str, Any]:
    """Return a raw query string as a form; raises IntakeError (400 `malformed_body`)."""
    return form_document(wire_bytes(query), None)


def form_fields(body: bytes, charset: str | None) -> list[tuple[str, str]]:
    """Return the decoded (key, value) pairs of a urlencoded form, in order."""
    if body.count(b"&") >= MAX_FIELDS:
        raise malformed_body(f"expected at most {MAX_FIELDS} fields, found more")
    return [_field(pair, charset) for pair in body.split(b"&") if pair]


def _field(pair: bytes, charset: str | None) -> tuple[str, str]:
    key, _, value = pair.replace(b"+", b" ").partition(b"=")
    return (
        decode_text(unquote_to_bytes(key), charset),
        decode_text(unquote_to_bytes(value), charset),
    )
