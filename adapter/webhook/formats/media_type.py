"""The media type, charset and coding of a body, and the errors of one that cannot be read."""

import codecs
from dataclasses import dataclass
from functools import cache

from python_multipart.multipart import parse_options_header

from adapter.errors import IntakeError
from adapter.model import Reason
from adapter.webhook.request import wire_bytes

_MAX_BOUNDARY = 72  # with its two dashes (RFC 2046 §5.1.1)
_MAX_CHARACTERS = 1_024  # the parser's time grows with the square of the length
# A closed table, because Python's own registry also knows codecs that are no charsets (zlib,
# unicode_escape, idna) and remembers every unknown name that it was ever asked for.
_CODECS = {
    "utf-8": ("utf8", "unicode-1-1-utf-8", "us-ascii", "ascii", "utf8mb4"),
    # As in browsers (WHATWG Encoding §4.2): what calls itself latin-1 has Windows' quotes in it.
    "cp1252": ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252"),
    "utf-16": (),
    "utf-16-le": ("utf-16le",),
    "utf-16-be": ("utf-16be",),
    "utf-32": (),
    "utf-32-le": ("utf-32le",),
    "utf-32-be": ("utf-32be",),
    "iso8859-2": ("iso-8859-2", "latin2"),
    "iso8859-3": ("iso-8859-3",),
    "iso8859-4": ("iso-8859-4",),
    "iso8859-5": ("iso-8859-5",),
    "iso8859-6": ("iso-8859-6",),
    "iso8859-7": ("iso-8859-7",),
    "iso8859-8": ("iso-8859-8",),
    "iso8859-9": ("iso-8859-9", "latin5"),
    "iso8859-10": ("iso-8859-10",),
    "iso8859-13": ("iso-8859-13",),
    "iso8859-14": ("iso-8859-14",),
    "iso8859-15": ("iso-8859-15", "latin9", "latin-9"),
    "iso8859-16": ("iso-8859-16",),
    "cp1250": ("windows-1250",),
    "cp1251": ("windows-1251",),
    "cp1253": ("windows-1253",),
    "cp1254": ("windows-1254",),
    "cp1255": ("windows-1255",),
    "cp1256": ("windows-1256",),
    "cp1257": ("windows-1257",),
    "cp1258": ("windows-1258",),
    "koi8-r": (),
    "koi8-u": (),
    "mac-roman": ("macintosh",),
    "gb18030": ("gbk", "gb2312", "x-gbk"),
    "big5": (),
    "euc-jp": (),
    "euc-kr": ("ks_c_5601-1987",),
    "shift_jis": ("shift-jis", "sjis", "x-sjis"),
    "iso2022_jp": ("iso-2022-jp",),
    "tis-620": ("windows-874",),
}
# Codecs in which one character may have several bytes; they are what they are declared to be.
_WIDE = frozenset(
    {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "gb18030", "big5"}
    | {"euc-jp", "euc-kr", "shift_jis", "iso2022_jp"}
)
_CODEC_OF = {name: codec for codec, names in _CODECS.items() for name in (codec, *names)}

# RFC 9110 §8.4.1: gzip has two names; what senders call deflate is a zlib stream, or a bare one.
_INFLATED = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
# Words that some senders write there, and that encode nothing.
_NO_CODINGS = frozenset({"", "identity", "none", "8bit", "7bit", "binary"})
# Codecs of Python's that are no charsets.
_BYTE_CODECS = frozenset({"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib"})


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
    boundary = boundary_of(body)
    if boundary is not None:
        return f"multipart/form-data; boundary={boundary.decode('latin-1')}"
    return "application/x-www-form-urlencoded"


def boundary_of(body: bytes) -> bytes | None:
    """Return the boundary of a multipart body by its first line; None where it has none."""
    line = body.lstrip().split(b"\n", 1)[0].strip()
    return line[2:] if line.startswith(b"--") and len(line) <= _MAX_BOUNDARY else None


def is_charset(name: str) -> bool:
    """Whether bodies are read in this charset."""
    return name.strip().lower() in _CODEC_OF


def decode_text(body: bytes, charset: str | None) -> str:
    """Return `body` as text; a byte order mark stays. No character that cannot be read is a fault.

    A charset of several bytes is as declared. Else what is valid UTF-8 is that, and each other byte
    is read in the declared charset, or in windows-1252; what that lacks is U+FFFD. A charset that
    we do not know says nothing.
    """
    codec = _CODEC_OF.get((charset or "").lower(), "utf-8")
    if codec in _WIDE:
        return body.decode(codec, "replace")
    return body.decode("utf-8", _byte_by_byte("cp1252" if codec == "utf-8" else codec))


@cache
def _byte_by_byte(codec: str) -> str:
    """Return the name of the error handler that reads in a codec what is no UTF-8."""
    name = f"adapter.{codec}"

    def read(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)  # noqa: S101 - nothing is encoded with it
        return error.object[error.start : error.end].decode(codec, "replace"), error.end

    codecs.register_error(name, read)
    return name


def coding_of(content_encoding: str | None) -> str | None:
    """Return gzip, deflate, or None for a body as it is; words that encode nothing do not count."""
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    codings = [name for name in names if name not in _NO_CODINGS and not _is_charset(name)]
    if not codings:
        return None
    if len(codings) == 1 and codings[0] in _INFLATED:
        return _INFLATED[codings[0]]
    raise unsupported_media_type(
        "expected Content-Encoding gzip, deflate, identity or none, found another: send the body"
        " plain"
    )


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name).name not in _BYTE_CODECS
    except (LookupError, ValueError):
        return False


def malformed_body(detail: str) -> IntakeError:
    """Return the error for a body that is not what its content type says."""
    return IntakeError(400, "Malformed body", detail, reason=Reason.MALFORMED_BODY)


def unsupported_media_type(detail: str) -> IntakeError:
    """Return the error for a content type, charset or content encoding that we cannot read."""
    return IntakeError(415, "Unsupported media type", detail, reason=Reason.UNSUPPORTED_MEDIA_TYPE)
