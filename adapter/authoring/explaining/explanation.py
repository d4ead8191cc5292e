"""Why one item of a request became the call that it became: every part of the mapping. Pure.

It walks the compiled mapping a second time, beside `SourceMapping.calls` and never within it, so
that calls are made no slower. Tests hold that the two agree.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, TypeAlias

from adapter.authoring.explaining.guards import (
    GuardSeen,
    RouteSeen,
    WhenSeen,
    routes_seen,
    when_seen,
)
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
from adapter.authoring.explaining.phone import PhoneSeen, phone_seen
from adapter.authoring.explaining.render import Pen
from adapter.authoring.explaining.suggestions import is_several
from adapter.authoring.explaining.variables import ValueSeen, copied_seen, value_seen
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
class MomentSeen:
    """`occurred_at` or `timezone`: what was read, and what it is taken for (`""`: nothing)."""

    look: Look
    text: str = ""
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class DedupeSeen:
    """The key that is used, `explicit` or `default`, its parts, and its window in seconds."""

    used: str
    window_s: int
    parts: tuple[Look, ...] = ()
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class LookupSeen:
    """The first look-up, before its answer: whom it asks, and what it inserts into the address."""

    asks: str
    looks: tuple[Look, ...]
    fault: Fault = NO_FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Every part of a mapping with what it saw; `fixes` are those of what decided.

    With `lookup` it is of a call before its look-up: what that has to tell is not there.
    """

    state: State
    reason: str
    agent: str | None
    when: tuple[WhenSeen, ...]
    routes: tuple[RouteSeen, ...]
    phone: PhoneSeen
    variables: tuple[ValueSeen, ...]
    occurred_at: MomentSeen | None
    timezone: MomentSeen | None
    dedupe: DedupeSeen
    lookup: LookupSeen | None = None
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EachSeen:
    """What `each` met where there is no call at all."""

    look: Look
    fixes: tuple[Fix, ...] = ()


def explain(
    mapping: SourceMapping,
    view: View,
    *,
    pen: Pen | None = None,
    countries: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Explanation, ...]:
    """Return an explanation for each call of a view, in order, up to MOST_CALLS of them."""
    scenes = [
        Scene(view=each, whole=view.document, pen=pen or Pen(), countries=countries or {})
        for each in _views(mapping, view)[:MOST_CALLS]
    ]
    return tuple(_explained(mapping, scene) for scene in scenes)


def each_seen(mapping: SourceMapping, view: View, pen: Pen | None = None) -> EachSeen | None:
    """Return what `each` met; None where the mapping has none."""
    if mapping.each is None:
        return None
    scene = Scene(view=view, whole=view.document, pen=pen or Pen())
    seen = look(PathSource(path=mapping.each), scene, is_several)
    fixes = tuple(Fix(under="", write=f"each: {yaml_text(near)}") for near in seen.near[:1])
    return EachSeen(look=seen, fixes=fixes)


def _views(mapping: SourceMapping, view: View) -> tuple[View, ...]:
    try:
        return mapping.items(view)
    except MappingError:
        return ()


def _explained(mapping: SourceMapping, scene: Scene) -> Explanation:
    early = _early(mapping, scene.view)
    known = mapping if early is None else early
    scene = scene if early is None else replace(scene, view=replace(scene.view, lookup={}))
    routes = routes_seen(known.routes, scene)
    agent = next((route.agent for route in routes if route.is_chosen), None)
    phone = phone_seen(known.phone, scene, agent)
    variables = tuple(_variables(known, scene, agent))
    texts = {each.name: each.text for each in variables if each.name != "*"}
    whole = Explanation(
        state=State.WAITING,
        reason=Reason.NEW.value,
        agent=agent,
        when=when_seen(known.when, scene),
        routes=routes,
        phone=phone,
        variables=variables,
        occurred_at=_moment(known.occurred_at, scene),
        timezone=_timezone(known.timezone, scene),
        dedupe=_dedupe(known.dedupe, scene, phone.e164, texts),
        lookup=None if early is None else _lookup(mapping, scene),
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


def _lookup(mapping: SourceMapping, scene: Scene) -> LookupSeen:
    url = mapping.lookups[0].url
    fault = faulted(lambda: url.filled(scene.view))
    # What the mapping itself has behind the host may be a token.
    asks = "" if fault.reason else f"{url.host}/…"
    return LookupSeen(
        asks=asks, looks=tuple(look(each, scene) for each in url.sources), fault=fault
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


def _routes_end(routes: tuple[RouteSeen, ...]) -> Iterator[_End]:
    yield from _refusals(route.fault for route in routes)
    if not any(route.is_chosen for route in routes):
        found = [fix for route in routes if route.guard for fix in _guard_fixes(route.guard)]
        agents = dict.fromkeys(route.agent for route in routes)
        last = [Fix(under="routes", write=f"- {{agent: {name}}}") for name in agents]
        # With one agent there is no doubt who should take what no condition takes.
        yield State.REFUSED, Reason.NO_ROUTE.value, tuple(found or last[: len(last) == 1])


def _guard_fixes(guard: GuardSeen) -> Iterator[Fix]:
    yield from guard.fixes
    for part in guard.parts:
        yield from _guard_fixes(part)


def _optional(whole: Explanation) -> tuple[Fix, ...]:
    """Return the fixes of variables that are empty though something near is there."""
    return tuple(fix for value in whole.variables for fix in value.fixes)


def _variables(mapping: SourceMapping, scene: Scene, agent: str | None) -> Iterator[ValueSeen]:
    named = [value_seen(variable, scene) for variable in mapping.variables]
    yield from named
    if mapping.passthrough is None:
        return
    names = {each.name for each in named}
    for each in copied_seen(mapping.passthrough, scene):
        if each.name not in names:
            names.add(each.name)
            yield each
    for name in mapping.agent_variables.get(agent or "", ()):
        if name not in names:
            yield ValueSeen(name=name, kind="copied", source=mapping.passthrough.path.text)


def _moment(source: PathSource | None, scene: Scene) -> MomentSeen | None:
    if source is None:
        return None
    fault = faulted(lambda: source.first(scene.view))
    moment = None if fault.reason else read_moment(source.first(scene.view))
    text = "" if moment is None else moment.isoformat()
    return MomentSeen(look=look(source, scene), text=text, fault=fault)


def _timezone(source: PathSource | None, scene: Scene) -> MomentSeen | None:
    if source is None:
        return None
    fault = faulted(lambda: source.first(scene.view))
    found: Any = "" if fault.reason else source.first(scene.view)
    name = fold(found) if isinstance(found, str) else ""
    text = name if name and is_time_zone(name) else ""
    return MomentSeen(look=look(source, scene), text=text, fault=fault)


def _dedupe(dedupe: Dedupe, scene: Scene, phone: str, texts: Mapping[str, str]) -> DedupeSeen:
    parts = tuple(look(part, scene) for part in dedupe.key)
    fault = faulted(lambda: dedupe.keys(scene.view, phone, texts))
    if fault.reason:
        return DedupeSeen(used="none", window_s=0, parts=parts, fault=fault)
    key = dedupe.keys(scene.view, phone, texts)[0]
    # The default key alone depends on the phone.
    other = dedupe.keys(scene.view, f"{phone}0", texts)[0]
    used = "explicit" if dedupe.key and key == other else "default"
    return DedupeSeen(used=used, window_s=int(key.window.total_seconds()), parts=parts)
