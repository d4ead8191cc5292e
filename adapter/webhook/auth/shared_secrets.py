"""Checks by a secret that the sender shows as it is: token, header, Basic, inside the body.

Configured secrets are never empty, and compared in constant time.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, unquote_to_bytes

from adapter.agent import Secret
from adapter.errors import AdapterError
from adapter.webhook.auth.proof import Check, Proof, adding, no_document
from adapter.webhook.path_like import PathLike
from adapter.webhook.request import Request, wire_bytes

TOKEN_HEADER = "x-webhook-token"  # noqa: S105 - a header's name
_SHORTEST = 8  # a shorter token would be found inside ordinary words and numbers


def check_secrets(secrets: Sequence[Secret], what: str) -> None:
    """Raise ValueError, without showing any, unless there are secrets and none is blank."""
    if not secrets:
        raise ValueError(f"{what}: expected at least one secret, found none")
    for secret in secrets:
        if not secret.reveal().strip():
            raise ValueError(f"{what}: expected a secret, found an empty one: set its variable")
        if not _is_encodable(secret):
            raise ValueError(f"{what}: expected a secret of Unicode text, found half a character")


def secret_bytes(secret: Secret) -> bytes:
    """Return the secret as UTF-8; bytes that the environment could not decode come back."""
    return secret.reveal().encode("utf-8", "surrogateescape")


def is_known(found: bytes, secrets: Sequence[Secret]) -> bool:
    """Whether `found` is one of the secrets; every one is tried, so the time tells nothing."""
    return sum(hmac.compare_digest(found, secret_bytes(secret)) for secret in secrets) > 0


def _is_encodable(secret: Secret) -> bool:
    try:
        secret_bytes(secret)
    except UnicodeEncodeError:
        return False
    return True


class HeadCheck(Check, Protocol):
    """A check that asks nothing of the body: what the head does not prove, nothing does."""

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the head proves nothing."""
        return self.prove(head, now=now, document=no_document) is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Token(HeadCheck):
    """A secret in query `token`, the path, `Authorization: Bearer` or `X-Webhook-Token`.

    One place that holds it is enough; it is taken out of all of them.
    """

    tokens: tuple[Secret, ...]

    def __post_init__(self) -> None:
        check_secrets(self.tokens, "token")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if any place holds one of the tokens."""
        # Pieces are dropped from the raw text: a signature over the URL needs the rest unchanged.
        fields = request.query.split("&")
        kept_fields = [kept for field in fields if (kept := self._left_of_field(field)) is not None]
        headers = tuple(pair for pair in request.headers if not self._is_in_header(*pair))
        is_in_path = self._is_in_url(request.token_segment or "")
        if kept_fields == fields and headers == request.headers and not is_in_path:
            return None
        without = replace(request, query="&".join(kept_fields), headers=headers)
        if is_in_path:
            path = request.path.rstrip("/").rpartition("/")[0]
            without = replace(without, path=path, token_segment=None)
        return Proof(without=without, shown=self._spellings())

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request with the first token in its header."""
        return adding(request, {TOKEN_HEADER: self.tokens[0].reveal()})

    def _spellings(self) -> frozenset[bytes]:
        tokens = [token for token in map(secret_bytes, self.tokens) if len(token) >= _SHORTEST]
        return frozenset(tokens) | {quote(token, safe="").encode() for token in tokens}

    def _left_of_field(self, field: str) -> str | None:
        """Return a field of the query, or what stands behind the token in it; None for no more.

        `amp;token`: the URL was copied out of HTML. `?token=T?utm=1`: a field was put on with `?`.
        """
        name, _, value = field.partition("=")
        if unquote_to_bytes(wire_bytes(name)).removeprefix(b"amp;") != b"token":
            return field
        if self._is_in_url(value):
            return None
        token, question_mark, rest = value.partition("?")
        return (rest or None) if question_mark and self._is_in_url(token) else field

    def _is_in_header(self, name: str, value: str) -> bool:
        if name == TOKEN_HEADER:
            return is_known(wire_bytes(value.strip()), self.tokens)
        scheme, _, credentials = value.strip().partition(" ")
        if name != "authorization" or scheme.lower() != "bearer":
            return False
        return is_known(wire_bytes(credentials.strip()), self.tokens)

    def _is_in_url(self, raw: str) -> bool:
        # People paste tokens into URLs unencoded, so a `+` may be itself or a space; and with a
        # blank or a slash too many at the ends.
        found = wire_bytes(raw)
        spellings = (
            found,
            raw.encode("utf-8", "surrogatepass"),  # a path segment decoded by the server
            unquote_to_bytes(found),
            unquote_to_bytes(found.replace(b"+", b" ")),
        )
        return any(
            is_known(candidate, self.tokens)
            for spelling in spellings
            for candidate in (spelling, spelling.strip(b" "), spelling.strip(b" /"))
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class HeaderSecret(HeadCheck):
    """A secret as the whole value of a header."""

    name: str
    values: tuple[Secret, ...]

    def __post_init__(self) -> None:
        check_secrets(self.values, "header")
        if not self.name.strip():
            raise ValueError("header: expected a header's name, found none")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if a header of this name has one of the values."""
        wanted = self.name.strip().lower()
        rest = tuple(
            (name, value)
            for name, value in request.headers
            if name != wanted or not is_known(wire_bytes(value.strip()), self.values)
        )
        if rest == request.headers:
            return None
        return Proof(without=replace(request, headers=rest))

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request with the first value in the header."""
        return adding(request, {self.name.strip(): self.values[0].reveal()})


@dataclass(frozen=True, kw_only=True, slots=True)
class Basic(HeadCheck):
    """HTTP Basic (RFC 7617, UTF-8)."""

    username: str
    passwords: tuple[Secret, ...]

    def __post_init__(self) -> None:
        check_secrets(self.passwords, "basic")
        if ":" in self.username:
            raise ValueError("basic: expected a username without a colon (RFC 7617), found one")
        check_secrets(self._pairs(), "basic")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if an Authorization header has the username and a password."""
        pairs = self._pairs()
        rest = tuple(
            (name, value)
            for name, value in request.headers
            if name != "authorization" or not is_known(_basic_credentials(value), pairs)
        )
        if rest == request.headers:
            return None
        return Proof(without=replace(request, headers=rest))

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the credentials with the first password."""
        pair = self._pairs()[0].reveal()
        credentials = base64.b64encode(pair.encode()).decode()
        return adding(request, {"authorization": f"Basic {credentials}"})

    def _pairs(self) -> tuple[Secret, ...]:
        return tuple(Secret(f"{self.username}:{password.reveal()}") for password in self.passwords)


@dataclass(frozen=True, kw_only=True, slots=True)
class BodySecret:
    """A secret inside the payload; an unreadable body fails it."""

    path: PathLike
    values: tuple[Secret, ...]

    def __post_init__(self) -> None:
        check_secrets(self.values, "body")

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if a match of the path is one of the values."""
        try:
            found = self.path.find(document())
        except AdapterError:
            return None
        if not any(is_known(scalar_bytes(value), self.values) for value in found):
            return None
        return Proof(without=request, body_path=self.path)

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return False: the proof stands in the body."""
        return False

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request: the secret stands in the body that is sent."""
        return request


def _basic_credentials(value: str) -> bytes:
    scheme, _, credentials = value.strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(wire_bytes(credentials.strip()), validate=True)
    except binascii.Error:
        return b""


def scalar_bytes(value: Any) -> bytes:
    """Return a text or an integer as UTF-8; anything else as nothing, which no secret is."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).encode()
    return b""
