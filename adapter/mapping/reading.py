"""One request as its mapping reads it: request → document → view → calls. Pure.

Intake, replay, look-ups, `adapter try` and a mapping's examples all pass here, so they cannot
differ.
"""

from dataclasses import dataclass, replace
from typing import Any

from adapter.errors import IntakeError, MappingError
from adapter.mapping.mapping import SourceMapping
from adapter.mapping.values import View
from adapter.model import MappedCall, Reason
from adapter.values.number_search import numbers_among
from adapter.webhook.auth.proof import Proof
from adapter.webhook.formats.decode import (
    decode_document,
    decode_inside,
    is_urlencoded,
    json_type_of,
)
from adapter.webhook.formats.form import query_document
from adapter.webhook.formats.json import has_more_nodes, json_text
from adapter.webhook.formats.labels import Decoded, explained_document, relabelled
from adapter.webhook.request import Request
from adapter.webhook.texts import texts_of

# What a CRM never needs back on a replay, and what may hold a credential that proved nothing.
_NEVER_STORED = frozenset({"authorization", "proxy-authorization", "cookie", "content-length"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """The calls of one webhook; where there are none, `reason` says why and `detail` where.

    `numbers` are then what the webhook can be found by.
    """

    calls: tuple[MappedCall, ...] = ()
    reason: str = ""
    detail: str = ""
    numbers: tuple[str, ...] = ()


# What a body may hold before its sender is proven, and after: a contact of a CRM with all of its
# history is large. A node takes a byte at least, so only bodies of more bytes are counted.
MOST_NODES_UNPROVEN, MOST_NODES = 20_000, 250_000


class RequestReading:
    """A request, decoded on demand and at most once.

    A body that cannot be read raises the same IntakeError every time; `fault` is one that was
    found before, while the body was received.
    """

    def __init__(
        self, mapping: SourceMapping, request: Request, fault: IntakeError | None = None
    ) -> None:
        self._mapping = mapping
        self.request = request
        self._fault = fault
        self._document: Any = None
        self._is_read = fault is not None
        self.excess: IntakeError | None = None

    def document(self) -> Any:
        """Return the decoded document; raises IntakeError (400, 415, 422) where it cannot be."""
        document = self._read()
        if self._has_more_nodes(document, MOST_NODES):
            detail = f"expected at most {MOST_NODES} values in a body, found more"
            raise IntakeError(422, "Too many values", detail, reason=Reason.TOO_MANY_ITEMS)
        return document

    def _read(self) -> Any:
        if not self._is_read:
            self._is_read = True
            try:
                self._document = self._decoded()
            except IntakeError as fault:
                self._fault = fault
        if self._fault is not None:
            raise self._fault
        return self._document

    def unproven_document(self) -> Any:
        """Return the document to whoever checks the sender; raises as `document` does.

        Where it has more nodes than a stranger may send, `excess` is the error (413) from then on.
        """
        document = self._read()
        if self._has_more_nodes(document, MOST_NODES_UNPROVEN):
            detail = (
                f"expected at most {MOST_NODES_UNPROVEN} values in a body that proves its sender"
            )
            self.excess = IntakeError(413, "Body too large", detail)
            raise self.excess
        return document

    def _decoded(self) -> Any:
        mapping = self._mapping
        document = decode_document(self._labelled())
        return decode_inside(document, json_paths=mapping.decode_json, xml_paths=mapping.decode_xml)

    def _labelled(self) -> Request:
        content_type, charset = self._mapping.content_type, self._mapping.charset
        if not content_type and not charset:
            return self.request
        return relabelled(self.request, content_type, charset)

    def explained(self) -> Decoded:
        """Return what the body was taken for; raises as `document` does."""
        return explained_document(self._labelled())

    def _has_more_nodes(self, document: Any, most: int) -> bool:
        return len(self.request.body) > most and has_more_nodes(document, most)

    def view(self, lookup: Any | None = None) -> View:
        """Return what the mapping's paths may read; raises as `document` does.

        With `lookup` its look-ups count as answered, for every call alike.
        """
        document = self.document()
        headers: dict[str, str] = {}
        for name, value in self.request.headers:
            headers.setdefault(name, value)
        query = query_document(self.request.query) if self.request.query else {}
        return View(
            document=document,
            query=query,
            headers=headers,
            lookup=lookup,
            is_form=is_urlencoded(self._labelled()),
        )

    def views(self) -> tuple[View, ...]:
        """Return what each call is made of, by position.

        Raises IntakeError and MappingError where the request cannot be read.
        """
        return self._mapping.items(self.view())

    def mapped(self, lookup: Any | None = None) -> Mapped:
        """Return the calls; a body that cannot be read is a reason here, not an error."""
        try:
            calls = self._mapping.calls(self.view(lookup))
        except (IntakeError, MappingError) as fault:
            numbers = numbers_of(self.request)
            return Mapped(reason=fault.reason, detail=fault.detail, numbers=numbers)
        if calls:
            return Mapped(calls=calls)
        return Mapped(reason=Reason.NO_ITEMS, numbers=numbers_of(self.request))

    def without(self, proof: Proof) -> "RequestReading":
        """Return the reading of the request less whatever proved its sender."""
        if proof.body_path is not None:
            return self._without_body_secret(proof)
        without = proof.without.forgetting(proof.shown)
        if self.request.has_document_in_body and without.body == self.request.body:
            self.request = without
            return self
        return RequestReading(self._mapping, without, self._fault)

    def _without_body_secret(self, proof: Proof) -> "RequestReading":
        """Store the decoded document instead of the bytes, which hold the secret.

        The document is what a replay maps, so nothing is lost but the spelling of the body.
        Numbers keep theirs: one that lost digits before it came (3.46E+10) is no phone then either.
        """
        document = self.document()
        assert proof.body_path is not None  # noqa: S101 - the caller asked  # pragma: no branch
        proof.body_path.take_out(document)
        headers = tuple(h for h in proof.without.headers if h[0] != "content-type")
        content_type = json_type_of(self._labelled(), document)
        request = replace(
            proof.without,
            method="POST",
            query=proof.without.query if self.request.has_document_in_body else "",
            headers=(*headers, ("content-type", content_type)),
            body=json_text(document).encode(),
        )
        without = request.forgetting(proof.shown)
        reading = RequestReading(self._mapping, without)
        if without.body == request.body:
            reading._document, reading._is_read = document, True
        return reading

    def stored_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that a replay may need."""
        return tuple(h for h in self.request.headers if h[0] not in _NEVER_STORED)


def numbers_of(request: Request) -> tuple[str, ...]:
    """Return what a webhook without calls can be found by: all in it that may be a number."""
    return numbers_among(texts_of(request), None)
