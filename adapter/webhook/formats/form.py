"""Urlencoded forms and query strings to one object.

Bracketed keys nest as in PHP and Rails (contract §4, Documents).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from adapter.webhook.formats.media_type import decode_text, malformed_body
from adapter.webhook.request import wire_bytes

MAX_FIELDS = 1_000
MAX_BRACKETS = 16
_BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")


def form_document(body: bytes, charset: str | None) -> dict[str, Any]:
    """Return the object that a urlencoded form describes; raises IntakeError (400 or 415)."""
    return nest(form_fields(body, charset))


def query_document(query: str) -> dict[str, Any]:
    """Return a raw query string as a form; raises IntakeError (400 `malformed_body`)."""
    return form_document(wire_bytes(query), None)


def form_fields(body: bytes, charset: str | None) -> list[tuple[str, str]]:
    """Return the decoded (key, value) pairs of a urlencoded form, in order."""
    if body.count(b"&") >= MAX_FIELDS:
        raise malformed_body(f"expected at most {MAX_FIELDS} fields, found more")
    return [_field(pair, charset) for pair in body.split(b"&") if pair]


def _field(pair: bytes, charset: str | None) -> tuple[str, str]:
    key, _, value = pair.replace(b"+", b" ").partition(b"=")
    return (
        decode_text(unquote_to_bytes(key), charset),
        decode_text(unquote_to_bytes(value), charset),
    )


class _Texts(list[str]):
    """The values of one key, in order."""


class _Elements(list[Any]):
    """The list that `[]` appends to: nodes of any kind."""


class _Keys(dict[str, Any]):
    """The object that `[key]` names a part of: nodes of any kind."""


def nest(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the fields as a document; raises IntakeError (400 `malformed_body`).

    `a[b]` nests, `a[]` and dense numeric indexes from 0 make lists, a repeated key makes a list,
    keys with malformed brackets stay as they are. What is two things is what PHP makes of it.
    """
    root = _Keys()
    for key, text in fields:
        _insert(root, _segments(key), text)
    return {key: _settled(node) for key, node in root.items()}


def _segments(key: str) -> list[str]:
    match = _BRACKETED.fullmatch(key)
    if match is None:
        return [key]
    names = _SEGMENT.findall(match[2])
    if len(names) > MAX_BRACKETS:
        raise malformed_body(f"expected at most {MAX_BRACKETS} brackets in a key, found more")
    return [match[1], *names]


def _insert(keys: _Keys, segments: Sequence[str], text: str) -> None:
    name, rest = segments[0], segments[1:]
    keys[name] = _filled(keys.get(name), rest, text)


def _new(rest: Sequence[str]) -> _Texts | _Elements | _Keys:
    if not rest:
        return _Texts()
    return _Keys() if rest[0] else _Elements()


def _filled(node: Any, rest: Sequence[str], text: str) -> Any:
    """Return the node with the text in it; where it was another thing, as PHP.

    A list and an object are one array there; of a text and an array the later wins.
    """
    if isinstance(node, _Elements) and rest and rest[0]:
        node = _Keys((str(index), element) for index, element in enumerate(node))
    elif isinstance(node, _Keys) and rest and not rest[0]:
        rest = (_next_index(node), *rest[1:])
    if type(node) is not type(_new(rest)):
        node = _new(rest)
    if isinstance(node, _Texts):
        node.append(text)
    elif isinstance(node, _Keys):
        _insert(node, rest, text)
    else:
        _append(node, rest[1:], text)
    return node


def _next_index(keys: _Keys) -> str:
    """Return the index that PHP gives to `[]`: one more than the largest."""
    return str(max((int(name) for name in keys if _INDEX.fullmatch(name)), default=-1) + 1)


def _append(elements: _Elements, rest: Sequence[str], text: str) -> None:
    """Put `[][b]` into the last element, or into a new one when that has this key (as Rails)."""
    if not elements or not _has_room(elements[-1], rest):
        elements.append(_new(rest))
    elements[-1] = _filled(elements[-1], rest, text)


def _has_room(node: Any, rest: Sequence[str]) -> bool:
    for depth, name in enumerate(rest):
        if not isinstance(node, _Keys):
            # A second `[]` inside goes on appending there, as long as a key led to it.
            return isinstance(node, _Elements) and depth > 0
        if name not in node:
            return True
        node = node[name]
    return False


def _settled(node: Any) -> Any:
    if isinstance(node, _Texts):
        return node[0] if len(node) == 1 else list(node)
    if isinstance(node, _Elements):
        return [_settled(element) for element in node]
    settled = {key: _settled(child) for key, child in node.items()}
    indexes = [str(index) for index in range(len(settled))]
    if settled.keys() == set(indexes):
        return [settled[index] for index in indexes]
    return settled
