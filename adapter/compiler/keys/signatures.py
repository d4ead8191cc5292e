"""The schemes of `auth` whose signature a mapping describes: hmac, public_key."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from adapter.compiler.fields.patterns import FILLED, one_or_many
from adapter.compiler.fields.rules import Rule
from adapter.compiler.fields.shape import (
    Count,
    FilledText,
    Flag,
    HeaderName,
    PathText,
    Secrets,
    Shape,
    as_list,
    broken_rule,
    default_of,
    within,
)
from adapter.compiler.keys.auth_scheme import MANY_SECRETS, SchemeShape, secrets_of
from adapter.mapping.paths import compile_place
from adapter.webhook.auth.proof import Check
from adapter.webhook.auth.signatures import Hmac, Place, PublicKeySignature, Signature, Written
from adapter.webhook.auth.signed_text import KNOWN, covers_body, placeholders

_TOLERANCE = within(timedelta(seconds=1), timedelta(days=1), "from 1s to 24h")
PublicKeys: TypeAlias = Annotated[
    list[FilledText],
    BeforeValidator(as_list, json_schema_input_type=one_or_many(FILLED)),
    Field(json_schema_extra={"minItems": 1}),
]


class PlaceShape(Shape):
    """Where a value stands in a request."""

    one_of: ClassVar[tuple[str, ...]] = ("header", "query", "path")

    header: HeaderName | None = Field(default=None, description="In a header of its own.")
    query: FilledText | None = Field(default=None, description="In this field of the query.")
    path: PathText | None = Field(default=None, description="At this path of the body.")


class TimestampShape(PlaceShape):
    """Where a signature's timestamp stands."""

    one_of: ClassVar[tuple[str, ...]] = ("header", "field", "query", "path")

    field: FilledText | None = Field(
        default=None,
        description="Within the signature's value: its name there, as in t=…,v1=…, or its number,"
        " counted from 1.",
    )


def place_of(shape: PlaceShape) -> Place:
    """Return the place that a shape names."""
    path = compile_place(shape.path) if shape.path is not None else None
    return Place(header=shape.header or "", query=shape.query or "", path=path)


class SignatureShape(SchemeShape, PlaceShape):
    """What signatures by a secret and by a public key have in common."""

    expected: ClassVar[str] = f"in signed the placeholders {KNOWN}"
    rules: ClassVar[tuple[Rule, ...]] = (
        {
            "if": {"required": ["signed"], "properties": {"signed": {"pattern": r"\{timestamp\}"}}},
            "then": {"required": ["timestamp"]},
        },
    )

    header: HeaderName | None = Field(
        default=None, description="The header that holds the signature."
    )
    query: FilledText | None = Field(
        default=None, description="The field of the query that holds the signature."
    )
    path: PathText | None = Field(
        default=None, description="The path of the body where the signature stands."
    )
    encoding: Literal["hex", "base64"] = Field(
        default=default_of(Written, "encoding"),
        description="How the signature is written: hex or base64.",
    )
    wrapped: Flag = Field(
        default=default_of(Written, "is_wrapped"),
        description="true where the value is base64 of prefix and signature.",
    )
    prefix: str = Field(
        default=default_of(Written, "prefix"),
        description='What stands before the signature: "sha256=".',
    )
    separator: str = Field(
        default=default_of(Written, "separator"),
        description="What stands between the parts of the value, where it has several; with"
        " `timestamp: {field: …}` a comma by default.",
    )
    position: Annotated[Count, Field(ge=1, le=20)] | None = Field(
        default=None,
        description="Which part of the value is the signature, counted from 1, where no prefix"
        " tells.",
    )
    signed: FilledText = Field(
        default=default_of(Signature, "signed"),
        description='What is signed, such as "{timestamp}.{body}".',
    )
    unsigned_body: FilledText | None = Field(
        default=None,
        description="Why it is safe that `signed` has neither the body nor its digest in it.",
    )
    timestamp: TimestampShape | None = Field(
        default=None,
        description="Where the timestamp stands: {header: …}, {field: …}, {query: …} or {path: …}.",
    )
    tolerance: Annotated[timedelta, _TOLERANCE] = Field(
        default=default_of(Signature, "tolerance"),
        description="How old the timestamp may be.",
    )

    @model_validator(mode="after")
    def _check_signed(self) -> "SignatureShape":
        names = placeholders(self.signed)
        if "timestamp" in names and self.timestamp is None:
            raise broken_rule("{timestamp} is signed, so say where it stands: timestamp: {…}")
        if self.timestamp is not None and "timestamp" not in names:
            raise broken_rule(
                "the timestamp is not signed, so anybody could renew it: put {timestamp} into"
                " signed"
            )
        if not covers_body(names) and self.unsigned_body is None:
            raise broken_rule(
                "the body is not signed, so anybody could change it: put {body} into signed, or"
                " spell out why that is safe: unsigned_body: <why>"
            )
        if self.position is not None and not self.separator:
            raise broken_rule("position counts parts, so say what stands between: separator: …")
        return self

    @property
    def signs_url(self) -> str:
        """Return `{url}` where that is signed."""
        return "{url}" if "{url}" in self.signed else ""

    def signature(self, public_url: str) -> Signature:
        """Return the signature that this describes."""
        field = self.timestamp.field if self.timestamp else None
        outside = self.timestamp if self.timestamp and field is None else None
        written = Written(
            encoding=self.encoding,
            prefix=self.prefix,
            separator=self.separator or ("," if field else ""),
            position=self.position,
            timestamp=field or "",
            is_wrapped=self.wrapped,
        )
        return Signature(
            place=place_of(self),
            written=written,
            signed=self.signed,
            timestamp=place_of(outside) if outside else None,
            tolerance=self.tolerance,
            path_of=compile_place,
            public_url=public_url,
        )


class HmacShape(SignatureShape):
    """A signature with a shared secret."""

    expected: ClassVar[str] = f"a secret in its secret_encoding, and {SignatureShape.expected}"

    secret: Secrets = Field(description=f"The shared secret. {MANY_SECRETS}")
    algorithm: Literal["sha256", "sha1", "sha384", "sha512"] = Field(
        default=default_of(Hmac, "algorithm"),
        description="The hash: sha256, sha1, sha384 or sha512.",
    )
    secret_encoding: Literal["text", "hex", "base64"] = Field(
        default=default_of(Hmac, "key_encoding"),
        description="What the secret is: the key itself (text), or its hex or base64.",
    )

    def check(self, public_url: str) -> Check:
        """Return the check."""
        return Hmac(
            signature=self.signature(public_url),
            secrets=secrets_of(self.secret),
            algorithm=self.algorithm,
            key_encoding=self.secret_encoding,
        )


class PublicKeyShape(SignatureShape):
    """A signature that the sender's public key verifies."""

    expected: ClassVar[str] = f"a key of its type, and {SignatureShape.expected}"

    key: PublicKeys = Field(
        description="The sender's public key: PEM, or base64 of it; one of ed25519 also as its 32"
        f" bytes, in hex or base64. {MANY_SECRETS}"
    )
    type: Literal["ed25519", "ecdsa", "rsa"] = Field(
        description="The kind of key: ed25519, ecdsa or rsa (PKCS #1 v1.5)."
    )
    encoding: Literal["hex", "base64"] = Field(
        default="base64", description="How the signature is written: hex or base64."
    )
    algorithm: Literal["sha256", "sha1", "sha384", "sha512"] = Field(
        default="sha256",
        description="The hash of ecdsa and rsa: sha256, sha1, sha384 or sha512.",
    )

    def check(self, public_url: str) -> Check:
        """Return the check."""
        # What verifies costs megabytes, which only its users pay.
        from adapter.webhook.auth.public_keys import verifier  # noqa: PLC0415

        return PublicKeySignature(
            signature=self.signature(public_url),
            verifiers=tuple(verifier(key, self.type, self.algorithm) for key in self.key),
        )
