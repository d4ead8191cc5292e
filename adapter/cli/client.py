"""The admin API, for the commands: of the running adapter, or where none runs, in this process.

Both ways pass the same routes, so a command does the same whether or not an adapter runs.
"""

import asyncio
import http
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from json import loads as json_of
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from adapter.cli.connection import SilentError, UnprovenError, ask
from adapter.cli.options import check_whereabouts, fail, settings_alone
from adapter.cli.terminal import say
from adapter.clock import utc_now
from adapter.config.config import Config, Current
from adapter.errors import LedgerError
from adapter.values.units import reach_url

NONE: Mapping[str, Any] = MappingProxyType({})
_UNPROVEN = (
    "error: the program at {url} does not prove that it knows `admin_token`, and was not told it:"
    " it is another program, or an adapter that has another token or is of an older version"
)


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

    def _ask(
        self, method: str, path: str, *, params: Mapping[str, Any] = NONE, json: object = None
    ) -> dict[str, Any]:
        try:
            status, body = self.request(method, path, params=params, json=json)
        except SilentError as error:
            fail(f"error: the adapter ended before it answered ({error})")
        content = _content(body)
        if content is None:
            url = reach_url(self.config.admin_listen)
            fail(f"error: the program at {url} is no adapter: see `admin_listen` in your settings")
        if status >= http.HTTPStatus.BAD_REQUEST:
            said = filter(None, ("error", content.get("title"), content.get("detail")))
            fail(": ".join(map(str, said)))
        return content

    def request(
        self, method: str, path: str, *, params: Mapping[str, Any] = NONE, json: object = None
    ) -> tuple[int, bytes]:
        """Ask once; return the status and the body. SilentError where nothing answers."""
        if self.transport is None:
            try:
                return ask(self.config, method, path, params=params, content=json)
            except UnprovenError:
                fail(_UNPROVEN.format(url=reach_url(self.config.admin_listen)))
        answer = asyncio.run(self._asked_here(method, path, params=params, json=json))
        return answer.status_code, answer.content

    async def _asked_here(self, method: str, path: str, **how: Any) -> httpx.Response:
        token = self.config.admin_token
        headers = {"authorization": f"Bearer {token.reveal()}"} if token else {}
        async with httpx.AsyncClient(
            transport=self.transport, base_url="http://localhost", headers=headers
        ) as client:
            return await client.request(method, path, **how)


def _content(body: bytes) -> dict[str, Any] | None:
    try:
        content = json_of(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


@contextmanager
def connected(path: Path) -> Iterator[Client]:
    """Return the running adapter's API; where none runs, one over the ledger itself.

    Of the configuration at `path` the agents and mappings are read only where none runs.
    """
    client = Client(config=settings_alone(path))
    check_whereabouts(client.config)
    if _is_running(client):
        yield client
        return
    from adapter.cli.configuration import sound_config

    with _own_ledger(sound_config(path)) as client:
        yield client


@contextmanager
def connected_by(config: Config) -> Iterator[Client]:
    """Do as `connected`, for a command that has read the configuration already."""
    check_whereabouts(config)
    client = Client(config=config)
    if _is_running(client):
        yield client
        return
    with _own_ledger(config) as client:
        yield client


@contextmanager
def _own_ledger(config: Config) -> Iterator[Client]:
    from adapter.admin.app import build_admin_app
    from adapter.ledger.ledger import Ledger
    from adapter.telemetry import Metrics

    try:
        ledger = Ledger.open(config.database, now=utc_now)
    except LedgerError as error:
        fail(f"error: no adapter answers at {reach_url(config.admin_listen)}, and {error}")
    try:
        app = build_admin_app(Current(config), ledger, metrics=Metrics())
        yield Client(config=config, transport=httpx.ASGITransport(app))
    finally:
        ledger.close()


def _is_running(client: Client) -> bool:
    try:
        status, _ = client.request("GET", "/api/status")
    except SilentError:
        return False
    if status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
        say("the running adapter wants an `admin_token`, and none is set here", err=True)
    return True
