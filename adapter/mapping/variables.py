"""A mapping's variables: those with a way of their own, and those that `"*"` copies. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from adapter.errors import MappingError
from adapter.mapping.trace import PartTrace
from adapter.mapping.values import PathSource, Text, Value, ValueTrace, View
from adapter.mapping.variable_names import variable_name_fault
from adapter.model import Reason
from adapter.values.text import to_text


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
