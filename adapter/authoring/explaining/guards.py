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
    fault_of,
    trace_path,
)
from adapter.authoring.explaining.spelling import is_same_word
from adapter.authoring.explaining.suggestions import is_there
from adapter.authoring.yaml_text import yaml_text
from adapter.mapping.guards import ALWAYS, OPERATORS, AllOf, AnyOf, Comparison, GuardTrace, Not
from adapter.mapping.mapping import ConditionTrace, RouteTrace
from adapter.mapping.patterns import Pattern
from adapter.values.text import to_text


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
    when: Sequence[ConditionTrace], context: ExplainContext
) -> tuple[ExplainedCondition, ...]:
    """Return what all conditions met, also those after the first that does not hold."""
    return tuple(
        ExplainedCondition(
            guard=explained_guard(condition.guard, context, "when"),
            reason=condition.reason,
            fault=fault_of(condition.guard.fault),
        )
        for condition in when
    )


def explained_routes(
    routes: Sequence[RouteTrace], context: ExplainContext
) -> tuple[ExplainedRoute, ...]:
    """Return the routes in order, with the one that is chosen."""
    return tuple(_route(route, context) for route in routes)


def _route(route: RouteTrace, context: ExplainContext) -> ExplainedRoute:
    trace = route.guard
    return ExplainedRoute(
        agent=route.agent,
        guard=None if trace.guard is ALWAYS else explained_guard(trace, context, "routes"),
        is_chosen=trace.is_asked and trace.held,
        is_asked=trace.is_asked,
        fault=fault_of(trace.fault if trace.is_asked else None),
    )


def explained_guard(trace: GuardTrace, context: ExplainContext, under: str) -> ExplainedGuard:
    """Return what one condition met; `under` is the key of the mapping where it stands."""
    guard = trace.guard
    if isinstance(guard, Comparison):
        return _compared(guard, trace, context, under)
    parts, wants = trace.parts, "any" if isinstance(guard, AnyOf) else "all"
    if isinstance(guard, Not):
        # A mapping's `not` has a list of conditions, most often of one.
        (inner,), wants = parts, "not"
        parts = inner.parts if isinstance(inner.guard, AllOf) else (inner,)
    explained = tuple(explained_guard(part, context, under) for part in parts)
    return ExplainedGuard(wants=wants, holds=trace.held, parts=explained)


def _compared(
    guard: Comparison, trace: GuardTrace, context: ExplainContext, under: str
) -> ExplainedGuard:
    look = trace_path(guard.path, context, is_there, is_sought=not trace.held)
    fixes = [Fix(under=under, write=f"path: {yaml_text(near)}") for near in look.near[:1]]
    spelling = () if trace.held else tuple(_misspelt(guard, trace))
    if guard.operator == "equals":
        fixes += [Fix(under=under, write=f"equals: {yaml_text(text)}") for text in spelling[:1]]
    return ExplainedGuard(
        wants=f"{guard.operator} {_operand(guard.operand)}",
        holds=trace.held,
        look=look,
        hints=tuple(
            f"{context.renderer.json(text)} is nearly it: texts compare with their case and signs"
            for text in spelling
        ),
        fixes=tuple(fixes),
    )


def _misspelt(guard: Comparison, trace: GuardTrace) -> Iterator[str]:
    """Yield what was found where it differs from what is wanted in case and signs alone."""
    if not OPERATORS[guard.operator].takes_whole_texts:
        return
    for found in trace.matches:
        if isinstance(found, str) and any(is_same_word(found, wanted) for wanted in guard.operand):
            yield found.strip()


def _operand(operand: Any) -> str:
    """Return an operand as the mapping writes it."""
    if isinstance(operand, frozenset):
        texts = sorted(text or '""' for text in operand)
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    if isinstance(operand, Pattern):
        return f'"{operand.text}"'
    return to_text(operand)
