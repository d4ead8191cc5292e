"""The value that every form of a captured request is read into."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Captured:
    """A request as its file tells it; `headers` by name, in any case and perhaps no header's."""

    method: str = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
