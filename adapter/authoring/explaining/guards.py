"""What each condition of `when` and `routes` saw. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.authoring.explaining.lookups import (
    NO_FAULT,
    Fault,
    Fix,
    Look,
    Scene,
    faulted,
    look,
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
class GuardSeen:
    """A condition and what it saw: a comparison has `look`, a combination has `parts`.

    `wants` is what it asks for: `equals lead`, or `all`, `any`, `not`.
    """

    wants: str
    holds: bool
    look: Look | None = None
    parts: tuple["GuardSeen", ...] = ()
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WhenSeen:
    """A condition of `when`: `reason` is that of the calls which it turns away."""

    guard: GuardSeen
    reason: str
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteSeen:
    """A route; without `guard` it always holds. After the chosen one none is asked."""

    agent: str
    guard: GuardSeen | None
    is_chosen: bool
    is_asked: bool
    fault: Fault = NO_FAULT


def when_seen(when: Sequence[NamedGuard], scene: Scene) -> tuple[WhenSeen, ...]:
    """Return what all conditions saw, also those after the first that does not hold."""
    return tuple(
        WhenSeen(
            guard=guard_seen(named.guard, scene, "when"),
            reason=named.reason,
            fault=_fault(named.guard, scene),
        )
        for named in when
    )


def routes_seen(routes: Sequence[Route], scene: Scene) -> tuple[RouteSeen, ...]:
    """Return the routes in order, with the one that is chosen."""
    seen: list[RouteSeen] = []
    is_over = False
    for route in routes:
        guard = None if route.guard is None else guard_seen(route.guard, scene, "routes")
        fault = NO_FAULT if route.guard is None else _fault(route.guard, scene)
        is_chosen = not is_over and not fault.reason and (guard is None or guard.holds)
        seen.append(
            RouteSeen(
                agent=route.agent,
                guard=guard,
                is_chosen=is_chosen,
                is_asked=not is_over,
                fault=NO_FAULT if is_over else fault,
            )
        )
        is_over = is_over or is_chosen or bool(fault.reason)
    return tuple(seen)


def guard_seen(guard: Guard, scene: Scene, under: str) -> GuardSeen:
    """Return what one condition saw; `under` is the key of the mapping where it stands."""
    holds = _holds(guard, scene)
    if isinstance(guard, Comparison):
        return _compared(guard, scene, under, holds)
    if isinstance(guard, Not):
        # A mapping's `not` has a list of conditions, most often of one.
        guards = guard.guard.guards if isinstance(guard.guard, AllOf) else (guard.guard,)
        parts = tuple(guard_seen(each, scene, under) for each in guards)
        return GuardSeen(wants="not", holds=holds, parts=parts)
    word = "any" if isinstance(guard, AnyOf) else "all"
    inner = guard.guards if isinstance(guard, AllOf | AnyOf) else ()
    parts = tuple(guard_seen(each, scene, under) for each in inner)
    return GuardSeen(wants=word, holds=holds, parts=parts)


def _compared(guard: Comparison, scene: Scene, under: str, holds: bool) -> GuardSeen:
    seen = look(guard.path, scene, is_there, is_sought=not holds)
    fixes = [Fix(under=under, write=f"path: {yaml_text(near)}") for near in seen.near[:1]]
    spelling = () if holds else tuple(_misspelt(guard, scene))
    if guard.operator == "equals":
        fixes += [Fix(under=under, write=f"equals: {yaml_text(text)}") for text in spelling[:1]]
    return GuardSeen(
        wants=f"{guard.operator} {_operand(guard.operand)}",
        holds=holds,
        look=seen,
        hints=tuple(
            f"{scene.pen.json(text)} is nearly it: texts compare with their case and signs"
            for text in spelling
        ),
        fixes=tuple(fixes),
    )


def _misspelt(guard: Comparison, scene: Scene) -> Iterator[str]:
    """Yield what was found where it differs from what is wanted in case and signs alone."""
    if guard.operator not in _TEXT_OPERATORS:
        return
    for found in guard.path.find(scene.view):
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


def _holds(guard: Guard, scene: Scene) -> bool:
    try:
        return guard.holds(scene.view)
    except MappingError:
        return False


def _fault(guard: Guard, scene: Scene) -> Fault:
    return faulted(lambda: guard.holds(scene.view))
