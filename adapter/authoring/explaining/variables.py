"""Each variable's way from its path to its text, step by step. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from adapter.authoring.explaining.path_trace import (
    NO_FAULT,
    ExplainContext,
    Fault,
    Fix,
    PathTrace,
    trace_path,
    yaml_text,
)
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
class ExplainedVariable:
    """A variable: where it is from (`path`, `template`, `constant`, `copied`), its way, its text.

    `source` is the path, template or constant itself.
    """

    name: str
    kind: str
    source: str
    looks: tuple[PathTrace, ...] = ()
    steps: tuple[Step, ...] = ()
    text: str = ""
    is_required: bool = False
    fault: Fault = NO_FAULT
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


def explained_variable(variable: Variable, context: ExplainContext) -> ExplainedVariable:
    """Return a variable's way to its text, or to its refusal."""
    value = variable.value
    seen = ExplainedVariable(
        name=variable.name,
        kind=_kind(value.source),
        source=_written(value.source),
        looks=tuple(trace_path(each, context) for each in _paths(value.source)),
        is_required=value.required,
    )
    try:
        text = value.text(context.view).text
    except MappingError as error:
        return _refused(variable, seen, error, context)
    steps = tuple(_steps(value, context))
    seen = replace(seen, steps=steps, text=text, fixes=tuple(_fixes(variable, seen)))
    if value.required and not text:
        detail = f"variable {variable.name!r} is required, and nothing was found for it"
        return replace(seen, fault=Fault(reason=Reason.VARIABLE_MISSING.value, detail=detail))
    return seen


def explained_copies(source: PathSource, context: ExplainContext) -> tuple[ExplainedVariable, ...]:
    """Return the variables that `"*"` copies, or the one refusal."""
    seen = trace_path(source, context, lambda value: isinstance(value, dict))
    whole = ExplainedVariable(name="*", kind="copied", source=source.path.text, looks=(seen,))
    try:
        found = copied(source, context.view)
    except MappingError as error:
        return (replace(whole, fault=Fault(reason=str(error.reason), detail=error.detail)),)
    if not found:
        fixes = (Fix(under="variables", write=f'"*": {yaml_text(at)}') for at in seen.near[:1])
        return (replace(whole, fixes=tuple(fixes)),)
    return tuple(
        ExplainedVariable(name=name, kind="copied", source=source.path.text, text=text.text)
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


def _refused(
    variable: Variable, seen: ExplainedVariable, error: MappingError, context: ExplainContext
) -> ExplainedVariable:
    """Return a refusal with what stands inside the object that was found."""
    detail = f"variable {variable.name!r}: {error.detail}"
    fault = Fault(reason=str(error.reason), detail=detail)
    hints: list[str] = []
    looks: list[PathTrace] = []
    for source, each in zip(_paths(variable.value.source), seen.looks, strict=True):
        near = _nested(source, variable.name, context)
        hints += near.told
        looks.append(replace(each, near=near.paths or each.near))
    seen = replace(seen, looks=tuple(looks), fault=fault, hints=tuple(hints))
    return replace(seen, fixes=tuple(_fixes(variable, seen)))


def _nested(source: PathSource, name: str, context: ExplainContext) -> Nearness:
    try:
        found = source.first(context.view)
    except MappingError:
        return Nearness()
    if not isinstance(found, list | dict):
        return Nearness()
    return inside(source.path.text, source.part_of(context.view), context.renderer, name)


def _fixes(variable: Variable, seen: ExplainedVariable) -> Iterator[Fix]:
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


def _steps(value: Value, context: ExplainContext) -> Iterator[Step]:
    """Yield the steps that changed something, in the order of contract §4."""
    renderer = context.renderer
    plain = replace(value, map=None, transforms=(), default="", required=False)
    text = plain.text(context.view).text
    yield from _read(value, text, context)
    if value.map is not None:
        before, text = text, value.map.get(text, "")
        if before or text:
            note = "" if before in value.map else _no_entry(before, value.map, context)
            yield Step(
                name="map", before=renderer.json(before), after=renderer.json(text), note=note
            )
    for transform in value.transforms:
        before, text = text, transform(text)
        if text != before:
            name = transform_name(transform)
            note = "" if text or not name.startswith("date") else "this is no date"
            yield Step(
                name=name, before=renderer.json(before), after=renderer.json(text), note=note
            )
    if fold(text) != text:
        yield Step(name="text", before=renderer.json(text), after=renderer.json(fold(text)))
    if not fold(text) and value.default:
        after = renderer.json(fold(value.default))
        yield Step(name="default", before='""', after=after)


def _read(value: Value, text: str, context: ExplainContext) -> Iterator[Step]:
    """Yield how what was matched became a text."""
    renderer = context.renderer
    if isinstance(value.source, PathSource):
        found = value.source.find(context.view)
        if value.join is not None and (len(found) > 1 or isinstance(next(iter(found), ""), list)):
            yield Step(name="join", before=renderer.json(found), after=renderer.json(text))
        elif found and _is_changed(found[0], text, context):
            yield Step(name="text", before=renderer.json(found[0]), after=renderer.json(text))


def _is_changed(found: Any, text: str, context: ExplainContext) -> bool:
    return found != text if isinstance(found, str) else context.renderer.json(found) != text


def _no_entry(text: str, table: Any, context: ExplainContext) -> str:
    keys = [key for key in table if isinstance(key, str)]
    same = [key for key in keys if is_same_word(key, text)]
    near = (same or near_keys(text, keys))[:1]
    if near:
        return f"no entry; did you mean {context.renderer.text(near[0])}?"
    shown = ", ".join(context.renderer.text(key, 40) for key in keys[:_SHOWN_ENTRIES])
    return f"no entry; there are: {shown}" + (", …" if len(keys) > _SHOWN_ENTRIES else "")
