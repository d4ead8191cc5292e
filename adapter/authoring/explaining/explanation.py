"""Why one item of a request became the call that it became: every part of the mapping. Pure.

It walks the compiled mapping a second time, beside `SourceMapping.calls` and never within it, so
that calls are made no slower. Tests hold that the two agree.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, TypeAlias

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
    faulted,
    trace_path,
    yaml_text,
)
from adapter.authoring.explaining.phone import ExplainedPhone, explained_phone
from adapter.authoring.explaining.render import Renderer
from adapter.authoring.explaining.suggestions import is_several
from adapter.authoring.explaining.variables import (
    ExplainedVariable,
    explained_copies,
    explained_variable,
)
from adapter.errors import MappingError
from adapter.mapping.dedupe import Dedupe
from adapter.mapping.mapping import SourceMapping
from adapter.mapping.values import PathSource, View
from adapter.model import Reason, State
from adapter.values.moments import read_moment
from adapter.values.text import fold
from adapter.values.time_zones import is_time_zone

# More calls than this of one webhook are not explained: they are like the ones before.
MOST_CALLS = 50

_End: TypeAlias = tuple[State, str, tuple[Fix, ...]]


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
    contexts = [
        ExplainContext(
            view=each,
            whole=view.document,
            renderer=renderer or Renderer(),
            countries=countries or {},
        )
        for each in _views(mapping, view)[:MOST_CALLS]
    ]
    return tuple(_explained(mapping, context) for context in contexts)


def explained_each(
    mapping: SourceMapping, view: View, renderer: Renderer | None = None
) -> ExplainedEach | None:
    """Return what `each` met; None where the mapping has none."""
    if mapping.each is None:
        return None
    context = ExplainContext(view=view, whole=view.document, renderer=renderer or Renderer())
    seen = trace_path(PathSource(path=mapping.each), context, is_several)
    fixes = tuple(Fix(under="", write=f"each: {yaml_text(near)}") for near in seen.near[:1])
    return ExplainedEach(look=seen, fixes=fixes)


def _views(mapping: SourceMapping, view: View) -> tuple[View, ...]:
    try:
        return mapping.items(view)
    except MappingError:
        return ()


def _explained(mapping: SourceMapping, context: ExplainContext) -> Explanation:
    early = _early(mapping, context.view)
    known = mapping if early is None else early
    context = context if early is None else replace(context, view=replace(context.view, lookup={}))
    routes = explained_routes(known.routes, context)
    agent = next((route.agent for route in routes if route.is_chosen), None)
    phone = explained_phone(known.phone, context, agent)
    variables = tuple(_variables(known, context, agent))
    texts = {each.name: each.text for each in variables if each.name != "*"}
    whole = Explanation(
        state=State.WAITING,
        reason=Reason.NEW.value,
        agent=agent,
        when=explained_conditions(known.when, context),
        routes=routes,
        phone=phone,
        variables=variables,
        occurred_at=_moment(known.occurred_at, context),
        timezone=_timezone(known.timezone, context),
        dedupe=_dedupe(known.dedupe, context, phone.e164, texts),
        lookup=None if early is None else _lookup(mapping, context),
    )
    has_open_route = early is not None and len(known.routes) < len(mapping.routes)
    ends = _ends(whole, has_open_route=has_open_route)
    state, reason, fixes = next(ends, (whole.state, whole.reason, _optional(whole)))
    return replace(whole, state=state, reason=reason, fixes=tuple(fixes))


def _early(mapping: SourceMapping, view: View) -> SourceMapping | None:
    """Return what of a mapping decides before its look-up; None where that is over, or none is."""
    if not mapping.lookups or view.lookup is not None:
        return None
    return replace(
        mapping,
        when=tuple(each for each in mapping.when if not each.guard.reads_lookup),
        routes=tuple(
            takewhile(lambda each: not (each.guard and each.guard.reads_lookup), mapping.routes)
        ),
    )


def _lookup(mapping: SourceMapping, context: ExplainContext) -> ExplainedLookup:
    url = mapping.lookups[0].url
    fault = faulted(lambda: url.filled(context.view))
    # What the mapping itself has behind the host may be a token.
    asks = "" if fault.reason else f"{url.host}/…"
    return ExplainedLookup(
        asks=asks, looks=tuple(trace_path(each, context) for each in url.sources), fault=fault
    )


def _ends(whole: Explanation, *, has_open_route: bool) -> Iterator[_End]:
    """Yield what refuses or turns away the call, in the order in which a mapping decides."""
    moments = [each.fault for each in (whole.occurred_at, whole.timezone) if each is not None]
    yield from _refusals(moments)
    for when in whole.when:
        yield from _refusals([when.fault])
        if not when.guard.holds:
            yield State.IGNORED, str(when.reason), tuple(_guard_fixes(when.guard))
    if not has_open_route:
        yield from _routes_end(whole.routes)
    if whole.lookup is not None:
        yield from _refusals([whole.lookup.fault])
        yield State.WAITING, Reason.LOOKUP.value, ()
    yield from _refusals([whole.phone.fault], whole.phone.fixes)
    for value in whole.variables:
        yield from _refusals([value.fault], value.fixes)
    yield from _refusals([whole.dedupe.fault])


def _refusals(faults: Iterable[Fault], fixes: tuple[Fix, ...] = ()) -> Iterator[_End]:
    return ((State.REFUSED, fault.reason, fixes) for fault in faults if fault.reason)


def _routes_end(routes: tuple[ExplainedRoute, ...]) -> Iterator[_End]:
    yield from _refusals(route.fault for route in routes)
    if not any(route.is_chosen for route in routes):
        found = [fix for route in routes if route.guard for fix in _guard_fixes(route.guard)]
        agents = dict.fromkeys(route.agent for route in routes)
        last = [Fix(under="routes", write=f"- {{agent: {name}}}") for name in agents]
        # With one agent there is no doubt who should take what no condition takes.
        yield State.REFUSED, Reason.NO_ROUTE.value, tuple(found or last[: len(last) == 1])


def _guard_fixes(guard: ExplainedGuard) -> Iterator[Fix]:
    yield from guard.fixes
    for part in guard.parts:
        yield from _guard_fixes(part)


def _optional(whole: Explanation) -> tuple[Fix, ...]:
    """Return the fixes of variables that are empty though something near is there."""
    return tuple(fix for value in whole.variables for fix in value.fixes)


def _variables(
    mapping: SourceMapping, context: ExplainContext, agent: str | None
) -> Iterator[ExplainedVariable]:
    named = [explained_variable(variable, context) for variable in mapping.variables]
    yield from named
    if mapping.passthrough is None:
        return
    names = {each.name for each in named}
    for each in explained_copies(mapping.passthrough, context):
        if each.name not in names:
            names.add(each.name)
            yield each
    for name in mapping.agent_variables.get(agent or "", ()):
        if name not in names:
            yield ExplainedVariable(name=name, kind="copied", source=mapping.passthrough.path.text)


def _moment(source: PathSource | None, context: ExplainContext) -> ExplainedMoment | None:
    if source is None:
        return None
    fault = faulted(lambda: source.first(context.view))
    moment = None if fault.reason else read_moment(source.first(context.view))
    text = "" if moment is None else moment.isoformat()
    return ExplainedMoment(look=trace_path(source, context), text=text, fault=fault)


def _timezone(source: PathSource | None, context: ExplainContext) -> ExplainedMoment | None:
    if source is None:
        return None
    fault = faulted(lambda: source.first(context.view))
    found: Any = "" if fault.reason else source.first(context.view)
    name = fold(found) if isinstance(found, str) else ""
    text = name if name and is_time_zone(name) else ""
    return ExplainedMoment(look=trace_path(source, context), text=text, fault=fault)


def _dedupe(
    dedupe: Dedupe, context: ExplainContext, phone: str, texts: Mapping[str, str]
) -> ExplainedDedupe:
    parts = tuple(trace_path(part, context) for part in dedupe.key)
    fault = faulted(lambda: dedupe.keys(context.view, phone, texts))
    if fault.reason:
        return ExplainedDedupe(used="none", window_s=0, parts=parts, fault=fault)
    key = dedupe.keys(context.view, phone, texts)[0]
    # The default key alone depends on the phone.
    other = dedupe.keys(context.view, f"{phone}0", texts)[0]
    used = "explicit" if dedupe.key and key == other else "default"
    return ExplainedDedupe(used=used, window_s=int(key.window.total_seconds()), parts=parts)
