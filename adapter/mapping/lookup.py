"""A mapping's `lookup`: the address of the record that a webhook only names (contract §4). Pure.

The mapping fixes scheme and host. What a webhook inserts is percent-encoded (RFC 3986 §2.1), so it
stays one part of the path or of the query, and no part may be `.` or `..`.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from adapter.agent import Secret
from adapter.errors import CompileError, MappingError
from adapter.mapping.guards import Guard
from adapter.mapping.paths import compile_path
from adapter.mapping.template_text import split_template
from adapter.mapping.values import PathSource, View
from adapter.model import Reason

URL_EXPECTED = (
    "https://…, or http:// to this machine only, with {$.path} no earlier than after the host"
)


_NO_SIGNS = frozenset(" #\\")


_DOTS = re.compile(r"(^|/)\.\.?(/|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupUrl:
    """Literal texts and paths in turn; the first text holds the whole of scheme and host."""

    parts: tuple[str | PathSource, ...] = field(repr=False)

    @property
    def origin(self) -> str:
        """The text up to the first path: scheme, host and port, which no webhook can change."""
        return next(part for part in self.parts if isinstance(part, str))

    @property
    def host(self) -> str:
        """Scheme, host and port."""
        return "/".join(self.origin.partition("?")[0].split("/")[:3])

    @property
    def sources(self) -> tuple[PathSource, ...]:
        """The paths that it inserts."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    def filled(self, view: View) -> str:
        """Return the address of a webhook's record.

        MappingError phone_missing where the webhook names none: without it there is no phone.
        """
        url = "".join(
            part if isinstance(part, str) else quote(_inserted(part, view), safe="")
            for part in self.parts
        )
        if _has_dots(url):
            raise _unnamed("what would be inserted is '.' or '..', which no record is called")
        return url


class Verdict(StrEnum):
    """What an answer without a record means."""

    AGAIN = "again"
    DENIED = "denied"
    GONE = "gone"


# What vendors mean by these everywhere (RFC 9110 §15.5.2, §15.5.4).
_DENIALS = frozenset({401, 403})
NO_CONTENT = 204  # a success without a record (§15.3.5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """One GET: its name in `$.lookup` ("" where it is the only one), address and headers.

    `verdicts` are this vendor's own answers, known by conditions over `$.status` and `$.answer`;
    the first that holds counts.
    """

    url: LookupUrl
    name: str = ""
    headers: tuple[tuple[str, Secret], ...] = ()
    timeout_s: float = 10.0
    verdicts: tuple[tuple[Verdict, Guard], ...] = ()

    def verdict(self, status: int, answer: Any) -> Verdict | None:
        """Return what an answer means; None for one that has the record."""
        view = View(document={"status": status, "answer": answer})
        for verdict, guard in self.verdicts:
            if guard.holds(view):
                return verdict
        if 200 <= status < 300 and status != NO_CONTENT:
            return None
        return Verdict.DENIED if status in _DENIALS else Verdict.AGAIN


def compile_lookup_url(text: str) -> LookupUrl:
    """Compile `"https://api.example.com/leads/{$.id}"`, or raise CompileError."""
    literals, paths = _split(text)
    if not paths:
        raise CompileError("the address names no record: insert an id, such as {$.id}")
    if not re.match(r"https?://[^/?#]+[/?]", literals[0]):
        raise CompileError(f"expected {URL_EXPECTED}")
    shown = "x".join(literals)
    if not shown.isascii() or not shown.isprintable() or not _NO_SIGNS.isdisjoint(shown):
        raise CompileError("the address may hold no space, no fragment and no other than ASCII")
    if _has_dots(unquote(shown)):
        raise CompileError("a part of the address is '.' or '..': write where that leads")
    parts: list[str | PathSource] = []
    for literal, path in zip(literals, [*paths, None], strict=True):
        parts += [literal] if literal else []
        parts += [] if path is None else [PathSource(path=compile_path(path))]
    return LookupUrl(parts=tuple(parts))


def _has_dots(url: str) -> bool:
    return bool(_DOTS.search(url.partition("?")[0].partition("://")[2]))


def _split(text: str) -> tuple[list[str], list[str]]:
    try:
        return split_template(text)
    except CompileError:  # its words show the text, which may hold a token
        raise CompileError("a brace is not closed: paths stand in braces, {$.id}") from None


def answers_view(lookups: tuple[Lookup, ...], answers: Mapping[str, Any]) -> Any:
    """Return what `$.lookup` names: the one answer, or those there are by name."""
    is_lone = [lookup.name for lookup in lookups] == [""]
    found = answers.get("") if is_lone else dict(answers)
    return {} if found is None else found  # an answer that is null has nothing to say


def _inserted(source: PathSource, view: View) -> str:
    text = source.read(view).text
    if not text:
        raise _unnamed(f"nothing stands at {source.path.text}")
    return text


def _unnamed(why: str) -> MappingError:
    return MappingError(Reason.PHONE_MISSING, f"the look-up has no record to ask for: {why}")


def fingerprint(asked: tuple[Lookup, ...]) -> str:
    """Return a digest that changes with whatever a vendor may have denied; "" for no look-up."""
    if not asked:
        return ""
    facts = [
        [
            lookup.name,
            [part if isinstance(part, str) else part.path.text for part in lookup.url.parts],
            [(name, secret.reveal()) for name, secret in lookup.headers],
        ]
        for lookup in asked
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
