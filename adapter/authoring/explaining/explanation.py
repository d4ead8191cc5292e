"""Why one item of a request became the call that it became: every part of the mapping. Pure.

The mapping itself decides, with a trace. What it met is told here, and what to write instead.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapter.authoring.explaining.guards import (
    ExplainedCondition,
    ExplainedGuard,
    ExplainedRoute,
    explained_conditions,
    explained_routes,
)
from adapter.authoring.explaining.path_trace import (
    NO_FAULT,
    ExplainContext,
    Fault,
    Fix,
    PathTrace,
    fault_of,
    trace_path,
)
from adapter.authoring.explaining.phone import ExplainedPhone, explained_phone
from adapter.authoring.explaining.render import Renderer
from adapter.authoring.explaining.suggestions import is_several
from adapter.authoring.explaining.variables import (
    ExplainedVariable,
    explained_copies,
    explained_variable,
)
from adapter.authoring.yaml_text import yaml_text
from adapter.errors import MappingError
from adapter.mapping.mapping import SourceMapping, Trace
from adapter.mapping.trace import PartTrace
from adapter.mapping.values import PathSource, View
from adapter.model import Reason, State

# More calls than this of one webhook are not explained: they are like the ones before.
MOST_CALLS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedMoment:
    """`occurred_at` or `timezone`: what was read, and what it is taken for (`""`: nothing)."""

    look: PathTrace
    text: str = ""
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedDedupe:
    """The key that is used, `explicit` or `default`, its parts, and its window in seconds."""

    used: str
    window_s: int
    parts: tuple[PathTrace, ...] = ()
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedLookup:
    """The first look-up, before its answer: whom it asks, and what it inserts into the address."""

    asks: str
    looks: tuple[PathTrace, ...]
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Every part of a mapping with what it saw; `fixes` are those of what decided.

    With `lookup` it is of a call before its look-up: what that has to tell is not there.
    """

    state: State
    reason: str
    agent: str | None
    when: tuple[ExplainedCondition, ...]
    routes: tuple[ExplainedRoute, ...]
    phone: ExplainedPhone
    variables: tuple[ExplainedVariable, ...]
    occurred_at: ExplainedMoment | None
    timezone: ExplainedMoment | None
    dedupe: ExplainedDedupe
    lookup: ExplainedLookup | None = None
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedEach:
    """What `each` met where there is no call at all."""

    look: PathTrace
    fixes: tuple[Fix, ...] = ()


def explain(
    mapping: SourceMapping,
    view: View,
    *,
    renderer: Renderer | None = None,
    countries: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Explanation, ...]:
    """Return an explanation for each call of a view, in order, up to MOST_CALLS of them."""
    context = ExplainContext(
        view=view,
        whole=view.document,
        renderer=renderer or Renderer(),
        countries=countries or {},
    )
    return tuple(_explained(mapping, item, context) for item in _items(mapping, view))


def explained_each(
    mapping: SourceMapping, view: View, renderer: Renderer | None = None
) -> ExplainedEach | None:
    """Return what `each` met; None where the mapping has none."""
    if mapping.each is None:
        return None
    context = ExplainContext(view=view, whole=view.document, renderer=renderer or Renderer())
    look = trace_path(PathSource(path=mapping.each), context, is_several)
    fixes = tuple(Fix(under="", write=f"each: {yaml_text(near)}") for near in look.near[:1])
    return ExplainedEach(look=look, fixes=fixes)


def _items(mapping: SourceMapping, view: View) -> tuple[View, ...]:
    try:
        return mapping.items(view)[:MOST_CALLS]
    except MappingError:
        return ()


def _explained(mapping: SourceMapping, item: View, context: ExplainContext) -> Explanation:
    trace = Trace()
    call = mapping.call(item, trace)
    context = replace(context, view=trace.view)
    moment = trace.occurred_at.isoformat() if trace.occurred_at is not None else ""
    whole = Explanation(
        state=call.state,
        reason=str(call.reason),
        agent=trace.agent,
        when=explained_conditions(trace.when, context),
        routes=explained_routes(trace.routes, context),
        phone=explained_phone(mapping.phone, trace, context),
        variables=tuple(_variables(mapping, trace, context)),
        occurred_at=_moment(mapping.occurred_at, moment, trace.faults.get("occurred_at"), context),
        timezone=_moment(mapping.timezone, trace.timezone, trace.faults.get("timezone"), context),
        dedupe=_dedupe(mapping, trace, context),
        lookup=_lookup(mapping, trace, context) if trace.is_early else None,
    )
    return replace(whole, fixes=tuple(_fixes(whole, trace)))


def _variables(
    mapping: SourceMapping, trace: Trace, context: ExplainContext
) -> Iterator[ExplainedVariable]:
    for variable in trace.variables:
        yield explained_variable(variable, context)
    if mapping.passthrough is not None:
        named = {variable.name for variable in trace.variables}
        yield from explained_copies(mapping.passthrough, trace, named, context)


def _moment(
    source: PathSource | None, text: str, fault: MappingError | None, context: ExplainContext
) -> ExplainedMoment | None:
    if source is None:
        return None
    return ExplainedMoment(look=trace_path(source, context), text=text, fault=fault_of(fault))


def _dedupe(mapping: SourceMapping, trace: Trace, context: ExplainContext) -> ExplainedDedupe:
    return ExplainedDedupe(
        used=trace.dedupe.used,
        window_s=int(trace.dedupe.window.total_seconds()),
        parts=tuple(trace_path(part, context) for part in mapping.dedupe.key),
        fault=fault_of(trace.faults.get("dedupe")),
    )


def _lookup(mapping: SourceMapping, trace: Trace, context: ExplainContext) -> ExplainedLookup:
    url, fault = mapping.lookups[0].url, fault_of(trace.faults.get("lookup"))
    return ExplainedLookup(
        # What the mapping itself has behind the host may be a token.
        asks="" if fault.reason else f"{url.host}/…",
        looks=tuple(trace_path(source, context) for source in url.sources),
        fault=fault,
    )


def _fixes(whole: Explanation, trace: Trace) -> Iterable[Fix]:
    """Return the fixes of the part that decided."""
    refusal = trace.faults.get(trace.ended_by)
    if trace.ended_by == "when" and refusal is None:
        return _guard_fixes(whole.when[_last_asked([named.guard for named in trace.when])].guard)
    if refusal is not None and refusal.reason == Reason.NO_ROUTE:
        return _routes_fixes(whole.routes)
    if trace.ended_by == "phone":
        return whole.phone.fixes
    if trace.ended_by == "variables":
        return whole.variables[_last_asked(trace.variables)].fixes
    is_ringing = trace.ended_by == "dedupe" and refusal is None
    # Nothing refused it: some variables are empty though something near is there.
    return [fix for variable in whole.variables for fix in variable.fixes] if is_ringing else ()


def _last_asked(parts: Sequence[PartTrace[Any]]) -> int:
    return sum(part.is_asked for part in parts) - 1


def _routes_fixes(routes: tuple[ExplainedRoute, ...]) -> Iterable[Fix]:
    found = [fix for route in routes if route.guard for fix in _guard_fixes(route.guard)]
    agents = dict.fromkeys(route.agent for route in routes)
    last = [Fix(under="routes", write=f"- {{agent: {name}}}") for name in agents]
    # With one agent there is no doubt who should take what no condition takes.
    return found or last[: len(last) == 1]


def _guard_fixes(guard: ExplainedGuard) -> Iterator[Fix]:
    yield from guard.fixes
    for part in guard.parts:
        yield from _guard_fixes(part)
