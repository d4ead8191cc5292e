"""What a body was labelled, and what it is: for mappings that overrule a label, and for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapter.webhook.formats.decode import (
    JSON_OF_FORM,
    JSON_OF_XML,
    MULTIPART,
    Decoder,
    decoded_request,
    decoder_of,
    json_of_xml,
    read_body,
    read_form,
    read_json,
    read_xml,
)
from adapter.webhook.formats.json import json_liberties
from adapter.webhook.formats.media_type import boundary_of, read_media_type
from adapter.webhook.formats.multipart import multipart_document
from adapter.webhook.request import Request

_KINDS: Mapping[Decoder | None, str] = {
    None: "the query",
    read_json: "JSON",
    read_form: "a form",
    multipart_document: "a multipart form",
    read_xml: "XML",
    json_of_xml: "XML",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A document, and what its body was taken for.

    `overruled` is the name of a label that said otherwise, "" if none did; `liberties` says what
    of JSON is none and was read all the same.
    """

    document: Any = field(repr=False)
    kind: str
    overruled: str = ""
    liberties: tuple[str, ...] = ()


def relabelled(request: Request, content_type: str, charset: str) -> Request:
    """Return the request as if its sender had said so of the body; "" leaves what he says.

    What was stored decoded has a label of ours, which says more.
    """
    said = read_media_type(request.header("content-type"))
    if not request.has_document_in_body or said.name in {JSON_OF_FORM, JSON_OF_XML}:
        return request
    name, charset = content_type or said.name, charset or said.charset or ""
    boundary = said.boundary or boundary_of(request.body)
    label = name
    if charset:
        label += f"; charset={charset}"
    if name == MULTIPART and boundary:
        label += f'; boundary="{boundary.decode("latin-1")}"'
    headers = tuple(pair for pair in request.headers if pair[0] != "content-type")
    return replace(request, headers=(*headers, ("content-type", label)))


def explained_document(request: Request) -> Decoded:
    """Return what `decode_document` does, and tell what it took the body for; raises alike."""
    request = decoded_request(request)
    decoder, document = read_body(request)
    media_type = read_media_type(request.header("content-type"))
    is_labelled = decoder in {None, decoder_of(media_type)}
    is_json = decoder is read_json
    return Decoded(
        document=document,
        kind=_KINDS[decoder],
        overruled="" if is_labelled else media_type.name,
        liberties=json_liberties(request.body, media_type.charset) if is_json else (),
    )
