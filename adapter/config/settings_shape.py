"""The keys of adapter.yaml."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from adapter.compiler.fields import patterns
from adapter.compiler.fields.shape import (
    Count,
    FilledText,
    ListenAddress,
    Networks,
    Shape,
    Size,
    SourceNames,
    broken_rule,
    expected,
    within,
)
from adapter.config.agent_shape import AgentShape
from adapter.config.config import Address

_DAY = timedelta(days=1)
_ANY_AGE = within(timedelta(milliseconds=1), 3650 * _DAY, "from 1ms to 3650d")
_PAUSE = within(timedelta(), 365 * _DAY, "from 0 to 365d")

_SQLITE = "sqlite:///"


def _public_url(value: Any) -> str:
    if value == "":
        return ""
    if not isinstance(value, str):
        raise expected("an address such as https://hooks.example.com")
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise expected("an address such as https://hooks.example.com, without a query")
    if value.endswith("/"):
        raise expected("an address without a slash at its end")
    return value


def _database(value: Any) -> str:
    path = value[len(_SQLITE) :] if isinstance(value, str) and value.startswith(_SQLITE) else ""
    if not path:
        raise expected("sqlite:///PATH, such as sqlite:///adapter.db")
    if path.startswith(":memory:"):
        raise broken_rule("a database in memory would lose leads: expected sqlite:///PATH")
    return str(value)


def _token(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("text: put it in quotes")
    if value != value.strip() or not value.isascii() or not (value.isprintable()):
        raise broken_rule("expected visible ASCII characters: the token travels in a header")
    return value


class SettingsShape(Shape):
    """adapter.yaml: settings and agents. Every setting but `agents` has an environment twin."""

    listen: ListenAddress = Field(
        default=Address(host="0.0.0.0", port=8080),  # noqa: S104 - SPEC §4's default: senders come from outside
        description="Where webhooks, /healthz and /readyz are served (host:port).",
    )
    admin_listen: ListenAddress = Field(
        default=Address(host="127.0.0.1", port=8081),
        description="Where the admin API, /metrics and the console are served (host:port).",
    )
    admin_token: (
        Annotated[str, BeforeValidator(_token, json_schema_input_type=patterns.ADMIN_TOKEN)] | None
    ) = Field(
        default=None,
        description="Opens the admin listener; needed where admin_listen is not loopback.",
    )
    public_url: (
        Annotated[str, BeforeValidator(_public_url, json_schema_input_type=patterns.PUBLIC_URL)]
        | None
    ) = Field(
        default=None,
        description="What senders were told, without a slash at its end; signatures over a URL"
        " are checked with it.",
    )
    trusted_proxies: Networks = Field(
        default=[],
        description="Networks whose X-Forwarded-For counts (auth by ip); nobody's by default.",
    )
    database: Annotated[
        str, BeforeValidator(_database, json_schema_input_type=patterns.DATABASE)
    ] = Field(
        default="sqlite:///adapter.db",
        description="Where the ledger lives: sqlite:///PATH.",
    )
    mappings: FilledText = Field(
        default="mappings",
        description="The folder of mapping files, relative to adapter.yaml.",
    )
    sources: SourceNames | None = Field(
        default=None,
        description="The mappings that are on, by the names of their files without .yaml; default"
        " every one in the folder; [] for none.",
    )
    max_body: Annotated[Size, Field(ge=1, le=1024**3)] = Field(
        default=1024**2,
        description="The largest request body, decompressed: a size such as 1MiB.",
        json_schema_extra={"default": "1MiB"},
    )
    max_pending: Annotated[Count, Field(ge=1, le=100_000_000)] = Field(
        default=100_000,
        description="Calls that have not yet ended; past it intake answers 429.",
    )
    retention: Annotated[
        timedelta, BeforeValidator(_ANY_AGE, json_schema_input_type=patterns.DURATION)
    ] = Field(
        default=timedelta(days=30),
        description="How long raw webhooks and ended calls are kept, such as 30d.",
    )
    cooldown: Annotated[
        timedelta, BeforeValidator(_PAUSE, json_schema_input_type=patterns.DURATION_OR_0)
    ] = Field(
        default=timedelta(minutes=10),
        description="The least time between two rings of one phone, across all sources and"
        " agents; 0 for none.",
    )
    expires_after: Annotated[
        timedelta, BeforeValidator(_ANY_AGE, json_schema_input_type=patterns.DURATION)
    ] = Field(
        default=timedelta(hours=24),
        description="A lead older than this is not rung; time while its call was held does"
        " not count.",
    )
    max_age: Annotated[
        timedelta, BeforeValidator(_ANY_AGE, json_schema_input_type=patterns.DURATION)
    ] = Field(
        default=timedelta(days=7),
        description="A lead older than this is not rung, however long its call was held.",
    )
    agents: dict[str, AgentShape] = Field(
        description="The voice agents by name: endpoint, credentials and limits of each.",
        json_schema_extra=patterns.AGENT_NAMES,
        min_length=1,
    )
