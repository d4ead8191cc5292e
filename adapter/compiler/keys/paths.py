"""Paths and conditions of a mapping → what mapping/ runs; None where that is impossible."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from adapter.compiler.fields.shape import Shape
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.path_shape import (
    COMBINATIONS,
    OPERATORS,
    PATH_EXPECTED,
    ConditionShape,
    GuardShape,
    PathShape,
)
from adapter.mapping.compile_error import CompileError
from adapter.mapping.guards import AllOf, AnyOf, Comparison, Guard, Not, compile_comparison
from adapter.mapping.mapping import NamedGuard
from adapter.mapping.paths import Path, compile_path
from adapter.mapping.values import PathSource
from adapter.mapping.view import Origin

T = TypeVar("T")

_OPERANDS = {
    "matches": "a regular expression",
    "exists": "true or false",
    "gt": "a number, such as 18",
    "lt": "a number, such as 18",
}


def attempt(findings: Findings, place: Place, expected: str, build: Callable[[], T]) -> T | None:
    """Return what a constructor of intake or mapping makes, or report what it refuses."""
    try:
        return build()
    except CompileError as error:
        findings.add_error(place, error, expected)
    except ValueError as error:
        findings.add_error(place, error, expected)
    return None


def whole(parts: Sequence[T | None]) -> tuple[T, ...] | None:
    """Return the parts, or None if any of them could not be made."""
    made = tuple(part for part in parts if part is not None)
    return made if len(made) == len(parts) else None


def one_path(text: str, place: Place, findings: Findings) -> Path | None:
    """Compile a path."""
    return attempt(findings, place, PATH_EXPECTED, lambda: compile_path(text))


def all_paths(texts: list[str] | None, place: Place, findings: Findings) -> tuple[Path, ...]:
    """Compile paths; those that cannot be are reported and left out."""
    made = [one_path(text, (*place, n), findings) for n, text in enumerate(texts or [])]
    return tuple(path for path in made if path is not None)


def path_source(
    spec: str | PathShape | None, place: Place, findings: Findings
) -> PathSource | None:
    """Compile a path that may say where it reads."""
    if spec is None:
        return None
    text, origin = (spec, None) if isinstance(spec, str) else (spec.path, spec.from_)
    return source_at(text, origin, (*place, "path"), findings)


def source_at(text: str, origin: str | None, place: Place, findings: Findings) -> PathSource | None:
    """Compile a path whose `from` stands beside it."""
    path = one_path(text, place, findings)
    return None if path is None else PathSource(path=path, origin=origin_of(origin))


def origin_of(origin: str | None) -> Origin:
    """Return what `from` names; the item (without `each` the document) where it is not written."""
    return Origin.ITEM if origin is None else Origin(origin)


def named_guards(
    shapes: list[GuardShape | None] | None, place: Place, findings: Findings
) -> tuple[NamedGuard, ...] | None:
    """Compile `when`."""
    made: list[NamedGuard | None] = []
    for n, shape in enumerate(shapes or []):
        guard = None if shape is None else condition(shape, (*place, n), findings)
        made.append(
            None if guard is None or shape is None else NamedGuard(guard=guard, reason=shape.reason)
        )
    return whole(made)


def all_conditions(
    shapes: Sequence[ConditionShape], place: Place, findings: Findings
) -> Guard | None:
    """Compile conditions that must all hold; one stands for itself."""
    guards = _guards(shapes, place, findings)
    if guards is None:
        return None
    return guards[0] if len(guards) == 1 else AllOf(guards=guards)


def condition(shape: ConditionShape, place: Place, findings: Findings) -> Guard | None:
    """Compile one condition with what stands inside it."""
    operator = next(key for key in (*OPERATORS, *COMBINATIONS) if key in shape.given())
    if operator in COMBINATIONS:
        return _combination(shape, operator, (*place, operator), findings)
    return _comparison(shape, operator, place, findings)


def _combination(
    shape: ConditionShape, operator: str, place: Place, findings: Findings
) -> Guard | None:
    guards = _guards(_operand(shape, operator), place, findings)
    if guards is None:
        return None
    if operator == "not":
        return Not(guard=AllOf(guards=guards))
    return AnyOf(guards=guards) if operator == "any" else AllOf(guards=guards)


def _comparison(
    shape: ConditionShape, operator: str, place: Place, findings: Findings
) -> Comparison | None:
    source = source_at(shape.path or "", shape.from_, (*place, "path"), findings)
    # A bad operand is reported even where the path is bad too.
    stand_in = source or PathSource(path=compile_path("$"))
    operand = _operand(shape, operator)
    wanted = _OPERANDS.get(operator, "text, a number, true or false")
    made = attempt(
        findings,
        (*place, operator),
        wanted,
        lambda: compile_comparison(stand_in, operator, operand),
    )
    return None if source is None else made


def _guards(
    shapes: Sequence[ConditionShape], place: Place, findings: Findings
) -> tuple[Guard, ...] | None:
    return whole([condition(each, (*place, n), findings) for n, each in enumerate(shapes)])


def _operand(shape: Shape, operator: str) -> Any:
    return getattr(shape, shape.fields_by_key()[operator])
