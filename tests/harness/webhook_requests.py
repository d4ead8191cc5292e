"""What the tests of intake share: requests, documents and simple paths."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapter.agent import Secret
from adapter.errors import IntakeError, MappingError
from adapter.webhook.auth.signatures import Hmac, Place, Signature, Written
from adapter.webhook.request import Request

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def secrets(*texts: str) -> tuple[Secret, ...]:
    """Return the texts as configured secrets."""
    return tuple(Secret(text) for text in texts)


def post(
    body: bytes = b"", content_type: str | None = None, *, query: str = "", **headers: str
) -> Request:
    """Return a POST; `x_foo="1"` is the header `x-foo: 1`."""
    pairs = [("content-type", content_type)] if content_type is not None else []
    pairs += [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Request(method="POST", path="/hooks/forms", query=query, headers=tuple(pairs), body=body)


def no_document() -> Any:
    """Stand for a body that cannot be read."""
    raise IntakeError(400, "Malformed body", reason="malformed_body")


def refusal_of(read: Callable[[], Any]) -> IntakeError | None:
    """Return the named error that reading raises, or None; any other error is a bug."""
    try:
        read()
    except IntakeError as error:
        return error
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyPath:
    """A path `$.key`, without the library that the mapping uses."""

    key: str

    @property
    def text(self) -> str:
        """The path as it would be written."""
        return f"$.{self.key}"

    def find(self, document: Any, /) -> list[Any]:
        """Return the value under the key, if there is one."""
        if not isinstance(document, dict):
            raise MappingError("not_a_scalar", "expected an object")
        return [document[self.key]] if document.get(self.key) is not None else []

    def take_out(self, document: Any, /) -> None:
        """Drop the key."""
        del document[self.key]

    def replace(self, document: Any, fn: Callable[[Any], Any], /) -> Any:
        """Replace the value under the key."""
        for value in self.find(document):
            document[self.key] = fn(value)
        return document


def hmac_check(
    *,
    header: str,
    secrets: tuple[Secret, ...],
    algorithm: str = "sha256",
    key_encoding: str = "text",
    timestamp_header: str = "",
    timestamp_field: str = "",
    signed: str = "{body}",
    encoding: str = "hex",
    prefix: str = "",
    separator: str = "",
    is_wrapped: bool = False,
) -> Hmac:
    """Return the check of an HMAC in a header, with what a mapping would say of it."""
    written = Written(
        encoding=encoding,
        prefix=prefix,
        separator=separator or ("," if timestamp_field else ""),
        timestamp=timestamp_field,
        is_wrapped=is_wrapped,
    )
    signature = Signature(
        place=Place(header=header),
        written=written,
        signed=signed,
        timestamp=Place(header=timestamp_header) if timestamp_header else None,
    )
    return Hmac(
        signature=signature, secrets=secrets, algorithm=algorithm, key_encoding=key_encoding
    )
