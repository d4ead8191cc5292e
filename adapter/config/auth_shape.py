"""The keys of a mapping's `auth`: how a sender proves itself."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

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
