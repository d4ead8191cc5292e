"""uvicorn's HTTP/1.1 protocol, with bounds that it leaves to a proxy in front of it.

Strangers reach this code before anything knows who they are. So a connection is in one of five
states, each has a deadline that no byte extends, and what is read ahead is bounded. What is no
HTTP is answered as everything else is: problem+json, not cached.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from adapter.server.connections import Connections
from adapter.server.refusals import (
    BAD_REQUEST,
    NO_PROXY,
    TOO_MANY,
    Refused,
    raw_answer,
)
from adapter.server.requests import MAX_DRAINED_BYTES, CheckedRequests
from adapter.server.stages import Stage, StageTimer
from adapter.webhook.answers import Answer

# What asks for another protocol, and belongs to this connection alone (RFC 9110 §7.6.1).
_HOP_BY_HOP = frozenset({b"connection", b"upgrade", b"http2-settings"})


class _Flow(FlowControl):
    """Reads no more while a pipelined request waits, whoever else would go on."""

    def __init__(self, transport: asyncio.Transport, wire: "Wire") -> None:
        super().__init__(transport)
        self._wire = wire

    def resume_reading(self) -> None:
        if not self._wire.pipeline:
            super().resume_reading()


class _Outlet:
    """The transport as a request's answer sees it: closing waits for what is still being sent."""

    def __init__(self, transport: asyncio.Transport, wire: "Wire") -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = wire.finish


class Wire(CheckedRequests):
    """One connection."""

    def __init__(self, *arguments: Any, connections: Connections, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.has_proven = False
        self._connections = connections
        self._timer = StageTimer(self.loop, self._give_up, self.give_way)
        self._outlet: _Outlet | None = None
        self._current: RequestResponseCycle | None = None
        self._last_words: bytes | None = None
        self._is_ending = False

    # What `Connections` asks.

    @property
    def address(self) -> str:
        """The peer's IP address."""
        return self.client[0] if self.client else ""

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way; one whose head is not whole counts for none."""
        return self._timer.is_idle

    @property
    def idle_since_s(self) -> float:
        """The moment when it became idle, on the loop's clock."""
        return self._timer.idle_since_s

    def give_way(self) -> None:
        """Close at once."""
        self.transport.abort()

    # The connection.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Wait for the first request, or say that there are too many connections."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self)
        self._outlet = _Outlet(transport, self)
        if self._connections.admit(self):
            self._settle()
        elif self._connections.may_explain(self):
            self._refuse(TOO_MANY)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._connections.remove(self)
        self._timer.stop()
        if self._current is not None and not self._current.response_complete:
            self._current.disconnected = True
            self._current.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give the peer a while to read what was written."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """Go on: the peer reads."""
        super().resume_writing()
        self._timer.is_read()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; refuse what is no HTTP and heads that do not end."""
        if self._is_ending or self._last_words is not None:
            self._drain(len(data))
            return
        try:
            self.feed(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            refused = error.__context__
            self._refuse(refused.answer if isinstance(refused, Refused) else BAD_REQUEST)
        except httptools.HttpParserError:
            self._refuse(BAD_REQUEST)
        except Refused as refused:
            self._refuse(refused.answer)
        self._settle()

    def _stay(self, rest: bytes) -> None:
        """Go on in HTTP/1.1 with a request that offers another protocol (RFC 9110 §7.8).

        The parser stops at the end of such a head and would take the body for that protocol, so
        a new one reads the request again, without the offer.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(NO_PROXY)
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

    def on_headers_complete(self) -> None:
        """Start to answer; the body has its own limits, in the intake."""
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:  # else `_stay` reads it again
            self.cycle.transport = self._outlet  # type: ignore[assignment]  # what a cycle uses of it
            self.scope["state"]["connection"] = self

    # The answers.

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._current = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Answer the next request that waits, or wait for one."""
        if self._is_ending or self.transport.is_closing():
            return
        super().on_response_complete()
        self._unset_keepalive_if_required()  # the deadlines are `_settle`'s
        self.flow.resume_reading()
        if self._last_words is not None and not self._is_answering:
            self._end(self._last_words)
        self._settle()

    def finish(self) -> None:
        """Close, once what the peer is still sending is read: a reset would eat the answer."""
        if self.parsing is Stage.IDLE:
            self._close()
        else:
            self._end(b"")

    def _refuse(self, answer: Answer | None) -> None:
        """Answer and hang up; requests before the refused one are answered first."""
        words = raw_answer(answer) if answer else b""
        broken = self.cycle if self.parsing is Stage.BODY else None
        if broken is not None and broken is self._current:
            is_mute = broken.response_started
            broken.disconnected = True
            broken.message_event.set()
            self._end(b"" if is_mute else words)
        elif self._is_answering:
            whole = [waiting for waiting in self.pipeline if waiting[0] is not broken]
            self.pipeline.clear()
            self.pipeline.extend(whole)
            self._last_words = words
        else:
            self._end(words)

    def _end(self, words: bytes) -> None:
        """Say the last words, and read on for a moment so that the peer can hear them."""
        if self._is_ending or self.transport.is_closing():
            return
        self._is_ending, self.drained_bytes = True, 0
        self.transport.write(words)
        self.transport.write_eof()
        self.flow.resume_reading()
        self._settle()

    def _drain(self, length: int) -> None:
        """Throw away what comes behind the last words, or before they can be said."""
        self.drained_bytes += length
        if not self._is_ending:
            self.flow.pause_reading()
        elif self.drained_bytes > MAX_DRAINED_BYTES:
            self._close()

    def _close(self) -> None:
        self._timer.stop()
        if not self.transport.is_closing():
            self.transport.close()
            self._expect_reading()

    # Deadlines.

    @property
    def _is_answering(self) -> bool:
        return self._current is not None and not self._current.response_complete

    def _stage_now(self) -> Stage:
        if self._is_ending:
            return Stage.DRAIN
        if self._is_answering:
            is_reading = self.parsing is Stage.BODY and self.cycle is self._current
            return Stage.BODY if is_reading else Stage.ANSWER
        return Stage.DRAIN if self.parsing is Stage.BODY else self.parsing

    def _settle(self) -> None:
        """Start the deadline of the stage that the connection is at, if that is another one."""
        stage = self._stage_now()
        if stage is not self._timer.stage and not self.transport.is_closing():
            self._timer.enter(stage, self._patience_s(stage))

    def _patience_s(self, stage: Stage) -> float | None:
        bounds = self._connections.bounds
        return {
            Stage.IDLE: bounds.keep_alive_s if self._current else bounds.head_timeout_s,
            Stage.HEAD: bounds.head_timeout_s,
            Stage.BODY: bounds.body_timeout_s,
            Stage.ANSWER: bounds.answer_timeout_s,
            Stage.DRAIN: bounds.drain_timeout_s,
        }[stage]

    def _expect_reading(self) -> None:
        self._timer.expect_reading(self._connections.bounds.write_timeout_s)

    def _give_up(self) -> None:
        if self._timer.stage in (Stage.BODY, Stage.ANSWER):
            self.transport.abort()
        else:
            self._close()
