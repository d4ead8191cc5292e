"""The values of a mapping: their way from path to text (contract §4 "Values"). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from adapter.errors import CompileError, MappingError
from adapter.mapping.paths import Path, compile_path, first_of
from adapter.mapping.template_text import split_template
from adapter.mapping.trace import PartTrace
from adapter.mapping.transforms import Transform
from adapter.mapping.variable_names import variable_name_fault
from adapter.model import Reason
from adapter.values.text import fold, scalar_text, to_text

ToText = Callable[[Any], str]


class Origin(StrEnum):
    """The part of the request that a path reads: the mapping's `from`; unsaid, the item."""

    ITEM = "item"
    DOCUMENT = "document"
    QUERY = "query"
    HEADERS = "headers"


# The key under which a look-up's answer stands beside the document's own: `$.lookup`.
LOOKUP = "lookup"


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """The decoded body, the query string decoded as a form, and headers by lower-case name.

    Where `each` took an item out of the body, `document` is the item, and `whole` the body.
    `is_form`: the body was urlencoded, or there was none, and a bare `+` arrived as a blank.
    `lookup` is what `$.lookup` names once a look-up was answered; None where none was made, and
    `$.lookup` is then a key of the document like any other.
    """

    document: Any
    query: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    lookup: Any | None = None
    whole: Any | None = None
    is_form: bool = False

    def loses_plus(self, origin: Origin, *, is_lookup: bool = False) -> bool:
        """Whether what a path reads was urlencoded, so that a bare `+` has become a blank."""
        is_answered = is_lookup and self.lookup is not None
        is_body = origin in {Origin.ITEM, Origin.DOCUMENT}
        return origin is Origin.QUERY or (is_body and self.is_form and not is_answered)

    def part(self, origin: Origin, *, is_lookup: bool = False) -> Any:
        """Return what a path is matched against; `is_lookup` if it begins with `$.lookup`."""
        if origin is Origin.DOCUMENT:
            return self.document if self.whole is None else self.whole
        if origin is Origin.ITEM:
            is_answered = is_lookup and self.lookup is not None
            return {LOOKUP: self.lookup} if is_answered else self.document
        return self.query if origin is Origin.QUERY else dict(self.headers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """The text that was read; `matched` is the path or template that gave it, `""` if none did."""

    text: str
    matched: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PathSource:
    """A path, and the part of the request that it reads."""

    path: Path
    origin: Origin = Origin.ITEM

    @property
    def text(self) -> str:
        """Return what the mapping says."""
        return self.path.text

    @property
    def reads_lookup(self) -> bool:
        """Whether it reads a look-up's answer, where its mapping makes one."""
        return self.origin is Origin.ITEM and self.path.head == LOOKUP

    def find(self, view: View) -> list[Any]:
        """Return all matches that are not null."""
        return self.path.find(self.part_of(view))

    def first(self, view: View) -> Any | None:
        """Return the match that counts, or None."""
        return self.path.first(self.part_of(view))

    def part_of(self, view: View) -> Any:
        """Return what the path is matched against."""
        return view.part(self.origin, is_lookup=self.path.head == LOOKUP)

    def loses_plus(self, view: View) -> bool:
        """Whether it reads what was urlencoded, so that a bare `+` has become a blank."""
        return view.loses_plus(self.origin, is_lookup=self.path.head == LOOKUP)

    def read(self, view: View, write: ToText = to_text, join: str | None = None) -> Text:
        """Return the match that counts as text, or all of them with `join` between."""
        matches = self.find(view)
        if not matches:
            return Text(text="")
        try:
            text = write(first_of(matches)) if join is None else _joined(matches, write, join)
        except MappingError as error:
            raise MappingError(error.reason, f"{self.path.text}: {error.detail}") from error
        return Text(text=text, matched=self.path.text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Constant:
    """A text that the mapping itself gives."""

    text: str

    def read(self, _view: View, _write: ToText = to_text, _join: str | None = None) -> Text:
        """Return the text."""
        return Text(text=self.text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """Literal texts and paths in order; `text` is what the mapping says."""

    text: str
    parts: tuple[str | PathSource, ...]

    def read(self, view: View, write: ToText = to_text, _join: str | None = None) -> Text:
        """Return the text with each path's match in its place; `matched` if any had one."""
        written, is_filled = [], False
        for part in self.parts:
            if isinstance(part, str):
                written.append(part)
                continue
            inserted = part.read(view, write).text
            is_filled = is_filled or bool(inserted)
            written.append(inserted)
        return Text(text=fold("".join(written)), matched=self.text if is_filled else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One variable's way: path → text → join → map → transforms → default, if empty.

    `required` is the mapping's to enforce: it knows the variable's name.
    """

    source: PathSource | Template | Constant
    join: str | None = None
    map: Mapping[str, str] | None = None
    transforms: tuple[Transform, ...] = ()
    default: str = ""
    required: bool = False
    false_is_empty: bool = False

    def text(self, view: View, trace: "ValueTrace | None" = None) -> Text:
        """Return the text, without control characters; MappingError not_a_scalar for an object."""
        read = self.source.read(view, _true_text if self.false_is_empty else to_text, self.join)
        text = fold(read.text)
        if trace is not None:
            trace.step("read", text)
        if self.map is not None:
            text = self.map.get(text, "")
            if trace is not None:
                trace.step("map", text)
        for transform in self.transforms:
            text = transform.change(text)
            if trace is not None:
                trace.step(transform.name, text)
        text = fold(text)
        if trace is not None:
            trace.step("text", text)
            trace.step("default", text or fold(self.default))
        return Text(text=text, matched=read.matched) if text else Text(text=fold(self.default))


@dataclass(kw_only=True, slots=True)
class ValueTrace:
    """The steps of a value's way, each with the text after it; `read` is the first."""

    steps: list[tuple[str, str]] = field(default_factory=list)

    def step(self, name: str, text: str) -> None:
        """Add the text that a step gave."""
        self.steps.append((name, text))


def compile_template(text: str, origin: Origin) -> Template:
    """Compile `"{$.a} {$['b c']}"`, or raise CompileError."""
    literals, paths = split_template(text)
    if not paths:
        raise CompileError(f"template {text!r} inserts nothing: write paths in braces, {{$.name}}")
    parts: list[str | PathSource] = []
    for literal, path in zip(literals, [*paths, None], strict=True):
        parts += [literal] if literal else []
        parts += [] if path is None else [PathSource(path=compile_path(path), origin=origin)]
    return Template(text=text, parts=tuple(parts))


def _joined(matches: list[Any], write: ToText, join: str) -> str:
    texts = [
        scalar
        for match in matches
        for scalar in (map(scalar_text, match) if isinstance(match, list) else [write(match)])
    ]
    return join.join(filter(None, texts))


def _true_text(value: Any) -> str:
    return "" if value is False else to_text(value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A variable of the agent's script, and where its text comes from."""

    name: str
    value: Value

    def text(self, view: View, trace: ValueTrace | None = None) -> Text:
        """Return its text; MappingError names the variable, also where a required one is empty."""
        try:
            text = self.value.text(view, trace)
        except MappingError as error:
            raise MappingError(error.reason, f"variable {self.name!r}: {error.detail}") from error
        if self.value.required and not text.text:
            detail = f"variable {self.name!r} is required, and nothing was found for it"
            raise MappingError(Reason.VARIABLE_MISSING, detail)
        return text


@dataclass(kw_only=True, slots=True)
class VariableTrace(PartTrace[Text]):
    """A variable that was read, with the steps of its way."""

    variable: Variable
    value: ValueTrace = field(default_factory=ValueTrace)

    @property
    def name(self) -> str:
        """The variable's."""
        return self.variable.name

    def text(self, _view: View) -> Text:
        """Return the variable's text."""
        return self.told()


def traced(variables: Sequence[Variable], view: View) -> tuple[VariableTrace, ...]:
    """Return variables with their texts."""
    traces = tuple(VariableTrace(variable=variable) for variable in variables)
    for trace in traces:
        trace.record(partial(trace.variable.text, view, trace.value))
    return traces


def copied(source: PathSource, view: View) -> dict[str, Text]:
    """Return the scalars of the object at the path by name, lists and objects left out."""
    found = source.first(view)
    if found is None or found == []:  # PHP writes an empty object as a list
        return {}
    if not isinstance(found, dict):
        detail = f'"*" expects an object at {source.path.text}'
        raise MappingError(Reason.VARIABLE_NOT_ALLOWED, detail)
    scalars = {name: value for name, value in found.items() if not isinstance(value, list | dict)}
    return {name: _copy(source.path.text, name, value) for name, value in scalars.items()}


def _copy(path: str, name: str, value: Any) -> Text:
    fault = variable_name_fault(name)
    if fault:
        raise MappingError(Reason.VARIABLE_NOT_ALLOWED, f'"*": a key of {path}: {fault}')
    try:
        return Text(text=to_text(value), matched=path)
    except MappingError as error:
        raise MappingError(error.reason, f'"*": {path}.{name}: {error.detail}') from error
