"""One request's document, read at most once, and what of the request may be stored."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from adapter.config.source import Source
from adapter.config.translation import Mapped, document_of, map_request, view_of
from adapter.errors import IntakeError
from adapter.mapping.view import View
from adapter.values.text import to_text
from adapter.webhook.auth.checks import Proof
from adapter.webhook.request import Request

# What a CRM never needs back on a replay, and what may hold a credential that proved nothing.
_NEVER_STORED = frozenset(
    {"authorization", "proxy-authorization", "cookie", "content-length", "content-encoding"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A body as it came: decoded, or raw with the fault that kept it from being decoded."""

    body: bytes
    fault: IntakeError | None = None


ReadBody = Callable[[], Awaitable[Received]]


class Reading:
    """Decodes on demand; a body that cannot be read raises the same IntakeError every time."""

    def __init__(self, source: Source, request: Request, fault: IntakeError | None = None) -> None:
        self._source = source
        self.request = request
        self._fault = fault
        self._document: Any = None
        self._is_read = fault is not None

    def document(self) -> Any:
        """Return the document; raises IntakeError (400, 415) where the body cannot be read."""
        if not self._is_read:
            self._is_read = True
            try:
                self._document = document_of(self._source, self.request)
            except IntakeError as fault:
                self._fault = fault
        if self._fault is not None:
            raise self._fault
        return self._document

    def view(self) -> View:
        """Return what a guard may read; raises as `document` does."""
        return view_of(self.request, self.document())

    def without(self, proof: Proof) -> "Reading":
        """Return the reading of the request less whatever proved its sender."""
        if proof.body_path is not None:
            return self._without_body_secret(proof)
        without = proof.without.forgetting(proof.shown)
        if self.request.has_document_in_body and without.body == self.request.body:
            self.request = without
            return self
        return Reading(self._source, without, self._fault)

    def _without_body_secret(self, proof: Proof) -> "Reading":
        """Store the decoded document instead of the bytes, which hold the secret.

        The document is what a replay maps, so nothing is lost but the spelling of the body.
        """
        document = self.document()
        assert proof.body_path is not None  # noqa: S101 - the caller asked  # pragma: no branch
        proof.body_path.take_out(document)
        headers = tuple(h for h in proof.without.headers if h[0] != "content-type")
        request = replace(
            proof.without,
            method="POST",
            query=proof.without.query if self.request.has_document_in_body else "",
            headers=(*headers, ("content-type", "application/json")),
            body=json.dumps(document, default=_number, ensure_ascii=False).encode(),
        )
        without = request.forgetting(proof.shown)
        reading = Reading(self._source, without)
        if without.body == request.body:
            reading._document, reading._is_read = document, True
        return reading

    def mapped(self) -> Mapped:
        """Return the calls; a body that cannot be read is a reason here, not an error."""
        return map_request(self._source, self.request, self.document)

    def stored_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that a replay may need."""
        return tuple(h for h in self.request.headers if h[0] not in _NEVER_STORED)


def _number(value: object) -> object:
    """Write a decimal as a JSON number where that keeps every digit, else as its text."""
    if not isinstance(value, Decimal):
        raise TypeError(f"a document holds no {type(value).__name__}")
    number = float(value)
    return number if Decimal(repr(number)) == value else to_text(value)
