"""The key `auth` → the checks that intake/ runs; None where that is impossible."""

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from adapter.compiler.fields.patterns import USERNAME
from adapter.compiler.fields.rules import Rule, alone, not_empty
from adapter.compiler.fields.shape import (
    FilledText,
    HeaderName,
    Networks,
    PathText,
    Secrets,
    Shape,
    as_filled,
    as_list,
    broken_rule,
)
from adapter.compiler.keys.auth_scheme import MANY_SECRETS, PlainScheme, SchemeShape, secrets_of
from adapter.compiler.keys.context import UNSET_URL, MappingContext
from adapter.compiler.keys.paths import attempt, whole
from adapter.compiler.keys.signatures import HmacShape, PublicKeyShape
from adapter.compiler.keys.vendor_signatures import (
    HubSpotShape,
    JwtShape,
    StandardWebhooksShape,
    TwilioShape,
)
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.paths import compile_place
from adapter.webhook.auth.checks import AllOf, AnyOf, IpRange, NoAuth, Nobody
from adapter.webhook.auth.proof import Check
from adapter.webhook.auth.shared_secrets import Basic, BodySecret, HeaderSecret, Token

# What stands in these is written by whoever stands between, and read by none of the checks.
_PROXIES = frozenset({"forwarded", "x-real-ip", "true-client-ip", "cf-connecting-ip", "via"})
# A secret that is shown can be guessed: this many characters at least, or better.
_SHORTEST, _SHORT = 8, 16


class HeaderAuthShape(SchemeShape):
    """A secret header."""

    expected: ClassVar[str] = "a header's name and a secret"

    name: HeaderName = Field(description="The header's name.")
    value: Secrets = Field(description=f"The secret that it must hold. {MANY_SECRETS}")

    @model_validator(mode="after")
    def _check_name(self) -> "HeaderAuthShape":
        if self.name in _PROXIES or self.name.startswith("x-forwarded-"):
            raise broken_rule("proxies write this header: name one that the sender alone sets")
        return self

    def shown(self) -> dict[str, list[str]]:
        """Return the header's values."""
        return {"value": self.value}

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return HeaderSecret(name=self.name, values=secrets_of(self.value))


class BasicAuthShape(SchemeShape):
    """HTTP Basic."""

    expected: ClassVar[str] = "a username without a colon, and a password"

    username: Annotated[str, BeforeValidator(as_filled, json_schema_input_type=USERNAME)] = Field(
        description="The user name."
    )
    password: Secrets = Field(description=f"The password. {MANY_SECRETS}")

    def shown(self) -> dict[str, list[str]]:
        """Return the passwords."""
        return {"password": self.password}

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return Basic(username=self.username, passwords=secrets_of(self.password))


class BodyAuthShape(SchemeShape):
    """A secret inside the payload."""

    expected: ClassVar[str] = "a path to one place inside the document, such as $.key, and a secret"

    path: PathText = Field(description="Where in the document the secret stands.")
    value: Secrets = Field(description=f"The secret. {MANY_SECRETS}")

    def shown(self) -> dict[str, list[str]]:
        """Return the secrets of the payload."""
        return {"value": self.value}

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return BodySecret(path=compile_place(self.path), values=secrets_of(self.value))


_TOKEN = PlainScheme("a token that is not empty", lambda tokens: Token(tokens=secrets_of(tokens)))
_IP = PlainScheme(
    "networks such as 203.0.113.0/24", lambda networks: IpRange(networks=tuple(networks))
)
_NONE = PlainScheme("the reason why no proof is needed", lambda why: NoAuth(why=why))


class AuthShape(Shape):
    """Ways of proof; all that are given must hold."""

    rules: ClassVar[tuple[Rule, ...]] = (not_empty(), alone("none"))

    token: Annotated[Secrets | None, _TOKEN] = Field(
        default=None,
        description="A token: in the query (`?token=…`), as the last part of the path"
        " (`/hooks/shop/…`), in `Authorization: Bearer …`, or in `X-Webhook-Token`."
        f" {MANY_SECRETS}",
    )
    header: HeaderAuthShape | None = Field(
        default=None, description="A secret header: its `name`, and the `value` that it must hold."
    )
    basic: BasicAuthShape | None = Field(
        default=None, description="HTTP Basic with this `username` and `password`."
    )
    body: BodyAuthShape | None = Field(
        default=None,
        description="A secret in the payload: the `path` where it stands, and its `value`.",
    )
    ip: Annotated[Annotated[Networks, Field(min_length=1)] | None, _IP] = Field(
        default=None,
        description="Networks that the request may come from; behind a proxy, set"
        " `trusted_proxies`.",
    )
    hmac: HmacShape | None = Field(
        default=None, description="A signature (HMAC) in the `header`, made with the `secret`."
    )
    public_key: PublicKeyShape | None = Field(
        default=None,
        description="A signature in the `header` that the sender's public `key` verifies; its"
        " `type` is `ed25519`, `ecdsa` or `rsa`.",
    )
    jwt: JwtShape | None = Field(
        default=None,
        description="A JSON Web Token in a `header` or in the `body`, made with the `secret`, or"
        " verified with the `key`.",
    )
    twilio: TwilioShape | None = Field(
        default=None,
        description="Twilio's signature, made with the `auth_token`; needs `public_url`.",
    )
    hubspot: HubSpotShape | None = Field(
        default=None,
        description="HubSpot's signature with this `client_secret`, in exactly one `version`:"
        " `v1`, `v2` or `v3`; `v2` and `v3` need `public_url`.",
    )
    standard_webhooks: StandardWebhooksShape | None = Field(
        default=None,
        description="A signature as standardwebhooks.com has it, also under Svix's names, with"
        " this `secret` or `public_key`.",
    )
    none: Annotated[FilledText | None, _NONE] = Field(
        default=None, description="No proof at all: the text says why that is safe."
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
        for entry in value:
            if isinstance(entry, dict) and "none" in entry:
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
    shapes: list[AuthShape], place: Place, context: MappingContext, findings: Findings
) -> Check | None:
    """Compile `auth`: of a list any check suffices, of one map's keys all must hold."""
    made = whole([_one(shape, (*place, n), context, findings) for n, shape in enumerate(shapes)])
    if made is None:
        return None
    return made[0] if len(made) == 1 else AnyOf(checks=made)


def _one(
    shape: AuthShape, place: Place, context: MappingContext, findings: Findings
) -> Check | None:
    # A well-formed address, for checking the rest while public_url is wanting.
    public_url = context.public_url or UNSET_URL
    checks = [
        _check(key, getattr(shape, key), public_url, (*place, key), findings)
        for key in AuthShape.fields_by_key()
        if key in shape.given()
    ]
    if not context.public_url:
        _require_public_url(shape, place, context, findings)
    made = whole(checks)
    if made is None:
        return None
    return made[0] if len(made) == 1 else AllOf(checks=made)


def _require_public_url(
    shape: AuthShape, place: Place, context: MappingContext, findings: Findings
) -> None:
    """Report the schemes that sign the URL, which is known by the setting alone."""
    for key in AuthShape.fields_by_key():
        scheme = getattr(shape, key)
        if isinstance(scheme, SchemeShape) and scheme.signs_url:
            message = f"{scheme.signs_url} signs the URL: set public_url in adapter.yaml"
            at = (*place, key)
            findings.add_unset(at, message, "public_url", is_warning=context.is_lenient)


def _check(key: str, value: Any, public_url: str, place: Place, findings: Findings) -> Check | None:
    _check_lengths(value if key == "token" else [], place, findings)
    if isinstance(value, SchemeShape):
        for name, secrets in value.shown().items():
            _check_lengths(secrets, (*place, name), findings)
        made = attempt(findings, place, value.expected, lambda: value.check(public_url))
        return Nobody() if made is None and findings.has_unset(place) else made
    marks = AuthShape.model_fields[key].metadata
    scheme = next(mark for mark in marks if isinstance(mark, PlainScheme))
    return attempt(findings, place, scheme.expected, lambda: scheme.check(value))


def _check_lengths(secrets: list[str], place: Place, findings: Findings) -> None:
    """Report secrets that can be guessed; the message never shows one."""
    shortest = min((len(secret.strip()) for secret in secrets), default=_SHORT)
    if shortest < _SHORT:
        message = f"this secret has {shortest} characters and can be guessed: take {_SHORT} or more"
        findings.add(place, f"{message}, at random", is_warning=shortest >= _SHORTEST)
