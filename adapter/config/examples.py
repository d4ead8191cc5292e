"""Runs a mapping's examples: what was expected and what came of the request."""

from dataclasses import dataclass

from adapter.config.source import Example, ExpectedCall, Source
from adapter.mapping.reading import RequestReading
from adapter.model import MappedCall, Reason, State


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleResult:
    """An example and its differences; none means that it passed."""

    source: str
    name: str
    file: str
    line: int
    differences: tuple[str, ...] = ()

    @property
    def has_passed(self) -> bool:
        """Whether the mapping made just what the example says."""
        return not self.differences


def run_examples(source: Source) -> tuple[ExampleResult, ...]:
    """Run all examples of a source, in file order."""
    return tuple(
        ExampleResult(
            source=source.name,
            name=example.name,
            file=source.file,
            line=example.line,
            differences=tuple(run_example(source, example)),
        )
        for example in source.examples
    )


def run_example(source: Source, example: Example) -> list[str]:
    """Map an example's request, without the auth check; return the differences ([] = passes)."""
    mapped = RequestReading(source.mapping, example.request).mapped(example.lookup)
    calls = mapped.calls
    if not calls and mapped.reason != Reason.NO_ITEMS:
        # A request that cannot be read is refused as a whole; an example says so as of one call.
        calls = (MappedCall(state=State.REFUSED, reason=mapped.reason, detail=mapped.detail),)
    if not calls and _is_no_items(example.calls):
        return []
    if len(calls) != len(example.calls):
        found = ", ".join(_shown(call) for call in calls) or "none"
        return [f"expected {len(example.calls)} calls, found {len(calls)}: {found}"]
    return [
        f"call {number}: {difference}"
        for number, (wanted, call) in enumerate(zip(example.calls, calls, strict=True), start=1)
        for difference in _differences(wanted, call)
    ]


def _is_no_items(calls: tuple[ExpectedCall, ...]) -> bool:
    return [(call.state, call.reason) for call in calls] == [(State.REFUSED, Reason.NO_ITEMS)]


def _shown(call: MappedCall) -> str:
    if call.state is State.WAITING:
        return f"a call to {call.agent}"
    return f"{call.state} {call.reason}" + (f" ({call.detail})" if call.detail else "")


def _differences(wanted: ExpectedCall, call: MappedCall) -> list[str]:
    if wanted.state != call.state or wanted.reason not in (None, call.reason):
        expected = "a call" if wanted.reason is None else f"{wanted.state} {wanted.reason}"
        return [f"expected {expected}, found {_shown(call)}"]
    pairs = [("agent", wanted.agent, call.agent), ("phone", wanted.phone, call.phone)]
    found = [
        f"{name}: expected {expected!r}, found {got!r}"
        for name, expected, got in pairs
        if expected is not None and expected != got
    ]
    return found + _variable_differences(wanted, call)


def _variable_differences(wanted: ExpectedCall, call: MappedCall) -> list[str]:
    if wanted.variables is None:
        return []
    names = [*wanted.variables, *(name for name in call.variables if name not in wanted.variables)]
    return [
        f"variables.{name}: expected {_text(wanted.variables.get(name))},"
        f" found {_text(call.variables.get(name))}"
        for name in names
        if wanted.variables.get(name) != call.variables.get(name)
    ]


def _text(value: str | None) -> str:
    return "none" if value is None else repr(value)
