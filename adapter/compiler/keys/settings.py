"""The settings of adapter.yaml, and their twins in the environment, or all of their problems."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from adapter.agent import Secret
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
    default_of,
    expected,
    within,
)
from adapter.compiler.fields.stand_ins import stand_in_of
from adapter.compiler.fields.validation import read_fields, with_defaults
from adapter.compiler.keys.proxy import ProxySetting, proxy_of
from adapter.compiler.yaml.environment import Variables, expand
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place, YamlDocument
from adapter.compiler.yaml.twins import named_as_twins, read_twins
from adapter.config.config import Config
from adapter.errors import Problem
from adapter.model import Freshness
from adapter.values import units
from adapter.values.addresses import Address
from adapter.values.header_names import HEADER_VALUE
from adapter.values.units import is_loopback

_DAY = timedelta(days=1)
_ANY_AGE = within(timedelta(milliseconds=1), 3650 * _DAY, "from 1ms to 3650d")
_KEEP_ALIVE = within(timedelta(seconds=1), timedelta(hours=1), "from 1s to 1h")
_PAUSE = within(timedelta(), 365 * _DAY, "from 0 to 365d")
_SQLITE = "sqlite:///"
_SAFE_TOKEN = 16
# The settings that say which adapter and which ledger a command is about.
_WHEREABOUTS = frozenset({"admin_listen", "admin_token", "database"})


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
    if value and not HEADER_VALUE.fullmatch(value):
        raise broken_rule("expected visible ASCII characters: the token travels in a header")
    return value


class SettingsShape(Shape):
    """The settings of adapter.yaml. Each has a twin in the environment."""

    listen: ListenAddress = Field(
        default=default_of(Config, "listen"),
        description="Where webhooks, `/healthz` and `/readyz` are served (host:port); port 0"
        " takes any free one.",
    )
    admin_listen: ListenAddress = Field(
        default=default_of(Config, "admin_listen"),
        description="Where the admin API and `/metrics` are served (host:port).",
    )
    admin_token: (
        Annotated[str, BeforeValidator(_token, json_schema_input_type=patterns.ADMIN_TOKEN)] | None
    ) = Field(
        default=None,
        description="Opens the admin listener; needed where `admin_listen` is not loopback.",
    )
    public_url: (
        Annotated[str, BeforeValidator(_public_url, json_schema_input_type=patterns.PUBLIC_URL)]
        | None
    ) = Field(
        default=None,
        description="What senders were told, without a slash at its end; signatures over a URL,"
        " as of `auth: hubspot`, are checked with it.",
    )
    trusted_proxies: Networks = Field(
        default=[],
        description="Networks whose `X-Forwarded-For` counts, for `auth: ip`; in the environment"
        " with commas between.",
    )
    database: Annotated[
        str, BeforeValidator(_database, json_schema_input_type=patterns.DATABASE)
    ] = Field(
        default=default_of(Config, "database"),
        description="The ledger's file, `sqlite:///PATH`: three slashes and a path relative to"
        " the working folder, or four and an absolute one.",
    )
    mappings: FilledText = Field(
        default="mappings",
        description="The folder of mapping files, relative to `adapter.yaml`.",
    )
    sources: SourceNames | None = Field(
        default=None,
        description="The mappings that are on, by the names of their files without `.yaml`;"
        " default every one in the folder; `[]` for none.",
    )
    max_body: Annotated[Size, Field(ge=1, le=1024**3)] = Field(
        default=default_of(Config, "max_body_bytes"),
        description="The largest request body, decompressed, such as `1MiB`; past it intake"
        " answers 413.",
        json_schema_extra={"default": units.size_text(default_of(Config, "max_body_bytes"))},
    )
    max_items: Annotated[Count, Field(ge=1, le=100_000)] = Field(
        default=default_of(Config, "max_items"),
        description="How many calls one webhook may make; a webhook with more is `refused`,"
        " stored and replayable.",
    )
    max_connections: Annotated[Count, Field(ge=1, le=100_000)] = Field(
        default=default_of(Config, "max_connections"),
        description="How many connections may be open at once on the public listener; when all"
        " are taken, the longest idle one that has proven nothing goes first.",
    )
    max_per_address: Annotated[Count, Field(ge=1, le=100_000)] | None = Field(
        default=default_of(Config, "max_per_address"),
        description="How many open connections one address may have; default no limit, since behind"
        " a load balancer all do.",
    )
    keep_alive: Annotated[timedelta, _KEEP_ALIVE] = Field(
        default=default_of(Config, "keep_alive"),
        description="How long an idle connection of a sender lives, such as `75s`: longer than the"
        " load balancer in front keeps one.",
    )
    proxy: ProxySetting = Field(
        default=default_of(Config, "proxy"),
        description="The HTTP proxy through which calls and look-ups go out, such as"
        " `http://proxy.example.com:3128`; `env` takes it from `HTTPS_PROXY` and `NO_PROXY`;"
        " default none.",
    )
    max_pending: Annotated[Count, Field(ge=1, le=100_000_000)] = Field(
        default=default_of(Config, "max_pending"),
        description="How many calls may not have ended yet; past it intake answers 429.",
    )
    retention: Annotated[timedelta, _ANY_AGE] = Field(
        default=default_of(Config, "retention"),
        description="How long raw webhooks and ended calls are kept, such as `30d`.",
    )
    cooldown: Annotated[timedelta, _PAUSE] = Field(
        default=default_of(Config, "cooldown"),
        description="The least time between two rings of one phone, across all sources and"
        " agents; `0` for none.",
    )
    expires_after: Annotated[timedelta, _ANY_AGE] = Field(
        default=default_of(Freshness, "expires_after"),
        description="A lead older than this is not rung; the time while its call was `held`, or"
        " waited for the agent's hours, does not count.",
    )
    max_age: Annotated[timedelta, _ANY_AGE] = Field(
        default=default_of(Freshness, "max_age"),
        description="A lead older than this is not rung, whatever held its call.",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The sound settings by their fields' names, defaults filled in.

    `sheet` and `twins` are where a setting stands; `unset` is as in Config.
    """

    fields: Mapping[str, Any] = field(repr=False)
    sheet: YamlDocument = field(repr=False)
    twins: YamlDocument = field(repr=False)
    unset: tuple[str, ...] = ()

    def config(self, *, files: tuple[str, ...]) -> Config:
        """Return the configuration of these settings, as yet without agents and sources."""
        fields = self.fields
        token = fields["admin_token"]
        return Config(
            listen=fields["listen"],
            admin_listen=fields["admin_listen"],
            admin_token=Secret(token) if token else None,
            public_url=fields["public_url"] or "",
            trusted_proxies=tuple(fields["trusted_proxies"]),
            database=fields["database"],
            max_body_bytes=fields["max_body"],
            max_items=fields["max_items"],
            max_connections=fields["max_connections"],
            max_per_address=fields["max_per_address"],
            keep_alive=fields["keep_alive"],
            proxy=fields["proxy"],
            max_pending=fields["max_pending"],
            retention=fields["retention"],
            cooldown=fields["cooldown"],
            freshness=Freshness(expires_after=fields["expires_after"], max_age=fields["max_age"]),
            files=files,
            unset=self.unset,
        )

    def problems(self, place: Place, message: str) -> list[Problem]:
        """Return a problem with a setting, in the file or in the environment, whichever gave it."""
        is_twin = place[0] in self.twins.value
        findings = Findings(self.twins if is_twin else self.sheet)
        findings.add(place, message)
        return named_as_twins(findings.problems) if is_twin else findings.problems


def compile_settings(
    sheet: YamlDocument, variables: Variables, shape: type[SettingsShape] = SettingsShape
) -> tuple[Settings, list[Problem]]:
    """Compile the keys that a shape has, which may be more than settings.

    A setting that the environment gives is not read from the file.
    """
    twins, problems = read_twins(SettingsShape.fields_by_key(), variables)
    value = sheet.value
    if isinstance(value, dict):
        value = {key: setting for key, setting in value.items() if key not in twins.sheet.value}
    expanded, unset = expand(replace(sheet, value=value), variables, stand_in_of(shape))
    findings = Findings(expanded)
    fields = read_fields(shape, expanded.value, (), findings)
    fields |= read_fields(SettingsShape, twins.sheet.value, (), twins, is_whole=False)
    fields = with_defaults(shape, fields)
    here = twins if "proxy" in twins.sheet.value else findings
    fields["proxy"] = proxy_of(fields["proxy"], variables, here)
    names = (problem.unset for problem in unset if problem.key in _WHEREABOUTS)
    settings = Settings(
        fields=fields, sheet=expanded, twins=twins.sheet, unset=tuple(filter(None, names))
    )
    _check_together(settings.fields, findings, twins)
    return settings, [*problems, *unset, *findings.problems, *named_as_twins(twins.problems)]


def _check_together(fields: Mapping[str, Any], findings: Findings, twins: Findings) -> None:
    """Report settings that are sound each by itself and wrong together."""
    listen: Address = fields["listen"]
    admin: Address = fields["admin_listen"]
    here = twins if "admin_listen" in twins.sheet.value else findings
    if not is_loopback(admin.host) and not fields["admin_token"]:
        here.add(
            ("admin_listen",),
            "others than this machine can reach this address: set admin_token, or listen on"
            " 127.0.0.1",
        )
    token = fields["admin_token"] or ""
    if 0 < len(token) < _SAFE_TOKEN:
        given = twins if "admin_token" in twins.sheet.value else findings
        message = f"{len(token)} characters can be guessed: take {_SAFE_TOKEN} or more, at random"
        given.add(("admin_token",), message, is_warning=True)
    if listen == admin and listen.port:
        here.add(("admin_listen",), "listen has this address already: choose another port")
