"""Content-Type: what a body says it is."""

from dataclasses import dataclass

from python_multipart.multipart import parse_options_header

from adapter.webhook.request import wire_bytes

_MAX_CHARACTERS = 1_024  # the parser's time grows with the square of the length


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaType:
    """A parsed Content-Type: lower-case `type/subtype` ("" if absent) and two parameters."""

    name: str = ""
    charset: str | None = None
    boundary: bytes | None = None


def read_media_type(content_type: str | None) -> MediaType:
    """Read a Content-Type header (RFC 9110 §8.3); never fails, garbage is an unknown name."""
    if len(content_type or "") > _MAX_CHARACTERS:
        return MediaType(name="longer than any media type")
    name, parameters = parse_options_header(wire_bytes(content_type or ""))
    charset = parameters.get(b"charset", b"").decode("latin-1").strip().lower()
    return MediaType(
        name=name.decode("latin-1").strip(),
        charset=charset or None,
        boundary=parameters.get(b"boundary"),
    )


def guess_content_type(body: bytes) -> str:
    """Return the content type that a body without one most likely has."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    if start.startswith((b"{", b"[", b'"')):
        return "application/json"
    if start.startswith(b"<"):
        return "text/xml"
    if start == b"--":
        boundary = body.lstrip().split(b"\n", 1)[0].strip()[2:].decode("latin-1")
        return f"multipart/form-data; boundary={boundary}"
    return "application/x-www-form-urlencoded"
