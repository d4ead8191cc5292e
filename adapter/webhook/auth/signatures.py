"""Checks by a signature that a mapping describes: where it stands, and what it is made over."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from adapter.agent import Secret
from adapter.errors import AdapterError
from adapter.webhook.auth.proof import Proof, adding
from adapter.webhook.auth.shared_secrets import check_secrets, scalar_bytes, secret_bytes
from adapter.webhook.auth.signature_text import (
    ENCODINGS,
    TOLERANCE,
    check_choice,
    decode_signature,
    encode_signature,
    is_fresh,
    proof_by_content,
    proof_by_signature,
)
from adapter.webhook.auth.signed_text import PathOf, SignedText, Signing
from adapter.webhook.path_like import PathLike
from adapter.webhook.request import Request

ALGORITHMS = ("sha256", "sha1", "sha384", "sha512")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a value stands in a request: a header, a field of the query, or a path of the body."""

    header: str = ""
    query: str = ""
    path: PathLike | None = None

    def value(self, request: Request, document: Callable[[], Any]) -> str | None:
        """Return the value as text; None where it is absent."""
        if self.header:
            return request.header(self.header)
        if self.query:
            # A plus of base64 that nobody escaped reads as a space.
            fields = parse_qsl(request.query, keep_blank_values=True)
            found = next((value for name, value in fields if name == self.query), None)
            return None if found is None else found.replace(" ", "+")
        try:
            matches = self.path.find(document()) if self.path is not None else []
        except AdapterError:
            return None
        return scalar_bytes(matches[0]).decode("utf-8", "surrogatepass") if matches else None

    def is_missing(self, head: Request) -> bool:
        """Whether the head should have the value, and has not."""
        return self.path is None and self.value(head, dict) is None

    def filled(self, request: Request, value: str) -> Request | None:
        """Return the request with the value there; None where it would stand in the body."""
        if self.header:
            return adding(request, {self.header: value})
        if self.query:
            field_ = urlencode({self.query: value})
            return replace(request, query="&".join(filter(None, (request.query, field_))))
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """How a signature is written at its place.

    The value is split at `separator`, if there is one. The signatures are then the parts with
    `prefix` in front, or the one at `position`, counted from 1. `timestamp` names the part that
    holds the time (`t` in `t=…,v1=…`) or counts it. With `is_wrapped` the whole value is base64
    of this.
    """

    encoding: str = "hex"
    prefix: str = ""
    separator: str = ""
    position: int | None = None
    timestamp: str = ""
    is_wrapped: bool = False

    def parts(self, value: str) -> list[str]:
        """Return the parts of a value, without blanks around."""
        if self.is_wrapped:
            value = decode_signature(value, "base64").decode("latin-1")
        pieces = value.split(self.separator) if self.separator else [value]
        return [piece.strip() for piece in pieces]

    def signatures(self, parts: list[str]) -> list[bytes]:
        """Return the signatures; what is none becomes b""."""
        if self.position is not None:
            parts = parts[self.position - 1 : self.position]
        return [
            decode_signature(part.removeprefix(self.prefix), self.encoding)
            for part in parts
            if part.startswith(self.prefix)
        ]

    def time(self, parts: list[str]) -> str | None:
        """Return the part that is the time."""
        if self.timestamp.isdigit():
            return next(iter(parts[int(self.timestamp) - 1 : int(self.timestamp)]), None)
        return named(parts).get(self.timestamp)

    def value(self, signature: bytes, timestamp: str) -> str:
        """Return the value that a sender would write."""
        written = self.prefix + encode_signature(signature, self.encoding)
        counted = {int(self.timestamp): timestamp} if self.timestamp.isdigit() else {}
        if counted or self.position is not None:
            places = {self.position or 1: written, **counted}
            parts = [places.get(n, "") for n in range(1, max(places) + 1)]
        else:
            parts = [f"{self.timestamp}={timestamp}", written] if self.timestamp else [written]
        value = self.separator.join(parts)
        return encode_signature(value.encode(), "base64") if self.is_wrapped else value


def named(parts: list[str]) -> Mapping[str, str]:
    """Return the parts `name=value` by name; of several with one name the first."""
    pairs = (part.partition("=") for part in reversed(parts) if "=" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """What signatures by a shared secret and by a public key have in common.

    `signed` is a text with placeholders, whose paths `path_of` compiles. Where `timestamp` or
    `written.timestamp` says where a time stands, it must be within `tolerance` of now.
    """

    place: Place
    written: Written = field(default_factory=Written)
    signed: str = "{body}"
    timestamp: Place | None = None
    tolerance: timedelta = TOLERANCE
    path_of: PathOf | None = None
    public_url: str = ""
    _text: SignedText = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_choice("encoding", self.written.encoding, ENCODINGS.keys())
        text = SignedText.of(self.signed, self.path_of)
        object.__setattr__(self, "_text", text)  # the way to fill a field of a frozen dataclass
        if not text.names:
            raise ValueError(
                "signed: expected {body} or another placeholder in it, or nothing sent is proven"
            )
        if "timestamp" in text.names and not self._has_time:
            raise ValueError("signed: {timestamp} needs `timestamp`, which says where it stands")

    @property
    def _has_time(self) -> bool:
        return self.timestamp is not None or bool(self.written.timestamp)

    @property
    def covers_body(self) -> bool:
        """Whether nobody can change the body."""
        return self._text.covers_body

    def found(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> tuple[bytes, list[bytes]] | None:
        """Return what should be signed, and the signatures; None if absent or stale."""
        value = self.place.value(request, document)
        if value is None:
            return None
        parts = self.written.parts(value)
        time = self.written.time(parts)
        if self.timestamp is not None:
            time = self.timestamp.value(request, document)
        if self._has_time and not is_fresh(time, now=now, tolerance=self.tolerance):
            return None
        content = self._content(request, time or "", parts, document)
        return None if content is None else (content, self.written.signatures(parts))

    def signed_with(
        self, request: Request, make: Callable[[bytes], bytes], *, now: datetime
    ) -> Request | None:
        """Return the request as a sender would send it, whose signatures `make` makes."""
        time = str(int(now.timestamp()))
        timed = request if self.timestamp is None else self.timestamp.filled(request, time)
        content = None if timed is None else self._content(timed, time, [], dict)
        if timed is None or content is None:
            return None
        return self.place.filled(timed, self.written.value(make(content), time))

    def _content(
        self, request: Request, time: str, parts: list[str], document: Callable[[], Any]
    ) -> bytes | None:
        signing = Signing(
            request=request,
            timestamp=time,
            fields=named(parts),
            document=document,
            public_url=self.public_url,
        )
        return self._text.content(signing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hmac:
    """A signature with a shared secret.

    The key is a secret's text, or what that is hex or base64 of. Raises ValueError for what can
    never verify.
    """

    signature: Signature
    secrets: tuple[Secret, ...]
    algorithm: str = "sha256"
    key_encoding: str = "text"
    _keys: tuple[bytes, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_secrets(self.secrets, "hmac")
        keys = tuple(_hmac_key(secret, self.key_encoding) for secret in self.secrets)
        object.__setattr__(self, "_keys", keys)  # the way to fill a field of a frozen dataclass
        check_choice("algorithm", self.algorithm, ALGORITHMS)

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if a signature is right, and fresh where it has a time."""
        found = self.signature.found(request, now=now, document=document)
        if found is None:
            return None
        content, signatures = found
        expected = [self._digest(key, content) for key in self._keys]
        covers_body = self.signature.covers_body
        return proof_by_signature(request, expected, signatures, covers_body=covers_body)

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the signature is missing."""
        return self.signature.place.is_missing(head)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request as a sender with the first secret would send it at this time."""
        key = self._keys[0]
        return self.signature.signed_with(request, lambda text: self._digest(key, text), now=now)

    def _digest(self, key: bytes, content: bytes) -> bytes:
        return hmac.digest(key, content, self.algorithm)


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKeySignature:
    """A signature that a key of the sender's verifies; only the sender can make one."""

    signature: Signature
    verifiers: tuple[Callable[[bytes, bytes], bool], ...]

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof if a signature is right, and fresh where it has a time."""
        found = self.signature.found(request, now=now, document=document)
        if found is None:
            return None
        content, signatures = found
        covers_body = self.signature.covers_body
        return proof_by_content(
            request, content, self.verifiers, signatures, covers_body=covers_body
        )

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the signature is missing."""
        return self.signature.place.is_missing(head)

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return None: the private key is the sender's."""
        return None


def _hmac_key(secret: Secret, encoding: str) -> bytes:
    if encoding == "text":
        return secret_bytes(secret)
    check_choice("secret_encoding", encoding, {"text", *ENCODINGS})
    key = decode_signature(secret.reveal(), encoding)
    if not key:
        raise ValueError(f"hmac: expected a secret in {encoding}, found another")
    return key
