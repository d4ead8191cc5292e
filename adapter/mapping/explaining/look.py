"""What one path of a mapping met in one request, and what to write instead. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.errors import MappingError
from adapter.mapping.explaining.nearness import Nearness, Wanted, is_text, nearness
from adapter.mapping.explaining.pen import Pen, escaped
from adapter.mapping.explaining.places import first_match
from adapter.mapping.paths import Path
from adapter.mapping.values import PathSource
from adapter.mapping.view import Origin, View

_SHOWN_MATCHES = 3
_PLAIN = re.compile(r"[$A-Za-z_]([^\n]*[^\s:])?")
_PLAIN_IN_FLOW = re.compile(r"[$A-Za-z_]([^\n,\[\]{}]*[^\s:,\[\]{}])?")
_COMMENT = re.compile(r":\s|\s#")
_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What an explanation looks at: one call's view, and the whole document where `each` cuts it.

    `countries` says where each agent may ring; an agent that is missing may anywhere.
    """

    view: View
    whole: Any
    pen: Pen = field(default_factory=Pen)
    countries: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A path and what it met: `found` is the first match much as JSON writes it, None for none.

    `count` counts the matches. `near` are paths that match; `origin` is where those are read.
    """

    path: str
    origin: str
    found: str | None = None
    count: int = 0
    hints: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Why a part of the mapping refuses the call; no reason means that it does not."""

    reason: str = ""
    detail: str = ""


NO_FAULT = Fault()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """A line of YAML that would mend it, and the key of the mapping under which it stands."""

    under: str
    write: str


def look(
    source: PathSource, scene: Scene, wanted: Wanted = is_text, *, is_sought: bool = True
) -> Look:
    """Return what a path met, with what is near if it met nothing and `is_sought`."""
    try:
        found = source.find(scene.view)
    except MappingError as error:
        return Look(path=source.path.text, origin=source.origin, hints=(error.detail,))
    near = Nearness()
    if is_sought and not any(map(_is_filled, found)):
        near = _nearness(source.path, source.origin, scene, wanted)
    first = found[:_SHOWN_MATCHES]
    return Look(
        path=source.path.text,
        origin=source.origin,
        found=", ".join(map(scene.pen.json, first)) if found else None,
        count=len(found),
        hints=near.told,
        near=near.paths,
    )


def faulted(read: Callable[[], object]) -> Fault:
    """Return the refusal of a part of the mapping, if it refuses."""
    try:
        read()
    except MappingError as error:
        return Fault(reason=str(error.reason), detail=error.detail)
    return NO_FAULT


def _is_filled(value: Any) -> bool:
    return value not in ("", []) and not (isinstance(value, str) and value.isspace())


def _nearness(path: Path, origin: Origin, scene: Scene, wanted: Wanted) -> Nearness:
    part = scene.view.part(origin)
    near = nearness(path.text, part, wanted, scene.pen)
    elsewhere = tuple(_in_other_parts(path, origin, scene))
    return Nearness(told=(*near.told, *elsewhere), paths=near.paths)


def _in_other_parts(path: Path, origin: Origin, scene: Scene) -> Iterator[str]:
    """Yield where else the same path would find something: the query, the headers, above."""
    for other in (Origin.DOCUMENT, Origin.QUERY, Origin.HEADERS):
        text = path.text.lower() if other is Origin.HEADERS else path.text
        if other is not origin and first_match(text, scene.view.part(other)) is not None:
            written = "" if other is Origin.DOCUMENT else f", from: {other}"
            place = scene.pen.text(yaml_text(text, is_flow=True))
            yield f"the {other} has it: write {{path: {place}{written}}}"
    is_cut = scene.whole is not scene.view.document and origin is Origin.DOCUMENT
    if is_cut and first_match(path.text, scene.whole) is not None:
        yield "with `each`, $ is one item: this path matches the whole document, out of reach here"


def yaml_text(text: str, *, is_flow: bool = False) -> str:
    """Return a text as YAML reads it, in quotes where it must be; flow is inside `{…}`."""
    plain = _PLAIN_IN_FLOW if is_flow else _PLAIN
    is_word = text.casefold() in _YAML_WORDS
    if plain.fullmatch(text) and text.isprintable() and not is_word and not _COMMENT.search(text):
        return text
    return '"' + escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'
