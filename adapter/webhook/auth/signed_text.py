"""What a signature is made over: the key `signed`, a text with placeholders."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapter.errors import AdapterError
from adapter.webhook.auth.shared_secrets import scalar_bytes
from adapter.webhook.path_like import PathLike
from adapter.webhook.request import Request, wire_bytes

PathOf = Callable[[str], PathLike]
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
KNOWN = (
    "{body} {timestamp} {method} {url} {path} {query} {header:x-name} {field:name} {$.path}"
    " {sha256:body} {sha1:body} {sha512:body} {md5:body} {escaped:body}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signing:
    """What the placeholders may insert.

    `fields` are the named parts of the signature's own value, as `t` in `t=…,v1=…`; `document`
    may raise AdapterError; `public_url` is what the sender was told, without path and query.
    """

    request: Request
    timestamp: str
    fields: Mapping[str, str]
    document: Callable[[], Any]
    public_url: str


Insert = Callable[[Signing], bytes | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedText:
    """A compiled `signed`; `names` are its placeholders as written."""

    parts: tuple[bytes | Insert, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, text: str, path_of: PathOf | None) -> "SignedText":
        """Compile; ValueError for a placeholder that nobody knows, CompileError for a bad path."""
        pieces = _PLACEHOLDER.split(text)
        if any(sign in literal for literal in pieces[::2] for sign in "{}"):
            raise ValueError(f"signed: expected placeholders {KNOWN}, found {text!r}")
        # Odd elements are the placeholders' names.
        parts = tuple(
            _insert(piece, path_of) if index % 2 else piece.encode()
            for index, piece in enumerate(pieces)
        )
        return cls(parts=parts, names=frozenset(pieces[1::2]))

    @property
    def covers_body(self) -> bool:
        """Whether body or digest stands in it, so that nobody can change the body."""
        return covers_body(self.names)

    def content(self, signing: Signing) -> bytes | None:
        """Return the bytes that are signed; None where a part of them is absent."""
        made = [part if isinstance(part, bytes) else part(signing) for part in self.parts]
        return None if None in made else b"".join(part for part in made if part is not None)


def placeholders(text: str) -> frozenset[str]:
    """Return the names of a text's placeholders."""
    return frozenset(_PLACEHOLDER.findall(text))


def covers_body(names: frozenset[str]) -> bool:
    """Whether one of these placeholders is the body or made of all of it."""
    return not names.isdisjoint({"body", *(f"{kind}:body" for kind in _OF_BODY)})


def url_of(request: Request, public_url: str) -> str:
    """Return the address that the sender was told, with the request's path and query."""
    query = f"?{request.query}" if request.query else ""
    return f"{public_url.rstrip('/')}{request.path}{query}"


_PLAIN: Mapping[str, Insert] = {
    "body": lambda signing: signing.request.body,
    "timestamp": lambda signing: wire_bytes(signing.timestamp),
    "method": lambda signing: wire_bytes(signing.request.method),
    "url": lambda signing: wire_bytes(url_of(signing.request, signing.public_url)),
    "path": lambda signing: wire_bytes(signing.request.path),
    "query": lambda signing: wire_bytes(signing.request.query),
}


def _header(name: str) -> Insert:
    return lambda signing: _wire(signing.request.header(name.strip()))


def _field(name: str) -> Insert:
    return lambda signing: _wire(signing.fields.get(name))


def _wire(text: str | None) -> bytes | None:
    return None if text is None else wire_bytes(text)


def _hex_digest(algorithm: str, body: bytes) -> bytes:
    return hashlib.new(algorithm, body, usedforsecurity=False).hexdigest().encode()


def _escaped(body: bytes) -> bytes:
    """Return a JSON body with all that is not ASCII as `\\u00e4`."""
    text = body.decode("utf-8", "surrogateescape")
    return _BEYOND_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], text).encode()


_OF_BODY: Mapping[str, Callable[[bytes], bytes]] = {
    "escaped": _escaped,
    **{name: partial(_hex_digest, name) for name in ("sha256", "sha1", "sha512", "md5")},
}


def _made_of_body(make: Callable[[bytes], bytes]) -> Insert:
    return lambda signing: make(signing.request.body)


def _at(path: PathLike) -> Insert:
    def at(signing: Signing) -> bytes | None:
        try:
            found = path.find(signing.document())
        except AdapterError:
            return None
        return scalar_bytes(found[0]) if found else None

    return at


_NAMED: Mapping[str, Callable[[str], Insert]] = {"header": _header, "field": _field}


def _insert(name: str, path_of: PathOf | None) -> Insert:
    if name in _PLAIN:
        return _PLAIN[name]
    if name.startswith("$") and path_of is not None:
        return _at(path_of(name))
    kind, _, rest = name.partition(":")
    if kind in _NAMED and rest.strip():
        return _NAMED[kind](rest)
    if kind in _OF_BODY and rest == "body":
        return _made_of_body(_OF_BODY[kind])
    raise ValueError(f"signed: expected placeholders {KNOWN}, found {{{name}}}")
