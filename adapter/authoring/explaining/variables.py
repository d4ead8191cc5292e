"""Each variable's way from its path to its text, step by step. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from adapter.authoring.explaining.lookups import NO_FAULT, Fault, Fix, Look, Scene, look, yaml_text
from adapter.authoring.explaining.spelling import is_same_word, near_keys
from adapter.authoring.explaining.suggestions import Nearness, inside
from adapter.errors import MappingError
from adapter.mapping.mapping import Variable, copied
from adapter.mapping.transforms import transform_name
from adapter.mapping.values import Constant, PathSource, Template, Value
from adapter.model import Reason
from adapter.values.text import fold

_SHOWN_ENTRIES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step that changed something: `before` and `after` much as JSON writes them."""

    name: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueSeen:
    """A variable: where it is from (`path`, `template`, `constant`, `copied`), its way, its text.

    `source` is the path, template or constant itself.
    """

    name: str
    kind: str
    source: str
    looks: tuple[Look, ...] = ()
    steps: tuple[Step, ...] = ()
    text: str = ""
    is_required: bool = False
    fault: Fault = NO_FAULT
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


def value_seen(variable: Variable, scene: Scene) -> ValueSeen:
    """Return a variable's way to its text, or to its refusal."""
    value = variable.value
    seen = ValueSeen(
        name=variable.name,
        kind=_kind(value.source),
        source=_written(value.source),
        looks=tuple(look(each, scene) for each in _paths(value.source)),
        is_required=value.required,
    )
    try:
        text = value.text(scene.view).text
    except MappingError as error:
        return _refused(variable, seen, error, scene)
    steps = tuple(_steps(value, scene))
    seen = replace(seen, steps=steps, text=text, fixes=tuple(_fixes(variable, seen)))
    if value.required and not text:
        detail = f"variable {variable.name!r} is required, and nothing was found for it"
        return replace(seen, fault=Fault(reason=Reason.VARIABLE_MISSING.value, detail=detail))
    return seen


def copied_seen(source: PathSource, scene: Scene) -> tuple[ValueSeen, ...]:
    """Return the variables that `"*"` copies, or the one refusal."""
    seen = look(source, scene, lambda value: isinstance(value, dict))
    whole = ValueSeen(name="*", kind="copied", source=source.path.text, looks=(seen,))
    try:
        found = copied(source, scene.view)
    except MappingError as error:
        return (replace(whole, fault=Fault(reason=str(error.reason), detail=error.detail)),)
    if not found:
        fixes = (Fix(under="variables", write=f'"*": {yaml_text(at)}') for at in seen.near[:1])
        return (replace(whole, fixes=tuple(fixes)),)
    return tuple(
        ValueSeen(name=name, kind="copied", source=source.path.text, text=text.text)
        for name, text in found.items()
    )


def _kind(source: PathSource | Template | Constant) -> str:
    if isinstance(source, PathSource):
        return "path"
    return "template" if isinstance(source, Template) else "constant"


def _written(source: PathSource | Template | Constant) -> str:
    return source.path.text if isinstance(source, PathSource) else source.text


def _paths(source: PathSource | Template | Constant) -> tuple[PathSource, ...]:
    if isinstance(source, PathSource):
        return (source,)
    parts = source.parts if isinstance(source, Template) else ()
    return tuple(part for part in parts if isinstance(part, PathSource))


def _refused(variable: Variable, seen: ValueSeen, error: MappingError, scene: Scene) -> ValueSeen:
    """Return a refusal with what stands inside the object that was found."""
    detail = f"variable {variable.name!r}: {error.detail}"
    fault = Fault(reason=str(error.reason), detail=detail)
    hints: list[str] = []
    looks: list[Look] = []
    for source, each in zip(_paths(variable.value.source), seen.looks, strict=True):
        near = _nested(source, variable.name, scene)
        hints += near.told
        looks.append(replace(each, near=near.paths or each.near))
    seen = replace(seen, looks=tuple(looks), fault=fault, hints=tuple(hints))
    return replace(seen, fixes=tuple(_fixes(variable, seen)))


def _nested(source: PathSource, name: str, scene: Scene) -> Nearness:
    try:
        found = source.first(scene.view)
    except MappingError:
        return Nearness()
    if not isinstance(found, list | dict):
        return Nearness()
    return inside(source.path.text, source.part_of(scene.view), scene.pen, name)


def _fixes(variable: Variable, seen: ValueSeen) -> Iterator[Fix]:
    """Yield the line that reads the nearest path, in the form that the variable has."""
    for each in seen.looks:
        if not each.near:
            continue
        near, value = each.near[0], variable.value
        if isinstance(value.source, Template):
            template = yaml_text(value.source.text.replace(each.path, near), is_flow=True)
            yield Fix(under=f"variables.{variable.name}", write=f"template: {template}")
        elif value == Value(source=value.source) and each.origin == "item":
            yield Fix(under="variables", write=f"{variable.name}: {yaml_text(near)}")
        else:
            yield Fix(under=f"variables.{variable.name}", write=f"path: {yaml_text(near)}")


def _steps(value: Value, scene: Scene) -> Iterator[Step]:
    """Yield the steps that changed something, in the order of contract §4."""
    pen = scene.pen
    plain = replace(value, map=None, transforms=(), default="", required=False)
    text = plain.text(scene.view).text
    yield from _read(value, text, scene)
    if value.map is not None:
        before, text = text, value.map.get(text, "")
        if before or text:
            note = "" if before in value.map else _no_entry(before, value.map, scene)
            yield Step(name="map", before=pen.json(before), after=pen.json(text), note=note)
    for transform in value.transforms:
        before, text = text, transform(text)
        if text != before:
            name = transform_name(transform)
            note = "" if text or not name.startswith("date") else "this is no date"
            yield Step(name=name, before=pen.json(before), after=pen.json(text), note=note)
    if fold(text) != text:
        yield Step(name="text", before=pen.json(text), after=pen.json(fold(text)))
    if not fold(text) and value.default:
        after = pen.json(fold(value.default))
        yield Step(name="default", before='""', after=after)


def _read(value: Value, text: str, scene: Scene) -> Iterator[Step]:
    """Yield how what was matched became a text."""
    pen = scene.pen
    if isinstance(value.source, PathSource):
        found = value.source.find(scene.view)
        if value.join is not None and (len(found) > 1 or isinstance(next(iter(found), ""), list)):
            yield Step(name="join", before=pen.json(found), after=pen.json(text))
        elif found and _is_changed(found[0], text, scene):
            yield Step(name="text", before=pen.json(found[0]), after=pen.json(text))


def _is_changed(found: Any, text: str, scene: Scene) -> bool:
    return found != text if isinstance(found, str) else scene.pen.json(found) != text


def _no_entry(text: str, table: Any, scene: Scene) -> str:
    keys = [key for key in table if isinstance(key, str)]
    same = [key for key in keys if is_same_word(key, text)]
    near = (same or near_keys(text, keys))[:1]
    if near:
        return f"no entry; did you mean {scene.pen.text(near[0])}?"
    shown = ", ".join(scene.pen.text(key, 40) for key in keys[:_SHOWN_ENTRIES])
    return f"no entry; there are: {shown}" + (", …" if len(keys) > _SHOWN_ENTRIES else "")
