"""What one path of a mapping met in one request, and what to write instead. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.authoring.explaining.places import first_match
from adapter.authoring.explaining.render import Renderer
from adapter.authoring.explaining.suggestions import (
    Allowed,
    Nearness,
    Wanted,
    is_any,
    is_text,
    nearness,
)
from adapter.authoring.yaml_text import yaml_text
from adapter.errors import MappingError
from adapter.mapping.values import LOOKUP, Origin, PathSource, View

_SHOWN_MATCHES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainContext:
    """What an explanation looks at: one call's view, and the whole document where `each` cuts it.

    `countries` says where each agent may ring; an agent that is missing may anywhere.
    """

    view: View
    whole: Any
    renderer: Renderer = field(default_factory=Renderer)
    countries: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PathTrace:
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


def trace_path(
    source: PathSource,
    context: ExplainContext,
    wanted: Wanted = is_text,
    *,
    is_sought: bool = True,
    allowed: Allowed = is_any,
) -> PathTrace:
    """Return what a path met, with what is near if it met nothing and `is_sought`.

    Of what is near, paths that are not `allowed` are not told.
    """
    try:
        found = source.find(context.view)
    except MappingError as error:
        return PathTrace(path=source.path.text, origin=source.origin, hints=(error.detail,))
    near = Nearness()
    if is_sought and not any(map(_is_filled, found)):
        near = _nearness(source, context, wanted, allowed)
    first = found[:_SHOWN_MATCHES]
    return PathTrace(
        path=source.path.text,
        origin=source.origin,
        found=", ".join(map(context.renderer.json, first)) if found else None,
        count=len(found),
        hints=near.told,
        near=near.paths,
    )


def fault_of(error: MappingError | None) -> Fault:
    """Return the refusal of a part of the mapping, if it refused."""
    return NO_FAULT if error is None else Fault(reason=str(error.reason), detail=error.detail)


def _is_filled(value: Any) -> bool:
    return value not in ("", []) and not (isinstance(value, str) and value.isspace())


def _nearness(
    source: PathSource, context: ExplainContext, wanted: Wanted, allowed: Allowed
) -> Nearness:
    part = source.part_of(context.view)
    near = nearness(source.path.text, part, wanted, context.renderer, allowed)
    elsewhere = () if source.reads_lookup else tuple(_in_other_parts(source, context))
    return Nearness(told=(*near.told, *elsewhere), paths=near.paths)


def _in_other_parts(source: PathSource, context: ExplainContext) -> Iterator[str]:
    """Yield where else the same path would find something."""
    answer = {LOOKUP: context.view.lookup}
    asked = f"$.{LOOKUP}{source.path.text[1:]}"
    if context.view.lookup and first_match(asked, answer) is not None:
        yield f"the look-up's answer has it: write {context.renderer.text(asked)}"
    is_cut = context.view.whole is not None
    names = {origin: origin.value for origin in Origin if is_cut or origin is not Origin.DOCUMENT}
    names |= {} if is_cut else {Origin.ITEM: Origin.DOCUMENT.value}
    for other, name in names.items():
        text = source.path.text.lower() if other is Origin.HEADERS else source.path.text
        is_same = context.view.part(other) is source.part_of(context.view)
        if not is_same and first_match(text, context.view.part(other)) is not None:
            place = context.renderer.text(yaml_text(text, in_flow=True))
            written = "" if other is Origin.ITEM else f", from: {other}"
            yield f"the {name} has it: write {{path: {place}{written}}}"
