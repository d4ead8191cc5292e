"""The schemes of `auth` that are signatures: hmac, hubspot, standard_webhooks."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from adapter.compiler.fields.patterns import DURATION
from adapter.compiler.fields.rules import Rule
from adapter.compiler.fields.shape import (
    FilledText,
    Flag,
    HeaderName,
    Secrets,
    Shape,
    broken_rule,
    default_of,
    within,
)
from adapter.compiler.keys.auth_scheme import MANY_SECRETS, SchemeShape, secrets_of
from adapter.webhook.auth.hubspot import HubSpot
from adapter.webhook.auth.proof import Check
from adapter.webhook.auth.signatures import Hmac, StandardWebhooks

_TOLERANCE = within(timedelta(seconds=1), timedelta(days=1), "from 1s to 24h")


class TimestampShape(Shape):
    """Where a signature's timestamp stands."""

    one_of: ClassVar[tuple[str, ...]] = ("header", "field")

    header: HeaderName | None = Field(default=None, description="In a header of its own.")
    field: FilledText | None = Field(
        default=None, description="Within the signature's header, as in t=…,v1=…: its name there."
    )


class HmacShape(SchemeShape):
    """A signature with a shared secret."""

    expected: ClassVar[str] = (
        "a secret in its secret_encoding, and in signed the placeholders {body} {timestamp}"
        " {method} {path} {query}"
    )

    rules: ClassVar[tuple[Rule, ...]] = (
        {
            "if": {"required": ["signed"], "properties": {"signed": {"pattern": r"\{timestamp\}"}}},
            "then": {"required": ["timestamp"]},
        },
    )

    header: HeaderName = Field(description="The header that holds the signature.")
    secret: Secrets = Field(description=f"The shared secret. {MANY_SECRETS}")
    algorithm: Literal["sha256", "sha1", "sha512"] = Field(
        default=default_of(Hmac, "algorithm"), description="The hash: sha256, sha1 or sha512."
    )
    secret_encoding: Literal["text", "hex", "base64"] = Field(
        default=default_of(Hmac, "key_encoding"),
        description="What the secret is: the key itself (text), or its hex or base64.",
    )
    encoding: Literal["hex", "base64"] = Field(
        default=default_of(Hmac, "encoding"),
        description="How the signature is written: hex or base64.",
    )
    wrapped: Flag = Field(
        default=default_of(Hmac, "is_wrapped"),
        description="true where the header is base64 of prefix and signature.",
    )
    prefix: str = Field(
        default=default_of(Hmac, "prefix"),
        description='What stands before the signature: "sha256=".',
    )
    signed: FilledText = Field(
        default=default_of(Hmac, "signed"),
        description='What is signed, such as "{timestamp}.{body}".',
    )
    unsigned_body: FilledText | None = Field(
        default=None, description="Why it is safe that `signed` has no body in it."
    )
    timestamp: TimestampShape | None = Field(
        default=None, description="Where the timestamp stands: {header: …} or {field: …}."
    )
    tolerance: Annotated[
        timedelta, BeforeValidator(_TOLERANCE, json_schema_input_type=DURATION)
    ] = Field(
        default=default_of(Hmac, "tolerance"),
        description="How old the timestamp may be.",
    )

    @model_validator(mode="after")
    def _check_timestamp(self) -> "HmacShape":
        if "{timestamp}" in self.signed and self.timestamp is None:
            raise broken_rule("{timestamp} is signed, so say where it stands: timestamp: {…}")
        if self.timestamp is not None and "{timestamp}" not in self.signed:
            raise broken_rule(
                "the timestamp is not signed, so anybody could renew it: put {timestamp} into"
                " signed"
            )
        if "{body}" not in self.signed and self.unsigned_body is None:
            raise broken_rule(
                "the body is not signed, so anybody could change it: put {body} into signed, or"
                " spell out why that is safe: unsigned_body: <why>"
            )
        return self

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return Hmac(
            header=self.header,
            secrets=secrets_of(self.secret),
            algorithm=self.algorithm,
            encoding=self.encoding,
            prefix=self.prefix,
            signed=self.signed,
            timestamp_header=self.timestamp.header if self.timestamp else None,
            timestamp_field=self.timestamp.field if self.timestamp else None,
            tolerance=self.tolerance,
            key_encoding=self.secret_encoding,
            is_wrapped=self.wrapped,
        )


class HubSpotShape(SchemeShape):
    """HubSpot's signatures."""

    expected: ClassVar[str] = "a client secret and one version: v1, v2 or v3"

    client_secret: Secrets = Field(description=f"The app's client secret. {MANY_SECRETS}")
    version: Literal["v1", "v2", "v3"] = Field(
        description="The one version of the signature that is accepted: v1, v2 or v3."
    )

    @property
    def signs_url(self) -> str:
        """Return the version, but for v1, which signs the body alone."""
        return "" if self.version == "v1" else self.version

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return HubSpot(
            client_secrets=secrets_of(self.client_secret),
            version=self.version,
            public_url=public_url,
        )


class StandardWebhooksShape(SchemeShape):
    """The signatures of standardwebhooks.com."""

    expected: ClassVar[str] = "a secret as whsec_<base64>"

    secret: Secrets = Field(description=f"The signing secret, whsec_…. {MANY_SECRETS}")

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return StandardWebhooks(secrets=secrets_of(self.secret))
