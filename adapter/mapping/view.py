"""What a mapping may read of one request. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """The part of the request that a path reads: the mapping's `from`."""

    DOCUMENT = "document"
    QUERY = "query"
    HEADERS = "headers"


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """The decoded body, the query string decoded as a form, and headers by lower-case name."""

    document: Any
    query: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def part(self, origin: Origin) -> Any:
        """Return what a path with this origin is matched against."""
        if origin is Origin.DOCUMENT:
            return self.document
        return self.query if origin is Origin.QUERY else dict(self.headers)
