"""The bounds of one request: the size of its head, its headers and trailers, and its pipeline."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapter.server.refusals import (
    LONG_HEAD,
    LONG_TARGET,
    MAX_HEAD_BYTES,
    MAX_TARGET_BYTES,
    ONE_HOST,
    OTHER_CODING,
    Refused,
)
from adapter.server.stages import Stage

MAX_PIPELINED = 8
MAX_DRAINED_BYTES = 64 * 1024
# A chunk's own length costs bytes beside the body's, so a body in tiny chunks allows for more.
_FRAMING_PER_BODY_BYTE = 8


class CheckedRequests(HttpToolsProtocol):
    """uvicorn's parser of requests; a callback raises Refused, and the parser stops there.

    `parsing` is what the parser is at: IDLE, HEAD or BODY.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.parsing = Stage.IDLE
        self._has_begun = False
        self._head_bytes = self._framing_bytes = self._body_bytes = 0
        self.drained_bytes = 0

    def feed(self, data: bytes) -> None:
        """Parse what arrived; raises Refused, or what httptools raises."""
        self._has_begun = False
        if self.parsing is Stage.IDLE:
            self.parsing = Stage.HEAD
        self.parser.feed_data(data)
        self._check_framing(len(data))

    def _check_framing(self, length: int) -> None:
        # Of a piece in which a request began, an unknown part was the one's before; what is
        # whole of its head is counted by the callbacks.
        if not self._has_begun:
            self._framing_bytes += length
        allowed = MAX_HEAD_BYTES + (1 + _FRAMING_PER_BODY_BYTE) * self._body_bytes
        if self._framing_bytes > allowed:
            raise Refused(LONG_HEAD)

    def on_message_begin(self) -> None:
        """Start to count."""
        if len(self.pipeline) >= MAX_PIPELINED:
            raise Refused(None)
        super().on_message_begin()
        self.parsing, self._has_begun = Stage.HEAD, True
        self._head_bytes = self._framing_bytes = self._body_bytes = self.drained_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        super().on_url(url)
        if len(self.url) > MAX_TARGET_BYTES:
            raise Refused(LONG_TARGET)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one behind a body (a trailer) is counted, and means nothing."""
        self._head_bytes += len(name) + len(value) + len(b": \r\n")
        if self._head_bytes > MAX_HEAD_BYTES:
            raise Refused(LONG_HEAD)
        if self.parsing is Stage.BODY:
            return
        if name.lower() == b"transfer-encoding" and value.strip().lower() != b"chunked":
            raise Refused(OTHER_CODING)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer; the body has its own limits, in the intake."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            raise Refused(ONE_HOST)
        self.parsing = Stage.BODY
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what is no head; what comes behind the answer is thrown away, up to a bound."""
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            self.drained_bytes += len(body)
            if self.drained_bytes > MAX_DRAINED_BYTES:
                raise Refused(None)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for the next request, once this one is answered."""
        self.parsing = Stage.IDLE
        super().on_message_complete()
