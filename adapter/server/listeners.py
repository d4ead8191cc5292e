"""Sockets and the servers on them: bound before anything rings, let go before anything stops."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import uvicorn
from starlette.applications import Starlette

from adapter.errors import ConfigError, Problem
from adapter.server.connections import Bounds, Connections
from adapter.server.protocol import Wire
from adapter.values.addresses import Address

GRACEFUL_S = 10


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us: there are two of them in one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


@contextlib.asynccontextmanager
async def listening(
    app: Starlette, sock: socket.socket, bounds: Callable[[], Bounds] = Bounds
) -> AsyncIterator[Server]:
    """Serve an app on a bound socket inside the block; then let open requests end.

    `bounds` are those of its connections, asked anew for each. Setting `force_exit` on the server
    that it gives cuts open requests instead.
    """
    settings = uvicorn.Config(
        app,
        http=partial(Wire, connections=Connections(bounds)),  # type: ignore[arg-type]  # what makes one
        access_log=False,  # its lines hold query strings, and so tokens
        log_config=None,
        server_header=False,
        lifespan="off",
        proxy_headers=False,  # `trusted_proxies` decides, in the intake
        timeout_graceful_shutdown=GRACEFUL_S,
    )
    server = Server(settings)
    task = asyncio.create_task(server.serve(sockets=[sock]), name="listener")
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.005)
        yield server
    finally:
        server.should_exit = True
        await task


@contextlib.contextmanager
def bound(address: Address, *, key: str, file: str) -> Iterator[socket.socket]:
    """Return a listening socket; ConfigError names the setting whose address cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address.host, address.port))
            sock.listen()  # at once: two that are bound and do not listen share a port unnoticed
        except OSError as error:
            message = (
                f"cannot listen on {_shown(address.host, address.port)}: {error.strerror}; "
                "stop what uses it, or choose another address"
            )
            problem = Problem(file=file, line=1, column=1, key=key, message=message)
            raise ConfigError([problem]) from error
        sock.setblocking(False)
        yield sock


def url_of(sock: socket.socket) -> str:
    """Return the http URL of a bound socket."""
    host, port = sock.getsockname()[:2]
    return f"http://{_shown(host, port)}"


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
