"""A document → the `request` of an example that decodes to it again. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from adapter.errors import IntakeError
from adapter.webhook.formats.form import nest
from adapter.webhook.formats.xml import xml_from_text

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def request_parts(document: Any, *, media_type: str, method: str) -> dict[str, Any]:
    """Return `json`, `form`, `xml` or `query` with a document's content; never fails."""
    if method == "GET" and isinstance(document, dict):
        return {"method": "GET", "query": _fields(document, is_query=True)}
    if media_type in _FORMS and isinstance(document, dict):
        return {"form": _fields(document, is_query=False)}
    if media_type.endswith("xml") and isinstance(document, dict):
        text = "\n".join(_xml_lines(document, 0)) + "\n"
        if _reads_back(text, document):
            return {"xml": text}
    return {"json": document}


def _fields(document: Mapping[str, Any], *, is_query: bool) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for key, value in document.items():
        is_plain_list = isinstance(value, list) and len(value) > 1
        if is_plain_list and not is_query and all(isinstance(one, str) for one in value):
            pairs[key] = value
        else:
            pairs |= dict(_flat(key, value))
    return pairs if _is_form_of(pairs, document) else _leftover(pairs)


def _flat(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _flat(f"{key}[{name}]", part)
    elif isinstance(value, list):
        for n, entry in enumerate(value):
            yield from _flat(f"{key}[{n}]", entry)
    else:
        yield key, "" if value is None else str(value)


def _is_form_of(pairs: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    try:
        flat = [
            (key, one)
            for key, value in pairs.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        return bool(nest(flat) == _as_texts(document))
    except IntakeError:
        return False


def _as_texts(value: Any) -> Any:
    """Return a document as a form has it: nothing is an empty text."""
    if isinstance(value, Mapping):
        return {key: _as_texts(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_texts(entry) for entry in value]
    return "" if value is None else str(value)


def _leftover(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with plain keys: those that no bracket can spoil."""
    return {key: value for key, value in pairs.items() if "[" not in key and "]" not in key}


def _xml_lines(elements: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, value in elements.items():
        for element in value if isinstance(value, list) else [value]:
            yield from _element(name, element, depth)


def _element(name: str, value: Any, depth: int) -> Iterator[str]:
    start = " " * depth
    if not isinstance(value, Mapping):
        inside = escape("" if value is None else str(value))
        yield f"{start}<{name}>{inside}</{name}>" if inside else f"{start}<{name}/>"
        return
    marks = [f" {key[1:]}={quoteattr(str(v))}" for key, v in value.items() if key[:1] == "@"]
    below = {key: v for key, v in value.items() if key[:1] != "@" and key != "#text"}
    text = escape(str(value.get("#text", "")))
    if not below:
        yield f"{start}<{name}{''.join(marks)}>{text}</{name}>"
        return
    yield f"{start}<{name}{''.join(marks)}>{text}"
    yield from _xml_lines(below, depth + 1)
    yield f"{start}</{name}>"


def _reads_back(text: str, document: Mapping[str, Any]) -> bool:
    try:
        return xml_from_text(text) == document
    except IntakeError:
        return False
