"""The admin API, for the commands: of the running adapter, or where none runs, in this process.

Both ways pass the same routes, so a command does the same whether or not an adapter runs.
"""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from adapter.cli.options import fail, settings_alone
from adapter.cli.terminal import say
from adapter.clock import utc_now
from adapter.config.config import Config, Current
from adapter.errors import LedgerError
from adapter.values.units import reach_url

# The admin listener speaks plain HTTP: to read certificates would take longer than to ask it.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """The admin API as a command sees it: JSON in, JSON out, errors end the command."""

    config: Config
    transport: httpx.AsyncBaseTransport | None = None

    @property
    def is_served(self) -> bool:
        """Whether an adapter runs; else the ledger is open in this process."""
        return self.transport is None

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Return the answer to a GET; parameters that are None are left out."""
        wanted = {name: value for name, value in params.items() if value is not None}
        return self._ask("GET", path, params=wanted)

    def post(self, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a POST."""
        return self._ask("POST", path, json=content or {})

    def delete(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a DELETE."""
        return self._ask("DELETE", path, json=content)

    def _ask(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        answer = asyncio.run(self.request(method, path, **how))
        content = _content(answer)
        if content is None:
            url = reach_url(self.config.admin_listen)
            fail(f"error: the program at {url} is no adapter: see `admin_listen` in your settings")
        if answer.is_error:
            fail(f"error: {content.get('title')}: {content.get('detail')}")
        return content

    async def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Send one request with the token, if there is one."""
        token = self.config.admin_token
        headers = [(b"authorization", b"Bearer " + token.reveal().encode())] if token else []
        async with httpx.AsyncClient(
            transport=self.transport,
            base_url=reach_url(self.config.admin_listen),
            headers=headers,
            verify=_NO_CERTIFICATES,
            trust_env=False,
            timeout=30,
        ) as client:
            return await client.request(method, path, **how)


def _content(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


@contextmanager
def connected(path: Path) -> Iterator[Client]:
    """Return the running adapter's API; where none runs, one over the ledger itself.

    Of the configuration at `path` the agents and mappings are read only where none runs.
    """
    client = Client(config=settings_alone(path))
    if _is_running(client):
        yield client
        return
    from adapter.cli.configuration import sound_config

    with _own_ledger(sound_config(path)) as client:
        yield client


@contextmanager
def connected_by(config: Config) -> Iterator[Client]:
    """Do as `connected`, for a command that has read the configuration already."""
    client = Client(config=config)
    if _is_running(client):
        yield client
        return
    with _own_ledger(config) as client:
        yield client


@contextmanager
def _own_ledger(config: Config) -> Iterator[Client]:
    from adapter.app import build_admin_app
    from adapter.ledger.ledger import Ledger
    from adapter.telemetry import Metrics
    from adapter.workers.engine import Engine

    try:
        ledger = Ledger.open(config.database, now=utc_now)
    except LedgerError as error:
        fail(f"error: no adapter answers at {reach_url(config.admin_listen)}, and {error}")
    try:
        app = build_admin_app(Current(config), ledger, metrics=Metrics(), engine=Engine())
        yield Client(config=config, transport=httpx.ASGITransport(app))
    finally:
        ledger.close()


def _is_running(client: Client) -> bool:
    try:
        answer = asyncio.run(client.request("GET", "/api/status"))
    except httpx.TransportError:
        return False
    if answer.status_code in (401, 403):
        say("the running adapter has another admin_token", err=True)
    return True
