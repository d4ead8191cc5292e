"""The shape of an auth check, and its result: the request without what proved its sender."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from adapter.errors import IntakeError
from adapter.webhook.path_like import PathLike
from adapter.webhook.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """The proof that a request comes from the right sender.

    `without` is the request less token, secret header and Basic; `digest` the SHA-256 (hex) of
    the signature that proved it, None where nothing was signed; `body_path` leads to a secret
    that the caller takes out of the document; `shown` are tokens that may stand in other places
    too, and that the caller forgets there.
    """

    without: Request
    digest: str | None = None
    body_path: PathLike | None = None
    shown: frozenset[bytes] = field(default=frozenset(), repr=False)


class Check(Protocol):
    """One way to prove a sender."""

    def prove(
        self, request: Request, *, now: datetime, document: Callable[[], Any]
    ) -> Proof | None:
        """Return the proof, or None; `document` may raise IntakeError, `prove` never does."""

    def refuses_head(self, head: Request, *, now: datetime) -> bool:
        """Return whether the head alone shows that the proof is not there: no body mends that."""

    def sign(self, request: Request, *, now: datetime) -> Request | None:
        """Return the request with its proof; None where only the sender can make one.

        Where a request comes from, and a secret in its body, are there or not: it stays as it is.
        """


def adding(request: Request, headers: Mapping[str, str]) -> Request:
    """Return the request with these headers in place of those of the same names."""
    named = {name.lower(): value for name, value in headers.items()}
    kept = tuple(pair for pair in request.headers if pair[0] not in named)
    return replace(request, headers=(*kept, *named.items()))


def no_document() -> Any:
    """Stand for the document where only the head is there."""
    raise IntakeError(400, "Unread body")


def merged(request: Request, proofs: Sequence[Proof]) -> Proof:
    """Return one proof for several of the same request, less what any of them takes out."""
    paths = [proof.body_path for proof in proofs if proof.body_path is not None]
    return Proof(
        without=_without_all(request, [proof.without for proof in proofs]),
        digest=next((proof.digest for proof in proofs if proof.digest is not None), None),
        body_path=_Paths(tuple(paths)) if len(paths) > 1 else next(iter(paths), None),
        shown=frozenset[bytes]().union(*(proof.shown for proof in proofs)),
    )


def _without_all(request: Request, rests: Sequence[Request]) -> Request:
    # Checks take equal things out together, so what is left of each can be compared by value.
    headers = [set(rest.headers) for rest in rests]
    fields = [set(rest.query.split("&")) for rest in rests]
    kept = [part for part in request.query.split("&") if all(part in left for left in fields)]
    shortest = min(rests, key=lambda rest: len(rest.path))
    return replace(
        request,
        headers=tuple(pair for pair in request.headers if all(pair in left for left in headers)),
        query="&".join(kept),
        path=shortest.path,
        token_segment=shortest.token_segment,
    )


class _Paths:
    """Several paths taken out as one."""

    def __init__(self, paths: tuple[PathLike, ...]) -> None:
        self._paths = paths

    @property
    def text(self) -> str:
        return ", ".join(path.text for path in self._paths)

    def find(self, document: Any, /) -> list[Any]:
        return [value for path in self._paths for value in path.find(document)]

    def take_out(self, document: Any, /) -> None:
        for path in self._paths:
            path.take_out(document)

    def replace(self, document: Any, fn: Callable[[Any], Any], /) -> Any:
        for path in self._paths:
            document = path.replace(document, fn)
        return document
