"""Reads a body chunk by chunk, undoing its content encoding, never past its limit."""

import zlib

from adapter.errors import IntakeError
from adapter.webhook.formats.media_type import malformed_body, unsupported_media_type

_GZIP = frozenset({"gzip", "x-gzip"})  # RFC 9110 §8.4.1.3: the two are one
_GZIP_WBITS = 31  # zlib: 15 bits of window, and a gzip header and trailer
# Each member costs a decompressor and a copy of what follows it; honest senders use one.
_MAX_MEMBERS = 1_000
_MAX_DIGITS = 20  # a length of more is too large anyway


class BodyReader:
    """Takes chunks as they arrive and gives the decoded body.

    Raises IntakeError: 413 as soon as raw or decoded bytes exceed `max_bytes`, 400
    `malformed_body` for a corrupt or truncated gzip, 415 for any other encoding.
    """

    def __init__(self, *, max_bytes: int, content_encoding: str | None) -> None:
        self._max_bytes = max_bytes
        self._raw_bytes = 0
        self._body = bytearray()
        self._inflater = _Inflater() if _is_gzip(content_encoding) else None

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
            self._inflater.check_complete()
        return bytes(self._body)

    def _too_large(self) -> IntakeError:
        detail = f"expected at most {self._max_bytes} bytes (`max_body`), found more"
        return IntakeError(413, "Body too large", detail)


class _Inflater:
    """A gzip stream of one or more members (RFC 1952 §2.2)."""

    def __init__(self) -> None:
        self._waiting = b""
        self._members = 0
        self._stream = zlib.decompressobj(_GZIP_WBITS)
        self._is_inside = False

    def push(self, chunk: bytes) -> None:
        self._waiting += chunk

    def pull(self, max_bytes: int) -> bytes:
        """Return up to `max_bytes` of what the pushed chunks hold."""
        pulled = bytearray()
        while self._starts_or_continues() and len(pulled) < max_bytes:
            pulled += self._inflate(max_bytes - len(pulled))
        return bytes(pulled)

    def check_complete(self) -> None:
        if self._is_inside:
            raise malformed_body("expected a whole gzip stream, found its beginning only")

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
        self._stream = zlib.decompressobj(_GZIP_WBITS)
        self._is_inside = True

    def _inflate(self, max_bytes: int) -> bytes:
        try:
            inflated = self._stream.decompress(self._waiting, max_bytes)
        except zlib.error as error:
            raise malformed_body("expected gzip (Content-Encoding), found other bytes") from error
        self._is_inside = not self._stream.eof
        self._waiting = self._stream.unused_data or self._stream.unconsumed_tail
        return inflated


def _is_gzip(content_encoding: str | None) -> bool:
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    codings = [name for name in names if name not in {"", "identity"}]
    if not codings:
        return False
    if len(codings) == 1 and codings[0] in _GZIP:
        return True
    raise unsupported_media_type(
        "expected Content-Encoding gzip, identity or none, found another: send the body plain"
    )
