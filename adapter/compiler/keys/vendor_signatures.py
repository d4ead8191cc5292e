"""The schemes of `auth` that are a vendor's or a standard's own, such as hubspot and jwt."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from adapter.compiler.fields.rules import Rule
from adapter.compiler.fields.shape import FilledText, HeaderName, PathText, Secrets, broken_rule
from adapter.compiler.keys.auth_scheme import MANY_SECRETS, SchemeShape, secrets_of
from adapter.compiler.keys.signatures import PublicKeys
from adapter.mapping.paths import compile_place
from adapter.webhook.auth.hubspot import HubSpot
from adapter.webhook.auth.proof import Check
from adapter.webhook.auth.signatures import Place
from adapter.webhook.auth.standard_webhooks import StandardWebhooks
from adapter.webhook.auth.twilio import Twilio


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

    expected: ClassVar[str] = "a secret as whsec_<base64>, or a public_key as whpk_<base64>"
    one_of: ClassVar[tuple[str, ...]] = ("secret", "public_key")

    secret: Secrets | None = Field(
        default=None, description=f"The signing secret, whsec_…. {MANY_SECRETS}"
    )
    public_key: PublicKeys | None = Field(
        default=None, description="The sender's public key for `v1a`, whpk_…."
    )

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return StandardWebhooks(
            secrets=secrets_of(self.secret or []), public_keys=tuple(self.public_key or ())
        )


class TwilioShape(SchemeShape):
    """Twilio's signature."""

    expected: ClassVar[str] = "an auth token"

    auth_token: Secrets = Field(description=f"The account's auth token. {MANY_SECRETS}")

    @property
    def signs_url(self) -> str:
        """Return the name: Twilio always signs the URL."""
        return "twilio"

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return Twilio(auth_tokens=secrets_of(self.auth_token), public_url=public_url)


class JwtShape(SchemeShape):
    """A JSON Web Token."""

    expected: ClassVar[str] = "a secret or a public key of its algorithm"
    one_of: ClassVar[tuple[str, ...]] = ("secret", "key")
    rules: ClassVar[tuple[Rule, ...]] = (
        {"not": {"required": ["header", "body"]}},
        {
            "if": {
                "required": ["algorithm"],
                "properties": {"algorithm": {"pattern": "^(RS|ES|Ed)"}},
            },
            "then": {"required": ["key"]},
            "else": {"required": ["secret"]},
        },
    )

    header: HeaderName | None = Field(
        default=None,
        description="The header that holds the token, with or without `Bearer`; `Authorization`"
        " unless `body` says otherwise.",
    )
    body: PathText | None = Field(
        default=None,
        description="The path of the body where the token stands. With `$` the body is the token,"
        " and its claims are the document.",
    )
    secret: Secrets | None = Field(default=None, description=f"The shared secret. {MANY_SECRETS}")
    key: PublicKeys | None = Field(default=None, description="The sender's public key, as PEM.")
    algorithm: Literal[
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"
    ] = Field(
        default="HS256",
        description="The one algorithm that is accepted: HS256, HS384 or HS512 with a secret;"
        " RS256 to RS512, ES256 to ES512 or EdDSA with a key.",
    )
    audience: FilledText | None = Field(
        default=None, description="Whom the token must be for (its claim `aud`)."
    )

    @model_validator(mode="after")
    def _check_key(self) -> "JwtShape":
        if self.header is not None and self.body is not None:
            raise broken_rule("the token stands in one place: header or body")
        if (self.key is None) != self.algorithm.startswith("HS"):
            raise broken_rule(
                "HS256, HS384 and HS512 take a secret; every other algorithm takes a key: set"
                " algorithm to what the sender uses"
            )
        return self

    def check(self, public_url: str) -> Check:
        """Return the check."""
        # What verifies costs megabytes, which only its users pay.
        from adapter.webhook.auth.json_web_token import JsonWebToken  # noqa: PLC0415

        return JsonWebToken(
            place=self._place(),
            algorithm=self.algorithm,
            secrets=secrets_of(self.secret or []),
            keys=tuple(self.key or ()),
            audience=self.audience or "",
        )

    def _place(self) -> Place | None:
        if self.body is None:
            return Place(header=self.header or "authorization")
        return None if self.body.strip() == "$" else Place(path=compile_place(self.body))
