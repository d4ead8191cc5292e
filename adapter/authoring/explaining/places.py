"""The keys of a document with the paths that lead to them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from adapter.authoring.key_words import is_body
from adapter.errors import CompileError, MappingError
from adapter.mapping.path_text import key_segment
from adapter.mapping.paths import Path, compile_path

_MAX_PLACES = 3_000
_MAX_DEPTH = 12
_MAX_ITEMS = 50
# How senders of name/value lists call the two: custom fields, answers, form submissions.
_NAMING = ("name", "key", "id", "label", "field", "slug", "ref", "title", "question", "type")
_VALUING = ("value", "values", "answer", "text", "content")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A key, or the name of a field in a list of fields, and the path to its value."""

    path: str
    key: str
    value: Any
    is_field: bool = False


def places(document: Any) -> Iterator[Place]:
    """Yield the keys of all objects, the outer ones first; bounded, whatever is sent."""
    level: list[tuple[str, Any]] = [("$", document)]
    left = _MAX_PLACES
    for _ in range(_MAX_DEPTH):
        below: list[tuple[str, Any]] = []
        for path, value in level:
            for place in _inside(path, value):
                left -= 1
                if left < 0:
                    return
                if place.key:
                    yield place
                below += [] if place.is_field else [(place.path, place.value)]
        level = below


def first_match(path: str, document: Any) -> Any | None:
    """Return what a path's text finds first; None for nothing, and for what is no path."""
    compiled = _compiled(path)
    try:
        return None if compiled is None else compiled.first(document)
    except MappingError:
        return None


def matches(path: str, document: Any) -> list[Any]:
    """Return all that a path's text finds; nothing for what is no path."""
    compiled = _compiled(path)
    try:
        return [] if compiled is None else compiled.find(document)
    except MappingError:
        return []


@lru_cache(maxsize=2048)
def _compiled(path: str) -> Path | None:
    try:
        return compile_path(path)
    except CompileError:
        return None


def _inside(path: str, value: Any) -> Iterator[Place]:
    if isinstance(value, Mapping):
        for key, child in value.items():
            if isinstance(key, str) and key and not is_body(key):
                yield Place(path=path + key_segment(key), key=key, value=child)
    elif isinstance(value, list):
        for index, child in enumerate(value[:_MAX_ITEMS]):
            yield from _fields(path, child)
            if isinstance(child, list | dict):
                yield Place(path=f"{path}[{index}]", key="", value=child)


def _fields(path: str, child: Any) -> Iterator[Place]:
    """Yield `{name: phone, value: …}` as the field `phone`."""
    if not isinstance(child, Mapping):
        return
    naming = [key for key in _NAMING if isinstance(child.get(key), str) and child[key]]
    valuing = [key for key in _VALUING if child.get(key) is not None]
    for key in naming:
        name = child[key]
        if "'" in name or "\\" in name:
            continue
        for value in valuing[:1]:
            found = f"{path}[?(@.{key}=='{name}')].{value}"
            yield Place(path=found, key=name, value=child[value], is_field=True)
