"""uvicorn's HTTP/1.1 protocol, with bounds that it leaves to a proxy in front of it.

Strangers reach this code before anything knows who they are, so a head may be neither endless nor
endlessly slow, and what is no HTTP is answered as everything else is: problem+json, not cached.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapter.webhook.answers import Answer, problem_answer

MAX_HEAD_BYTES = 64 * 1024
HEAD_TIMEOUT_S = 30.0
# A chunk's own length costs bytes beside the body's, so a body in tiny chunks allows for more.
_FRAMING_PER_BODY_BYTE = 8
_REASONS = {400: b"Bad Request", 431: b"Request Header Fields Too Large"}
# What asks for another protocol, and belongs to this connection alone (RFC 9110 §7.6.1).
_HOP_BY_HOP = frozenset({b"connection", b"upgrade", b"http2-settings"})
_BAD_REQUEST = "This is no HTTP/1.1 request that can be read."
_LONG_HEAD = f"Request line and headers may have {MAX_HEAD_BYTES} bytes."


class Wire(HttpToolsProtocol):
    """One connection; a request's head ends within head_timeout_s and about MAX_HEAD_BYTES."""

    head_timeout_s = HEAD_TIMEOUT_S

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._framing_bytes = 0
        self._body_bytes = 0
        self._has_begun = False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Start to wait for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; refuse what is no HTTP and heads that do not end."""
        self._has_begun = False
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(problem_answer(400, "Bad request", _BAD_REQUEST))
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])
        else:
            self._check_head(len(data))

    def _check_head(self, length: int) -> None:
        # Of a piece in which a request began, an unknown part was the one's before.
        if not self._has_begun:
            self._framing_bytes += length
        allowed = MAX_HEAD_BYTES + (1 + _FRAMING_PER_BODY_BYTE) * self._body_bytes
        if self._framing_bytes > allowed:
            self._refuse(problem_answer(431, "Request head too large", _LONG_HEAD))

    def _stay(self, rest: bytes) -> None:
        """Go on in HTTP/1.1 with a request that offers another protocol (RFC 9110 §7.8).

        The parser stops at the end of such a head and would take the body for that protocol, so
        a new one reads the request again, without the offer.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(problem_answer(400, "Bad request", "This server is no proxy."))
            return
        kept = [(name, value) for name, value in self.headers if name not in _HOP_BY_HOP]
        lines = [b"%b: %b" % pair for pair in [*kept, (b"connection", b"close")]]
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(
            b"\r\n".join([b"%b %b HTTP/1.1" % (method, self.url), *lines, b"", rest])
        )

    def _should_upgrade(self) -> bool:
        # uvicorn lets such a request wait for another protocol; we read it again, in `_stay`.
        return True

    def on_message_begin(self) -> None:
        """Start to count."""
        super().on_message_begin()
        self._has_begun, self._framing_bytes, self._body_bytes = True, 0, 0
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """Stop to wait: the body has its own limits, in the intake."""
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what is no head."""
        self._body_bytes += len(body)
        super().on_body(body)

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(self.head_timeout_s, self.timeout_keep_alive_handler)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, answer: Answer) -> None:
        """Answer and hang up."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        lines = [
            b"HTTP/1.1 %d %b" % (answer.status, _REASONS[answer.status]),
            *(f"{name}: {value}".encode() for name, value in answer.headers),
            f"content-type: {answer.content_type}".encode(),
            b"content-length: %d" % len(answer.body),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join([*lines, b"", answer.body]))
        self.transport.close()
