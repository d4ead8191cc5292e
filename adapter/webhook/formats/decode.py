"""A proven request to the document that paths read (contract §4, Documents)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapter.errors import IntakeError, MappingError
from adapter.webhook.formats.form import form_document, query_document
from adapter.webhook.formats.json import json_document, json_from_text
from adapter.webhook.formats.media_type import (
    MediaType,
    malformed_body,
    read_media_type,
    unsupported_media_type,
)
from adapter.webhook.formats.multipart import multipart_document
from adapter.webhook.formats.xml import xml_document, xml_from_text
from adapter.webhook.path_like import PathLike
from adapter.webhook.request import Request

__all__ = ["JSON_OF_FORM", "decode_document", "decode_inside", "is_urlencoded", "query_document"]

_Decoder = Callable[[bytes, MediaType], Any]


def _json(body: bytes, media_type: MediaType) -> Any:
    return json_document(body, media_type.charset)


def _form(body: bytes, media_type: MediaType) -> Any:
    return form_document(body, media_type.charset)


def _xml(body: bytes, media_type: MediaType) -> Any:
    return xml_document(body, media_type.charset)


_URLENCODED = "application/x-www-form-urlencoded"
# A decoded form that is stored as JSON, and in which a lost plus still is a blank.
JSON_OF_FORM = f"{_URLENCODED}+json"
_DECODERS: Mapping[str, _Decoder] = {
    "": _json,  # no content type: most such senders mean JSON
    "application/json": _json,
    "text/json": _json,
    "text/plain": _json,
    _URLENCODED: _form,
    "multipart/form-data": multipart_document,
    "application/xml": _xml,
    "text/xml": _xml,
}
_SUFFIX_DECODERS: Mapping[str, _Decoder] = {"json": _json, "xml": _xml}  # RFC 6839


def decode_document(request: Request) -> Any:
    """Return the document of a request; of a GET or an empty body, the query as a form.

    Raises IntakeError: 400 `malformed_body`, 415 `unsupported_media_type`.
    """
    if not request.has_document_in_body:
        return query_document(request.query)
    media_type = read_media_type(request.header("content-type"))
    decoder = _DECODERS.get(media_type.name) or _decoder_of_suffix(media_type.name)
    if decoder is None:
        raise unsupported_media_type(
            "expected Content-Type JSON, XML, urlencoded or multipart/form-data, found another"
        )
    return decoder(request.body, media_type)


def is_urlencoded(request: Request) -> bool:
    """Whether the document is a urlencoded form or the query, where a bare `+` is a blank."""
    media_type = read_media_type(request.header("content-type"))
    return not request.has_document_in_body or media_type.name in {_URLENCODED, JSON_OF_FORM}


def _decoder_of_suffix(name: str) -> _Decoder | None:
    _, plus, suffix = name.rpartition("+")
    return _SUFFIX_DECODERS.get(suffix) if plus else None


def decode_inside(
    document: Any, *, json_paths: Sequence[PathLike] = (), xml_paths: Sequence[PathLike] = ()
) -> Any:
    """Parse the strings at these paths in place and return the document (`decode:`).

    What is no string, or a blank one, is left alone; raises IntakeError (400 `malformed_body`)
    naming the path.
    """
    for path in json_paths:
        document = _decode_at(path, document, json_from_text)
    for path in xml_paths:
        document = _decode_at(path, document, xml_from_text)
    return document


def _decode_at(path: PathLike, document: Any, decode: Callable[[str], Any]) -> Any:
    def decoded(value: Any) -> Any:
        return decode(value) if isinstance(value, str) and value.strip() else value

    try:
        return path.replace(document, decoded)
    except (IntakeError, MappingError) as error:
        raise malformed_body(f"at {path.text} (`decode`): {error.detail}") from None
