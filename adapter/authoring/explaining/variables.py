"""Each variable's way from its path to its text, step by step. Pure."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Any

from adapter.authoring.explaining.path_trace import (
    NO_FAULT,
    ExplainContext,
    Fault,
    Fix,
    PathTrace,
    fault_of,
    trace_path,
)
from adapter.authoring.explaining.phone_candidates import is_companys
from adapter.authoring.explaining.spelling import is_same_word, near_keys
from adapter.authoring.explaining.suggestions import Allowed, Nearness, inside, is_any
from adapter.authoring.key_words import COMPANY, words
from adapter.authoring.yaml_text import yaml_text
from adapter.errors import MappingError
from adapter.mapping.mapping import Trace
from adapter.mapping.values import (
    Constant,
    PathSource,
    Template,
    Value,
    ValueTrace,
    Variable,
    VariableTrace,
)
from adapter.model import Reason

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


def explained_variable(trace: VariableTrace, context: ExplainContext) -> ExplainedVariable:
    """Return a variable's way to its text, or to its refusal."""
    variable, value = trace.variable, trace.variable.value
    explained = ExplainedVariable(
        name=variable.name,
        kind=_kind(value.source),
        source=_written(value.source),
        looks=tuple(
            trace_path(source, context, allowed=_allowed(variable.name, source))
            for source in _paths(value.source)
        ),
        steps=tuple(_steps(value, trace.value, context)),
        text="" if trace.answer is None else trace.answer.text,
        is_required=value.required,
        fault=fault_of(trace.fault),
    )
    if trace.fault is not None and trace.fault.reason != Reason.VARIABLE_MISSING:
        explained = _looked_into(variable, explained, context)
    return replace(explained, fixes=tuple(_fixes(variable, explained)))


def explained_copies(
    source: PathSource, trace: Trace, named: Container[str], context: ExplainContext
) -> Iterator[ExplainedVariable]:
    """Yield the variables that `"*"` adds to the named ones, after its refusal if it refused."""
    look = trace_path(source, context, lambda value: isinstance(value, dict))
    whole = ExplainedVariable(name="*", kind="copied", source=source.path.text, looks=(look,))
    fault = trace.faults.get('"*"')
    if fault is not None:
        yield replace(whole, fault=fault_of(fault))
    elif not any(text.matched for text in trace.copied.values()):
        fixes = (Fix(under="variables", write=f'"*": {yaml_text(at)}') for at in look.near[:1])
        yield replace(whole, fixes=tuple(fixes))
    for name, text in trace.copied.items():
        if name not in named:
            yield replace(whole, name=name, looks=(), text=text.text)


def _allowed(name: str, source: PathSource) -> Allowed:
    """Return which paths may be advised: for a company's name none but a company's."""
    is_sought = COMPANY.search(words(name)) is not None or is_companys(source.path.text)
    return is_companys if is_sought else is_any


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


def _looked_into(
    variable: Variable, explained: ExplainedVariable, context: ExplainContext
) -> ExplainedVariable:
    """Return a refusal with what stands inside the object that was found."""
    hints: list[str] = []
    looks: list[PathTrace] = []
    for source, look in zip(_paths(variable.value.source), explained.looks, strict=True):
        near = _nested(source, variable.name, context)
        hints += near.told
        looks.append(replace(look, near=near.paths or look.near))
    return replace(explained, looks=tuple(looks), hints=tuple(hints))


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
    for look in seen.looks:
        if not look.near:
            continue
        near, value = look.near[0], variable.value
        if isinstance(value.source, Template):
            template = yaml_text(value.source.text.replace(look.path, near), in_flow=True)
            yield Fix(under=f"variables.{variable.name}", write=f"template: {template}")
        elif value == Value(source=value.source) and look.origin == "item":
            yield Fix(under="variables", write=f"{variable.name}: {yaml_text(near)}")
        else:
            yield Fix(under=f"variables.{variable.name}", write=f"path: {yaml_text(near)}")


def _steps(value: Value, trace: ValueTrace, context: ExplainContext) -> Iterator[Step]:
    """Yield the steps that changed something."""
    json, before = context.renderer.json, ""
    for name, text in trace.steps:
        if name == "read":
            yield from _read(value, text, context)
        elif name == "default":
            if not before and value.default:
                yield Step(name=name, before='""', after=json(text))
        elif text != before or (name == "map" and text):
            note = _note(name, before, text, value, context)
            yield Step(name=name, before=json(before), after=json(text), note=note)
        before = text


def _note(name: str, before: str, text: str, value: Value, context: ExplainContext) -> str:
    if name == "map" and value.map is not None and before not in value.map:
        return _no_entry(before, value.map, context)
    return "this is no date" if name.startswith("date") and not text else ""


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
