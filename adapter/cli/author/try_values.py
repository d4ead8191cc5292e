"""The phone and the variables of a call, as rows that `adapter try` prints."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from adapter.authoring.explaining.path_trace import Fix, PathTrace
from adapter.authoring.explaining.phone import ExplainedPhone, ExplainedTry
from adapter.authoring.explaining.render import shortened
from adapter.authoring.explaining.variables import ExplainedVariable
from adapter.model import Reason
from adapter.values.text import escaped

_LABEL = 14
_MAX_VALUE = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line; `origin` stands behind an arrow, and `details` below, each once."""

    label: str
    value: str
    origin: str = ""
    details: tuple[str, ...] = ()

    def with_more(self, details: Iterable[str]) -> "Row":
        """Return the row with these details below the others."""
        return replace(self, details=(*self.details, *details))


def row_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines, the arrows below each other as far as the values are short."""
    rows = list(rows)
    lengths = [len(row.value) for row in rows if row.origin and len(row.value) <= _MAX_VALUE]
    width = max(lengths, default=0)
    for row in rows:
        arrow = f"{row.value:<{width}}   <- {row.origin}" if row.origin else row.value
        yield f"  {row.label:<{_LABEL}} {arrow}"
        yield from indented(row.details)


def indented(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that belong to the one above, each once."""
    yield from (f"  {'':<{_LABEL}}   {line}" for line in dict.fromkeys(lines))


def phone_rows(phone: ExplainedPhone, known: str, *, is_verbose: bool) -> Iterator[Row]:
    """Yield each path that was tried, and the region; `known` is a detail that stands above."""
    rows = [_try_row(position, tried) for position, tried in enumerate(phone.tries)]
    if is_verbose or not phone.e164:
        rows = [
            replace(row, details=tuple(line for line in _try_details(tried) if line != known))
            for row, tried in zip(rows, phone.tries, strict=True)
        ]
    region = phone.region
    if phone.fault.reason == Reason.PHONE_INVALID or is_verbose:
        hints = region.look.hints if region.look and not region.code else ()
        rows.append(
            Row(label="region", value=region.code or "-", origin=region.told, details=hints)
        )
    rows[-1] = rows[-1].with_more([*phone.hints, *fix_lines(phone.fixes)])
    yield from rows


def _try_row(position: int, tried: ExplainedTry) -> Row:
    value = tried.e164 or tried.fault.reason
    origin = _origin(tried.source, tried.looks, tried.e164)
    return Row(label="" if position else "phone", value=value, origin=origin)


def _try_details(tried: ExplainedTry) -> Iterator[str]:
    """Yield why a path gave no number that may be rung, and what is near it."""
    if tried.fault.reason not in {"", "phone_missing"}:
        yield tried.fault.detail
    yield from tried.hints
    for look in tried.looks:
        yield from look.hints


def variable_rows(
    variables: Iterable[ExplainedVariable], known: str, *, is_verbose: bool
) -> Iterator[Row]:
    """Yield each variable with the steps that changed it, and what is near where it is empty."""
    for variable in variables:
        details = [*_step_lines(variable), *_missing_lines(variable, is_verbose)]
        yield Row(
            label=f"{{{{{variable.name}}}}}",
            value=_value(variable),
            origin="" if variable.kind == "constant" else _variable_origin(variable),
            details=tuple(line for line in details if line != known),
        )


def fix_lines(fixes: Iterable[Fix]) -> list[str]:
    """Return the lines of YAML that would mend it."""
    return [
        f"write{' under ' + fix.under if fix.under else ''}:  {escaped(fix.write)}" for fix in fixes
    ]


def _value(variable: ExplainedVariable) -> str:
    return variable.fault.reason or escaped(shortened(variable.text)) or '""'


def _variable_origin(variable: ExplainedVariable) -> str:
    parts = {look.origin for look in variable.looks} - {"item"}
    source = variable.source + "".join(f" (from {part})" for part in parts)
    return _origin(source, variable.looks, variable.text)


def _origin(source: str, looks: tuple[PathTrace, ...], text: str) -> str:
    """Return a path or template, and what it matched where that is not the text itself."""
    source = escaped(source)
    if not looks:
        return source
    if all(look.found is None for look in looks):
        return f"{source}  found nothing"
    found = ", ".join(look.found or "nothing" for look in looks)
    if found in {f'"{text}"', text}:
        return source
    many = f" ({looks[0].count} matches)" if len(looks) == 1 and looks[0].count > 1 else ""
    return f"{source}  {found}{many}"


def _step_lines(variable: ExplainedVariable) -> Iterator[str]:
    for step in variable.steps:
        note = f"  ({step.note})" if step.note else ""
        yield f"{escaped(step.name)}: {step.before} -> {step.after}{note}"


def _missing_lines(variable: ExplainedVariable, is_verbose: bool) -> Iterator[str]:
    """Yield why a variable is empty; for one that a default or a template filled, what is near."""
    if variable.fault.reason:
        yield variable.fault.detail
    yield from variable.hints
    is_empty = not variable.text
    for look in variable.looks:
        if is_empty or is_verbose or look.near:
            yield from look.hints
    yield from fix_lines(variable.fixes)
