"""One HTTP request as the pure files see it: no framework, no socket."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Self

from adapter.model import Webhook

FORGOTTEN = "***"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request whose body was read and content-decoded.

    `path` and `query` are raw (still percent-encoded); `headers` are (lower-case name, value)
    pairs in order, values decoded as latin-1; `client` is the sender's IP as text, after trusted
    proxies; `token_segment` is the last part of `/hooks/<source>/<token>`. Everything but the
    method may hold a secret or a person, so the repr shows nothing else.
    """

    method: str
    path: str = field(repr=False)
    query: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    client: str = field(default="", repr=False)
    token_segment: str | None = field(default=None, repr=False)

    @classmethod
    def from_webhook(cls, webhook: Webhook) -> Self:
        """Return a stored request, less whatever proved its sender."""
        return cls(
            method=webhook.method,
            path="",
            query=webhook.query,
            headers=webhook.headers,
            body=webhook.body,
        )

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever the case of `name`; None if absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)

    @property
    def has_document_in_body(self) -> bool:
        """Whether `$` is the body; of a GET or an empty body it is the query (contract §4)."""
        return self.method != "GET" and bool(self.body)

    def forgetting(self, secrets: Collection[bytes]) -> "Request":
        """Return the request with `***` wherever one of these bytes stands outside the path.

        A token in a URL is repeated by proxies in headers, and by senders that tell their set-up.
        """
        without = self
        for secret in secrets:
            shown = secret.decode("latin-1")  # as headers and query are
            without = replace(
                without,
                query=without.query.replace(shown, FORGOTTEN),
                headers=tuple((n, v.replace(shown, FORGOTTEN)) for n, v in without.headers),
                body=without.body.replace(secret, FORGOTTEN.encode()),
            )
        return without


def wire_bytes(text: str) -> bytes:
    """Return the bytes that a header, path or query had on the wire (they decode as latin-1)."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        # Only a caller that decoded as UTF-8 can get here: give that encoding back.
        return text.encode("utf-8", "surrogatepass")
