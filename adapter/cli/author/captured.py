"""The value that every form of a captured request is read into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Captured:
    """A request as its file tells it; `headers` by name, in any case and perhaps no header's."""

    method: str = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def split_url(url: str) -> tuple[str, str]:
    """Return the host and the query of whatever stands where a URL should."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no address
        return "", url.partition("?")[2]
    return parts.netloc, parts.query
