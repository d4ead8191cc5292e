"""One client's connection to the mock agent: whole requests in, answers and faults out."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import h11

from adapter.mock_agent.script import ACCEPTED, Scripted

MAX_BODY_BYTES = 1_048_576
DRIP_S = 0.25
_READ_BYTES = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: closing sends RST instead of FIN
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One whole request; header names are lower-case. `is_last`: the client will send no other."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    is_last: bool


class Connection:
    """Reads requests with h11; writes by hand, since some answers must be wrong."""

    def __init__(
        self, *, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, drip_s: float
    ) -> None:
        self._reader, self._writer, self._drip_s = reader, writer, drip_s
        self._unread = b""

    async def next_request(self) -> Request | None:
        """Return the next whole request, or None where the client is done or sends no HTTP."""
        http = h11.Connection(h11.SERVER)
        if self._unread:
            http.receive_data(self._unread)
        try:
            request = await self._read_request(http)
        except h11.RemoteProtocolError:
            return None
        self._unread = http.trailing_data[0]
        return request

    async def _read_request(self, http: h11.Connection) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            match await self._next_event(http):
                case h11.Request() as head:
                    pass
                case h11.Data(data=chunk) if len(body) + len(chunk) <= MAX_BODY_BYTES:
                    body += chunk
                case h11.EndOfMessage() if head is not None:
                    return _whole_request(head, bytes(body))
                case _:
                    return None

    async def _next_event(self, http: h11.Connection) -> object:
        while (event := http.next_event()) is h11.NEED_DATA:
            if http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
                self._writer.write(http.send(go_on) or b"")
            http.receive_data(await self._reader.read(_READ_BYTES))
        return event

    async def play(self, scripted: Scripted) -> bool:
        """Answer or act; return whether the connection may carry another request."""
        await asyncio.sleep(scripted.delay_s)
        if scripted.act:
            await self._act(scripted.act)
            return False
        self._writer.write(_answer_bytes(scripted))
        await self._writer.drain()
        return not _FRAMING & _header_names(scripted)

    async def _act(self, act: str) -> None:
        # "drop" needs nothing here: the caller closes the connection
        if act == "hang":
            await self._reader.read()
        elif act == "reset":
            linger = (socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._writer.get_extra_info("socket").setsockopt(*linger)
            self._writer.transport.abort()
        elif act == "half":
            self._writer.write(b"HTTP/1.1 200 OK\r\ncontent-le")
        elif act == "garbage":
            self._writer.write(b"\x00\x01 this is not HTTP \xff\xfe\r\n\r\n")
        elif act == "drip":
            await self._drip()

    async def _drip(self) -> None:
        for byte in _answer_bytes(ACCEPTED):
            self._writer.write(bytes([byte]))
            await self._writer.drain()
            await asyncio.sleep(self._drip_s)


def _whole_request(head: h11.Request, body: bytes) -> Request:
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
    return Request(
        method=head.method.decode("ascii"),
        target=head.target.decode("latin-1"),
        headers=headers,
        body=body,
        is_last=head.http_version == b"1.0" or headers.get("connection", "").lower() == "close",
    )


def _header_names(scripted: Scripted) -> frozenset[str]:
    return frozenset(name.lower() for name, _ in scripted.headers)


def _answer_bytes(scripted: Scripted) -> bytes:
    body = b"" if scripted.status in {204, 304} else scripted.body.encode()
    headers, names = list(scripted.headers), _header_names(scripted)
    if "content-type" not in names:
        headers.append(("content-type", "application/json"))
    if scripted.status != 204 and not _header_names(scripted) & {
        "content-length",
        "transfer-encoding",
    }:
        headers.append(("content-length", str(len(body))))
    lines = [f"HTTP/1.1 {scripted.status} {_reason_phrase(scripted.status)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
