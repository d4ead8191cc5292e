"""What each condition of `when` and `routes` saw. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.authoring.explaining.path_trace import (
    NO_FAULT,
    ExplainContext,
    Fault,
    Fix,
    PathTrace,
    faulted,
    trace_path,
    yaml_text,
)
from adapter.authoring.explaining.spelling import is_same_word
from adapter.authoring.explaining.suggestions import is_there
from adapter.errors import MappingError
from adapter.mapping.guards import AllOf, AnyOf, Comparison, Guard, Not
from adapter.mapping.mapping import NamedGuard, Route
from adapter.mapping.patterns import Pattern
from adapter.values.text import to_text

_TEXT_OPERATORS = frozenset({"equals", "in"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedGuard:
    """A condition and what it saw: a comparison has `look`, a combination has `parts`.

    `wants` is what it asks for: `equals lead`, or `all`, `any`, `not`.
    """

    wants: str
    holds: bool
    look: PathTrace | None = None
    parts: tuple["ExplainedGuard", ...] = ()
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedCondition:
    """A condition of `when`: `reason` is that of the calls which it turns away."""

    guard: ExplainedGuard
    reason: str
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedRoute:
    """A route; without `guard` it always holds. After the chosen one none is asked."""

    agent: str
    guard: ExplainedGuard | None
    is_chosen: bool
    is_asked: bool
    fault: Fault = NO_FAULT


def explained_conditions(
    when: Sequence[NamedGuard], context: ExplainContext
) -> tuple[ExplainedCondition, ...]:
    """Return what all conditions saw, also those after the first that does not hold."""
    return tuple(
        ExplainedCondition(
            guard=explained_guard(named.guard, context, "when"),
            reason=named.reason,
            fault=_fault(named.guard, context),
        )
        for named in when
    )


def explained_routes(
    routes: Sequence[Route], context: ExplainContext
) -> tuple[ExplainedRoute, ...]:
    """Return the routes in order, with the one that is chosen."""
    seen: list[ExplainedRoute] = []
    is_over = False
    for route in routes:
        guard = None if route.guard is None else explained_guard(route.guard, context, "routes")
        fault = NO_FAULT if route.guard is None else _fault(route.guard, context)
        is_chosen = not is_over and not fault.reason and (guard is None or guard.holds)
        seen.append(
            ExplainedRoute(
                agent=route.agent,
                guard=guard,
                is_chosen=is_chosen,
                is_asked=not is_over,
                fault=NO_FAULT if is_over else fault,
            )
        )
        is_over = is_over or is_chosen or bool(fault.reason)
    return tuple(seen)


def explained_guard(guard: Guard, context: ExplainContext, under: str) -> ExplainedGuard:
    """Return what one condition saw; `under` is the key of the mapping where it stands."""
    holds = _holds(guard, context)
    if isinstance(guard, Comparison):
        return _compared(guard, context, under, holds)
    if isinstance(guard, Not):
        # A mapping's `not` has a list of conditions, most often of one.
        guards = guard.guard.guards if isinstance(guard.guard, AllOf) else (guard.guard,)
        parts = tuple(explained_guard(each, context, under) for each in guards)
        return ExplainedGuard(wants="not", holds=holds, parts=parts)
    word = "any" if isinstance(guard, AnyOf) else "all"
    inner = guard.guards if isinstance(guard, AllOf | AnyOf) else ()
    parts = tuple(explained_guard(each, context, under) for each in inner)
    return ExplainedGuard(wants=word, holds=holds, parts=parts)


def _compared(
    guard: Comparison, context: ExplainContext, under: str, holds: bool
) -> ExplainedGuard:
    seen = trace_path(guard.path, context, is_there, is_sought=not holds)
    fixes = [Fix(under=under, write=f"path: {yaml_text(near)}") for near in seen.near[:1]]
    spelling = () if holds else tuple(_misspelt(guard, context))
    if guard.operator == "equals":
        fixes += [Fix(under=under, write=f"equals: {yaml_text(text)}") for text in spelling[:1]]
    return ExplainedGuard(
        wants=f"{guard.operator} {_operand(guard.operand)}",
        holds=holds,
        look=seen,
        hints=tuple(
            f"{context.renderer.json(text)} is nearly it: texts compare with their case and signs"
            for text in spelling
        ),
        fixes=tuple(fixes),
    )


def _misspelt(guard: Comparison, context: ExplainContext) -> Iterator[str]:
    """Yield what was found where it differs from what is wanted in case and signs alone."""
    if guard.operator not in _TEXT_OPERATORS:
        return
    for found in guard.path.find(context.view):
        if isinstance(found, str) and any(is_same_word(found, each) for each in guard.operand):
            yield found.strip()


def _operand(operand: Any) -> str:
    """Return an operand as the mapping writes it."""
    if isinstance(operand, frozenset):
        texts = sorted(each or '""' for each in operand)
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    if isinstance(operand, Pattern):
        return f'"{operand.text}"'
    return to_text(operand)


def _holds(guard: Guard, context: ExplainContext) -> bool:
    try:
        return guard.holds(context.view)
    except MappingError:
        return False


def _fault(guard: Guard, context: ExplainContext) -> Fault:
    return faulted(lambda: guard.holds(context.view))
