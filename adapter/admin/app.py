"""The app of the admin listener; the command line builds one too, over a ledger nobody serves."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from starlette.applications import Starlette

from adapter.admin.api import Api
from adapter.admin.console.routes import console_routes
from adapter.admin.replays import Replays
from adapter.clock import utc_now
from adapter.config.config import Current
from adapter.ledger.ledger import Ledger
from adapter.model import Call
from adapter.server.responses import build_app
from adapter.telemetry import Metrics
from adapter.values.addresses import Address


def build_admin_app(  # noqa: PLR0913 - what the admin listener shows and steers
    current: Current,
    ledger: Ledger,
    *,
    metrics: Metrics,
    in_flight: Callable[[], Mapping[str, int]] = dict,
    wake: Callable[[Iterable[Call]], None] = lambda _: None,
    wake_all: Callable[[], None] = lambda: None,
    now: Callable[[], datetime] = utc_now,
    loading: Callable[[], dict[str, Any]] = dict,
    listens_at: Callable[[], Address] | None = None,
) -> Starlette:
    """Return the admin app; without an engine nobody is woken."""
    api = Api(
        current=current,
        loading=loading,
        ledger=ledger,
        replays=Replays(current=current, ledger=ledger, wake=wake, now=now),
        metrics=metrics,
        now=now,
        in_flight=in_flight,
        wake_all=wake_all,
        listens_at=listens_at or (lambda: current.config.listen),
        version=version("crm-webhook-adapter"),
    )
    console = console_routes(api.open_routes(), api.access, now)
    return build_app([*api.routes(), *console])
