"""A mapping's `auth` and `handshake` → the checks that intake/ runs; None where impossible."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from adapter.agent import Secret
from adapter.compiler.fields.patterns import DURATION, USERNAME
from adapter.compiler.fields.rules import Rule, alone, not_empty
from adapter.compiler.fields.shape import (
    FilledText,
    Flag,
    HeaderName,
    Networks,
    PathText,
    Secrets,
    Shape,
    as_filled,
    as_list,
    broken_rule,
    within,
)
from adapter.compiler.keys.context import UNSET_URL, MappingContext
from adapter.compiler.keys.paths import attempt, whole
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.paths import compile_place
from adapter.webhook.auth.checks import (
    AllOf,
    AnyOf,
    Basic,
    BodySecret,
    Check,
    HeaderSecret,
    Hmac,
    HubSpot,
    IpRange,
    NoAuth,
    StandardWebhooks,
    Token,
)

_TOLERANCE = within(timedelta(seconds=1), timedelta(days=1), "from 1s to 24h")
_SECRETS = "A list of several is for rotation."


class HeaderAuthShape(Shape):
    """A secret header."""

    name: HeaderName = Field(description="The header's name.")
    value: Secrets = Field(description=f"The secret that it must hold. {_SECRETS}")


class BasicAuthShape(Shape):
    """HTTP Basic."""

    username: Annotated[str, BeforeValidator(as_filled, json_schema_input_type=USERNAME)] = Field(
        description="The user name."
    )
    password: Secrets = Field(description=f"The password. {_SECRETS}")


class BodyAuthShape(Shape):
    """A secret inside the payload."""

    path: PathText = Field(description="Where in the document the secret stands.")
    value: Secrets = Field(description=f"The secret. {_SECRETS}")


class TimestampShape(Shape):
    """Where a signature's timestamp stands."""

    one_of: ClassVar[tuple[str, ...]] = ("header", "field")

    header: HeaderName | None = Field(default=None, description="In a header of its own.")
    field: FilledText | None = Field(
        default=None, description="Within the signature's header, as in t=…,v1=…: its name there."
    )


class HmacShape(Shape):
    """A signature with a shared secret."""

    rules: ClassVar[tuple[Rule, ...]] = (
        {
            "if": {"required": ["signed"], "properties": {"signed": {"pattern": r"\{timestamp\}"}}},
            "then": {"required": ["timestamp"]},
        },
    )

    header: HeaderName = Field(description="The header that holds the signature.")
    secret: Secrets = Field(description=f"The shared secret. {_SECRETS}")
    algorithm: Literal["sha256", "sha1", "sha512"] = Field(
        default="sha256", description="The hash: sha256, sha1 or sha512."
    )
    secret_encoding: Literal["text", "hex", "base64"] = Field(
        default="text",
        description="What the secret is: the key itself (text), or its hex or base64.",
    )
    encoding: Literal["hex", "base64"] = Field(
        default="hex", description="How the signature is written: hex or base64."
    )
    wrapped: Flag = Field(
        default=False, description="true where the header is base64 of prefix and signature."
    )
    prefix: str = Field(default="", description='What stands before the signature: "sha256=".')
    signed: FilledText = Field(
        default="{body}", description='What is signed, such as "{timestamp}.{body}".'
    )
    timestamp: TimestampShape | None = Field(
        default=None, description="Where the timestamp stands: {header: …} or {field: …}."
    )
    tolerance: Annotated[
        timedelta, BeforeValidator(_TOLERANCE, json_schema_input_type=DURATION)
    ] = Field(default=timedelta(minutes=5), description="How old the timestamp may be.")

    @model_validator(mode="after")
    def _check_timestamp(self) -> "HmacShape":
        if "{timestamp}" in self.signed and self.timestamp is None:
            raise broken_rule("{timestamp} is signed, so say where it stands: timestamp: {…}")
        return self


class HubSpotShape(Shape):
    """HubSpot's signatures."""

    client_secret: Secrets = Field(description=f"The app's client secret. {_SECRETS}")
    version: Literal["v1", "v2", "v3"] = Field(
        description="The one version of the signature that is accepted: v1, v2 or v3."
    )


class StandardWebhooksShape(Shape):
    """The signatures of standardwebhooks.com."""

    secret: Secrets = Field(description=f"The signing secret, whsec_…. {_SECRETS}")


class AuthShape(Shape):
    """Ways of proof; all that are given must hold."""

    rules: ClassVar[tuple[Rule, ...]] = (not_empty(), alone("none"))

    token: Secrets | None = Field(
        default=None,
        description="A token in the query (token), the path, Authorization: Bearer or"
        f" X-Webhook-Token. {_SECRETS}",
    )
    header: HeaderAuthShape | None = Field(default=None, description="A secret header.")
    basic: BasicAuthShape | None = Field(default=None, description="HTTP Basic.")
    body: BodyAuthShape | None = Field(default=None, description="A secret in the payload.")
    ip: Annotated[Networks, Field(min_length=1)] | None = Field(
        default=None, description="Networks that the request may come from."
    )
    hmac: HmacShape | None = Field(default=None, description="A signature (HMAC).")
    hubspot: HubSpotShape | None = Field(default=None, description="HubSpot's signature.")
    standard_webhooks: StandardWebhooksShape | None = Field(
        default=None, description="A signature as standardwebhooks.com has it."
    )
    none: FilledText | None = Field(
        default=None, description="No proof at all: the reason why that is safe."
    )

    @model_validator(mode="after")
    def _check_ways(self) -> "AuthShape":
        given = self.given()
        if not given:
            raise broken_rule(f"expected one or more of {', '.join(self.fields_by_key())}")
        if "none" in given and len(given) > 1:
            raise broken_rule("none stands alone: the other ways of proof would count for nothing")
        return self


def _no_open_door(value: Any) -> Any:
    if isinstance(value, list) and len(value) > 1:
        for each in value:
            if isinstance(each, dict) and "none" in each:
                raise broken_rule("none among several would let everybody in: keep one or the rest")
    return as_list(value)


AuthShapes: TypeAlias = Annotated[
    list[AuthShape],
    BeforeValidator(_no_open_door, json_schema_input_type=AuthShape | list[AuthShape]),
    Field(
        min_length=1,
        json_schema_extra={
            "if": {"type": "array", "contains": {"type": "object", "required": ["none"]}},
            "then": {"maxItems": 1},
        },
    ),
]


def auth_check(
    shapes: list[AuthShape], place: Place, around: MappingContext, findings: Findings
) -> Check | None:
    """Compile `auth`: of a list any check suffices, of one map's keys all must hold."""
    made = whole([_one(each, (*place, n), around, findings) for n, each in enumerate(shapes)])
    if made is None:
        return None
    return made[0] if len(made) == 1 else AnyOf(checks=made)


def _one(
    shape: AuthShape, place: Place, around: MappingContext, findings: Findings
) -> Check | None:
    # A well-formed address, for checking the rest while public_url is wanting.
    makers = _makers(around.public_url or UNSET_URL)
    checks = [
        _made(makers[key], getattr(shape, key), (*place, key), findings)
        for key in AuthShape.fields_by_key()
        if key in shape.given()
    ]
    if shape.hubspot is not None and shape.hubspot.version != "v1" and not around.public_url:
        message = f"{shape.hubspot.version} signs the URL: set public_url in adapter.yaml"
        at = (*place, "hubspot")
        findings.add_unset(at, message, "public_url", is_warning=around.is_lenient)
    made = whole(checks)
    if made is None:
        return None
    return made[0] if len(made) == 1 else AllOf(checks=made)


def _made(
    maker: Callable[[Any], Check], shape: Any, place: Place, findings: Findings
) -> Check | None:
    return attempt(findings, place, _EXPECTED[place[-1]], lambda: maker(shape))


_EXPECTED: Mapping[str | int, str] = {
    "token": "a token that is not empty",
    "header": "a header's name and a secret",
    "basic": "a username without a colon, and a password",
    "body": "a path to one place inside the document, such as $.key, and a secret",
    "ip": "networks such as 203.0.113.0/24",
    "hmac": "a secret in its secret_encoding, and in signed the placeholders {body} {timestamp}"
    " {method} {path} {query}",
    "hubspot": "a client secret and one version: v1, v2 or v3",
    "standard_webhooks": "a secret as whsec_<base64>",
    "none": "the reason why no proof is needed",
}


def _makers(public_url: str) -> Mapping[str, Callable[[Any], Check]]:
    return {
        "token": lambda tokens: Token(tokens=secrets_of(tokens)),
        "header": _header,
        "basic": _basic,
        "body": _body,
        "ip": lambda networks: IpRange(networks=tuple(networks)),
        "hmac": _hmac,
        "hubspot": lambda shape: _hubspot(shape, public_url),
        "standard_webhooks": _standard_webhooks,
        "none": lambda why: NoAuth(why=why),
    }


def secrets_of(texts: list[str]) -> tuple[Secret, ...]:
    """Return texts as secrets, which no repr shows."""
    return tuple(Secret(text) for text in texts)


def _header(shape: HeaderAuthShape) -> Check:
    return HeaderSecret(name=shape.name, values=secrets_of(shape.value))


def _basic(shape: BasicAuthShape) -> Check:
    return Basic(username=shape.username, passwords=secrets_of(shape.password))


def _body(shape: BodyAuthShape) -> Check:
    return BodySecret(path=compile_place(shape.path), values=secrets_of(shape.value))


def _hmac(shape: HmacShape) -> Check:
    return Hmac(
        header=shape.header,
        secrets=secrets_of(shape.secret),
        algorithm=shape.algorithm,
        encoding=shape.encoding,
        prefix=shape.prefix,
        signed=shape.signed,
        timestamp_header=shape.timestamp.header if shape.timestamp else None,
        timestamp_field=shape.timestamp.field if shape.timestamp else None,
        tolerance=shape.tolerance,
        key_encoding=shape.secret_encoding,
        is_wrapped=shape.wrapped,
    )


def _hubspot(shape: HubSpotShape, public_url: str) -> Check:
    return HubSpot(
        client_secrets=secrets_of(shape.client_secret), version=shape.version, public_url=public_url
    )


def _standard_webhooks(shape: StandardWebhooksShape) -> Check:
    return StandardWebhooks(secrets=secrets_of(shape.secret))
