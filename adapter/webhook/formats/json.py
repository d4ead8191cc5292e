"""JSON (RFC 8259) to a document: bounded, without losing a digit or a lead."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from adapter.webhook.formats.media_type import decode_text, malformed_body

MAX_DEPTH = 64
_MAX_DIGITS = 4_300  # where CPython itself stops reading integers
_MAX_EXPONENT = 400  # beyond a double's range there is no honest value, only a huge text

_SURROGATE = re.compile("[\ud800-\udfff]")
# A text, or a comma behind the last item of a list or an object.
_COMMA_AT_END = re.compile(r'("(?:[^"\\]|\\.)*+")|(?<=[\w"\]}])(\s*),(\s*[}\]])', re.S)
# Longest first: UTF-32's mark begins with UTF-16's.
_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def json_document(body: bytes, charset: str | None) -> Any:
    """Return the document of a JSON body: a byte order mark, then `charset`, then a look decides.

    Objects are dicts, fractions Decimals. Raises IntakeError: 400 `malformed_body` (with line and
    column), 415 for an unknown charset.
    """
    return json_from_text(_text_of(body, charset))


def _text_of(body: bytes, charset: str | None) -> str:
    # JSON begins with a sign of ASCII, so its bytes tell one Unicode encoding from another.
    is_other = charset is not None and not charset.startswith("utf")
    declared = charset if is_other else json.detect_encoding(body)
    return decode_text(body, _marked(body) or declared).removeprefix("\ufeff")


def json_from_text(text: str) -> Any:
    """Return the document of a JSON text; raises IntakeError (400 `malformed_body`)."""
    # Several times faster, and right but for digits: what it may have rounded is read again.
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _read_exactly(text)
    return document if _is_exact(document) else _read_exactly(text)


def json_inside(value: Any) -> Any:
    """Return the document of a JSON text; what is no text is one already."""
    return json_from_text(value) if isinstance(value, str) else value


def json_text(document: Any) -> str:
    """Return the JSON text of a document, each number with the digits that it came with."""
    if isinstance(document, dict):
        pairs = (f"{json_text(key)}: {json_text(value)}" for key, value in document.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(document, list):
        return f"[{', '.join(map(json_text, document))}]"
    return (
        str(document) if isinstance(document, Decimal) else json.dumps(document, ensure_ascii=False)
    )


def json_liberties(body: bytes, charset: str | None) -> tuple[str, ...]:
    """Return what of a readable body is no JSON (RFC 8259) and is read all the same."""
    text = _text_of(body, charset)
    mended = _mended(text)
    taken = {
        "a comma behind the last item": mended != text and not _is_read(text),
        "a line end or tab inside a text": not _is_read(mended, strict=True),
        "NaN or Infinity, read as null": bool(_constants(mended)),
    }
    return tuple(liberty for liberty, is_taken in taken.items() if is_taken)


def _is_read(text: str, *, strict: bool = False) -> bool:
    try:
        json.loads(text, strict=strict)
    except json.JSONDecodeError:
        return False
    return True


def _constants(text: str) -> list[str]:
    found: list[str] = []
    json.loads(text, strict=False, parse_constant=found.append)
    return found


def _is_exact(document: Any) -> bool:
    """Whether orjson kept every digit (it rounds only to floats) and the depth is allowed."""
    values = [document]
    for _ in range(MAX_DEPTH + 1):
        if float in set(map(type, values)):
            return False
        level = [value for value in values if type(value) is dict or type(value) is list]
        if not level:
            return True
        values = [
            child for value in level for child in (value.values() if type(value) is dict else value)
        ]
    return False


def _read_exactly(text: str) -> Any:
    """Read with the standard library, which keeps fractions' digits and says what is wrong.

    Line ends and tabs inside texts, a comma behind the last item and NaN are no JSON, and many
    senders' all the same: they are read. Half a surrogate pair is U+FFFD.
    """
    try:
        document = _loads(text)
    except json.JSONDecodeError as error:
        mended = _mended(text)
        if mended != text:
            return _read_exactly(mended)
        # Past the colon, the library may quote the body.
        problem = error.msg.partition(": ")[0]
        where = f"at line {error.lineno}, column {error.colno}"
        raise malformed_body(f"expected JSON, found an error {where}: {problem}") from None
    except RecursionError:
        raise _too_deep() from None
    _check(document)
    return _whole(document) if "\\u" in text else document


def _mended(text: str) -> str:
    return _COMMA_AT_END.sub(lambda match: match[1] or match[2] + match[3], text)


def _loads(text: str) -> Any:
    return json.loads(
        text,
        parse_int=_integer,
        parse_float=_fraction,
        parse_constant=lambda _: None,
        strict=False,
    )


def _marked(body: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise malformed_body(f"expected numbers of at most {_MAX_DIGITS} digits, found a longer")
    return int(digits)


def _fraction(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise _out_of_range() from None
    if len(digits) > _MAX_DIGITS or abs(number.adjusted()) > _MAX_EXPONENT:
        raise _out_of_range()
    return number


def _whole(value: Any) -> Any:
    """Return a document whose half characters are U+FFFD; its depth has been checked."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_whole(key): _whole(child) for key, child in value.items()}
    return [_whole(child) for child in value] if isinstance(value, list) else value


def _check(document: Any) -> None:
    """Walk without recursion, and refuse what is nested too deeply."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    if any(isinstance(value, dict | list) for value in level):
        raise _too_deep()


def has_more_nodes(document: Any, most: int) -> bool:
    """Whether objects, lists and values are more than `most` in all; the walk ends there."""
    level, count = [document], 1
    while level and count <= most:
        level = [child for value in level for child in _children(value)]
        count += len(level)
    return count > most


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep() -> Exception:
    return malformed_body(f"expected at most {MAX_DEPTH} levels of nesting, found more")


def _out_of_range() -> Exception:
    return malformed_body(f"expected numbers up to 1E{_MAX_EXPONENT}, found one out of range")
