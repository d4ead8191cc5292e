"""A proven request to the document that paths read (contract §4, Documents)."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapter.errors import IntakeError, MappingError
from adapter.values.elements import Element, as_elements
from adapter.webhook.formats.form import form_document, query_document
from adapter.webhook.formats.json import json_document, json_inside
from adapter.webhook.formats.media_type import (
    MediaType,
    coding_of,
    malformed_body,
    read_media_type,
    unsupported_media_type,
)
from adapter.webhook.formats.multipart import multipart_document
from adapter.webhook.formats.xml import xml_document, xml_inside
from adapter.webhook.path_like import PathLike
from adapter.webhook.request import Request

_GZIP_MAGIC = b"\x1f\x8b"
READ_CODINGS = "gzip, deflate"
# zlib: 15 bits of window; with a gzip header and trailer, with zlib's own, or bare.
_GZIP_WBITS, _ZLIB_WBITS, _BARE_WBITS = 31, 15, -15
# Each member costs a decompressor and a copy of what follows it; honest senders use one.
_MAX_MEMBERS = 1_000
# Of what was stored encoded; what arrives is bounded by `max_body`.
MAX_DECODED_BYTES = 64 * 1024 * 1024
_MAX_DIGITS = 20  # a length of more is too large anyway


class BodyReader:
    """Takes chunks as they arrive and gives the decoded body.

    Raises IntakeError: 413 as soon as raw or decoded bytes exceed `max_bytes`, 400
    `malformed_body` for a corrupt or truncated stream, 415 for a coding that is not read here. A
    body that says gzip and is none, by its first bytes, is taken as it is.
    """

    def __init__(self, *, max_bytes: int, content_encoding: str | None) -> None:
        self._max_bytes = max_bytes
        self._raw_bytes = 0
        self._body = bytearray()
        coding = coding_of(content_encoding)
        self._inflater = _Inflater(coding) if coding else None

    def check_declared(self, content_length: str | None) -> None:
        """Refuse what says itself that it is too large, before it is sent."""
        declared = content_length or ""
        if declared.isdecimal() and int(declared[:_MAX_DIGITS]) > self._max_bytes:
            raise self._too_large()

    def feed(self, chunk: bytes) -> None:
        """Take the next raw bytes of the body."""
        self._raw_bytes += len(chunk)
        if self._raw_bytes > self._max_bytes:
            raise self._too_large()
        if self._inflater is None:
            self._body += chunk
            return
        self._inflater.push(chunk)
        # One byte more than is allowed shows a bomb without inflating it.
        self._body += self._inflater.pull(self._max_bytes - len(self._body) + 1)
        if len(self._body) > self._max_bytes:
            raise self._too_large()

    def finish(self) -> bytes:
        """Return the whole body, decoded."""
        if self._inflater is not None:
            self._body += self._inflater.finish()
        return bytes(self._body)

    def _too_large(self) -> IntakeError:
        detail = f"expected at most {self._max_bytes} bytes (`max_body`), found more"
        return IntakeError(413, "Body too large", detail)


def decoded_request(request: Request, max_bytes: int = MAX_DECODED_BYTES) -> Request:
    """Undo the content encoding, and take away the header that says so; raises as BodyReader does.

    So the header stays with a body that is still encoded, and only there.
    """
    encoding = request.header("content-encoding")
    if encoding is None:
        return request
    reader = BodyReader(max_bytes=max_bytes, content_encoding=encoding)
    reader.feed(request.body)
    headers = tuple(pair for pair in request.headers if pair[0] != "content-encoding")
    return replace(request, headers=headers, body=reader.finish())


class _Inflater:
    """A gzip stream of one or more members (RFC 1952 §2.2), or a deflate stream (RFC 1950)."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._waiting = b""
        self._members = 0
        self._wbits: int | None = None  # not known before the first two bytes; 0 for plain bytes
        self._stream = zlib.decompressobj(_GZIP_WBITS)
        self._is_inside = False

    def push(self, chunk: bytes) -> None:
        self._waiting += chunk
        if self._wbits is None and len(self._waiting) >= len(_GZIP_MAGIC):
            self._wbits = self._wbits_of(self._waiting)

    def pull(self, max_bytes: int) -> bytes:
        """Return up to `max_bytes` of what the pushed chunks hold."""
        if self._wbits is None:
            return b""
        if self._wbits == 0:
            plain, self._waiting = self._waiting, b""
            return plain
        pulled = bytearray()
        while self._starts_or_continues() and len(pulled) < max_bytes:
            pulled += self._inflate(max_bytes - len(pulled))
        return bytes(pulled)

    def finish(self) -> bytes:
        """Return what is left of a body of one byte; a stream must be whole."""
        if self._is_inside:
            raise malformed_body(
                f"expected a whole {self._coding} stream, found its beginning only"
            )
        return self._waiting if self._wbits is None else b""

    def _wbits_of(self, start: bytes) -> int:
        if self._coding == "gzip":
            return _GZIP_WBITS if start.startswith(_GZIP_MAGIC) else 0
        # zlib's header: the method is 8, and its two bytes are a multiple of 31 (RFC 1950 §2.2)
        is_zlib = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
        return _ZLIB_WBITS if is_zlib else _BARE_WBITS

    def _starts_or_continues(self) -> bool:
        if not self._is_inside:
            self._waiting = self._waiting.lstrip(b"\0")  # gzip(1) allows zero padding
            if self._waiting:
                self._start()
        return bool(self._waiting)

    def _start(self) -> None:
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise malformed_body(f"expected at most {_MAX_MEMBERS} gzip members, found more")
        self._stream = zlib.decompressobj(self._wbits or _GZIP_WBITS)
        self._is_inside = True

    def _inflate(self, max_bytes: int) -> bytes:
        try:
            inflated = self._stream.decompress(self._waiting, max_bytes)
        except zlib.error as error:
            found = f"expected {self._coding} (Content-Encoding), found other bytes"
            raise malformed_body(found) from error
        self._is_inside = not self._stream.eof
        self._waiting = self._stream.unused_data or self._stream.unconsumed_tail
        return inflated


Decoder = Callable[[bytes, MediaType], Any]


def _in_charset(read: Callable[[bytes, str | None], Any]) -> Decoder:
    return lambda body, media_type: read(body, media_type.charset)


read_json = _in_charset(json_document)
read_form = _in_charset(form_document)
read_xml = _in_charset(xml_document)


def json_of_xml(body: bytes, media_type: MediaType) -> Any:
    """Read JSON that was made of an XML document."""
    return as_elements(read_json(body, media_type))


URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# A decoded form that is stored as JSON, and in which a lost plus still is a blank.
JSON_OF_FORM = f"{URLENCODED}+json"
# A decoded XML document that is stored so, and in which an element still is a list of one.
JSON_OF_XML = "application/xml+json"
_DECODERS: Mapping[str, Decoder] = {
    "": read_json,  # no content type: most such senders mean JSON
    "application/json": read_json,
    "text/json": read_json,
    "text/plain": read_json,
    URLENCODED: read_form,
    MULTIPART: multipart_document,
    "application/xml": read_xml,
    "text/xml": read_xml,
    JSON_OF_XML: json_of_xml,
}


_SUFFIX_DECODERS: Mapping[str, Decoder] = {"json": read_json, "xml": read_xml}  # RFC 6839


def decode_document(request: Request) -> Any:
    """Return the document of a request; of a GET or an empty body, the query as a form.

    Raises IntakeError: 400 `malformed_body`, 415 `unsupported_media_type`. A body that is encoded
    still was stored so, and is decoded here.
    """
    return read_body(decoded_request(request))[1]


def read_body(request: Request) -> tuple[Decoder | None, Any]:
    """Return the decoder that read a body that is no longer encoded, and its document.

    The decoder is None where the document is the query. Raises as `decode_document` does.
    """
    if not request.has_document_in_body:
        return None, query_document(request.query)
    media_type = read_media_type(request.header("content-type"))
    decoder = decoder_of(media_type)
    if decoder not in (read_json, read_xml, json_of_xml):
        whole = _by_content(request.body, media_type)
        if whole is not None:
            return whole
    if decoder is None:
        raise unsupported_media_type(
            "expected Content-Type JSON, XML, urlencoded or multipart/form-data, found another"
        )
    try:
        return decoder, decoder(request.body, media_type)
    except IntakeError:
        whole = _by_content(request.body, media_type)
        if whole is None:
            raise
        return whole


def is_urlencoded(request: Request) -> bool:
    """Whether the document is a urlencoded form or the query, where a bare `+` is a blank."""
    if not request.has_document_in_body:
        return True
    media_type = read_media_type(request.header("content-type"))
    if media_type.name == JSON_OF_FORM:
        return True
    return media_type.name == URLENCODED and _by_content(request.body, media_type) is None


def json_type_of(request: Request, document: Any) -> str:
    """Return the content type of a document that is stored as JSON, so that it reads the same."""
    if isinstance(document, Element):
        return JSON_OF_XML
    return JSON_OF_FORM if is_urlencoded(request) else "application/json"


def _by_content(body: bytes, media_type: MediaType) -> tuple[Decoder, Any] | None:
    """Return what reads a body that wholly is JSON or XML, whatever its label, and the document.

    curl, PHP, Ruby and Java label a body as a form by default. An object or a list counts, no
    lone text or number.
    """
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    decoder = {b"{": read_json, b"[": read_json, b"<": read_xml}.get(start)
    try:
        document = decoder(body, media_type) if decoder is not None else None
    except IntakeError:
        return None
    is_whole = decoder is not None and isinstance(document, dict | list)
    return (decoder, document) if decoder is not None and is_whole else None


def decoder_of(media_type: MediaType) -> Decoder | None:
    """Return what reads bodies with this label."""
    _, plus, suffix = media_type.name.rpartition("+")
    by_suffix = _SUFFIX_DECODERS.get(suffix) if plus else None
    return _DECODERS.get(media_type.name, by_suffix)


def decode_inside(
    document: Any, *, json_paths: Sequence[PathLike] = (), xml_paths: Sequence[PathLike] = ()
) -> Any:
    """Parse the strings at these paths in place and return the document (`decode:`).

    What is no string, or a blank one, is left alone; raises IntakeError (400 `malformed_body`)
    naming the path.
    """
    for path in json_paths:
        document = _decode_at(path, document, json_inside)
    for path in xml_paths:
        document = _decode_at(path, document, xml_inside)
    return document


def _decode_at(path: PathLike, document: Any, decode: Callable[[Any], Any]) -> Any:
    def decoded(value: Any) -> Any:
        is_blank = isinstance(value, str) and not value.strip()
        return value if is_blank else decode(value)

    try:
        return path.replace(document, decoded)
    except (IntakeError, MappingError) as error:
        raise malformed_body(f"at {path.text} (`decode`): {error.detail}") from None
