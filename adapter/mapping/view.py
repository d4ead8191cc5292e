"""What a mapping may read of one request. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """The part of the request that a path reads: the mapping's `from`; unsaid, the item."""

    ITEM = "item"
    DOCUMENT = "document"
    QUERY = "query"
    HEADERS = "headers"


# The key under which a look-up's answer stands beside the document's own: `$.lookup`.
LOOKUP = "lookup"


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """The decoded body, the query string decoded as a form, and headers by lower-case name.

    Where `each` took an item out of the body, `document` is the item, and `whole` the body.
    `lookup` is what `$.lookup` names once a look-up was answered; None where none was made, and
    `$.lookup` is then a key of the document like any other.
    """

    document: Any
    query: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    lookup: Any | None = None
    whole: Any | None = None

    def part(self, origin: Origin, *, is_lookup: bool = False) -> Any:
        """Return what a path is matched against; `is_lookup` if it begins with `$.lookup`."""
        if origin is Origin.DOCUMENT:
            return self.document if self.whole is None else self.whole
        if origin is Origin.ITEM:
            is_answered = is_lookup and self.lookup is not None
            return {LOOKUP: self.lookup} if is_answered else self.document
        return self.query if origin is Origin.QUERY else dict(self.headers)
