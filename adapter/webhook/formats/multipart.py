"""Multipart forms (RFC 7578) to a document; files are ignored."""

import binascii
from collections.abc import Callable, Mapping
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from adapter.webhook.formats.form import nest
from adapter.webhook.formats.media_type import (
    MediaType,
    decode_text,
    malformed_body,
    read_media_type,
)

MAX_PARTS = 1_000
_MAX_HEADERS = 8
_MAX_HEADER_BYTES = 4_096
_MAX_BOUNDARY_BYTES = 70  # RFC 2046 §5.1.1


def multipart_document(body: bytes, media_type: MediaType) -> dict[str, Any]:
    """Return the object that a multipart form describes; raises IntakeError (400 or 415)."""
    boundary = media_type.boundary or b""
    if not 0 < len(boundary) <= _MAX_BOUNDARY_BYTES:
        raise malformed_body("expected a boundary of 1 to 70 bytes in Content-Type, found none")
    parts = _Parts()
    body = _from_first_boundary(body, boundary)
    try:
        parts.read(body, boundary)
    except FormParserError:
        raise malformed_body("expected multipart parts between boundaries, found others") from None
    if not parts.is_complete:
        raise malformed_body("expected a closing boundary, found the end: the body is cut short")
    return nest(
        (decode_text(name, media_type.charset), decode_text(text, charset or media_type.charset))
        for name, text, charset in parts.fields
    )


def _from_first_boundary(body: bytes, boundary: bytes) -> bytes:
    """Return the body less what stands before its parts, with the line ends of RFC 2046."""
    if b"\r\n" not in body:
        body = body.replace(b"\n", b"\r\n")
    _, found, rest = (b"\r\n" + body).partition(b"\r\n--" + boundary)
    return b"--" + boundary + rest if found else body


def _as_it_was(text: bytes) -> bytes:
    return text


def _from_base64(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return text  # it only says so


# What undoes a part's Content-Transfer-Encoding (RFC 2045 §6); other words encode nothing.
_TRANSFERS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"base64": _from_base64,
    b"quoted-printable": binascii.a2b_qp,
}


class _Parts:
    """Collects (name, text, charset) of every part that is not a file, as the parser calls."""

    def __init__(self) -> None:
        self.fields: list[tuple[bytes, bytes, str | None]] = []
        self.is_complete = False
        self._count = 0
        self._headers: dict[bytes, bytes] = {}
        self._name = bytearray()
        self._value = bytearray()
        self._text = bytearray()

    def read(self, body: bytes, boundary: bytes) -> None:
        MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._take_name,
                "on_header_value": self._take_value,
                "on_header_end": self._end_header,
                "on_part_data": self._take_text,
                "on_part_end": self._end,
                "on_end": self._complete,
            },
            max_header_count=_MAX_HEADERS,
            max_header_size=_MAX_HEADER_BYTES,
        ).write(body)

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise malformed_body(f"expected at most {MAX_PARTS} parts, found more")
        self._headers = {}
        self._text = bytearray()

    def _take_name(self, chunk: bytes, start: int, end: int) -> None:
        self._name += chunk[start:end]

    def _take_value(self, chunk: bytes, start: int, end: int) -> None:
        self._value += chunk[start:end]

    def _end_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value).strip()
        self._name, self._value = bytearray(), bytearray()

    def _take_text(self, chunk: bytes, start: int, end: int) -> None:
        self._text += chunk[start:end]

    def _end(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        _, parameters = parse_options_header(disposition)
        is_file = b"filename" in parameters or b"filename*" in disposition.lower()
        if is_file or b"name" not in parameters:
            return  # a file, or what no path could name
        transfer = self._headers.get(b"content-transfer-encoding", b"").lower()
        text = _TRANSFERS.get(transfer, _as_it_was)(bytes(self._text))
        content_type = self._headers.get(b"content-type", b"").decode("latin-1")
        charset = read_media_type(content_type).charset
        self.fields.append((parameters[b"name"], text, charset))

    def _complete(self) -> None:
        self.is_complete = True
