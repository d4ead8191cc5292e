"""Each path of `phone` in order, the region of its number, and what became of it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from adapter.authoring.explaining.phone_candidates import is_for, may_be_number, number_places
from adapter.authoring.explaining.places import first_match, places
from adapter.authoring.explaining.suggestions import Allowed, inside
from adapter.authoring.yaml_text import yaml_text
from adapter.errors import MappingError
from adapter.mapping.mapping import Trace
from adapter.mapping.phone import NumberTrace, PhoneRule, Region, RegionTrace
from adapter.mapping.values import Origin, PathSource, Template
from adapter.model import Reason
from adapter.values.countries import country_code, suggest_country
from adapter.values.phone_numbers import read_phone
from adapter.values.text import fold

_COUNTRY_KEY = re.compile(r"(?i)country|nation|pa[ií]s|pays|^land$|region|iso_?2")
_LACKS_REGION = frozenset({Reason.PHONE_INVALID, Reason.COUNTRY_UNKNOWN})
_LEAST_DIGITS = 4
_HOMELESS = (
    "this is a national number, and no region says whose: write its country's ISO code under phone,"
    " as in region: ES, or set PHONE_REGION in the environment where the mapping reads it, as in"
    ' region: "${PHONE_REGION:-}"'
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedRegion:
    """Whose national numbers are meant, `""` where nothing tells; `told` says where from."""

    code: str = ""
    told: str = ""
    look: PathTrace | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedTry:
    """One path or template: what it gave, and the number or the reason why it is none."""

    source: str
    looks: tuple[PathTrace, ...]
    text: str = ""
    e164: str = ""
    fault: Fault = NO_FAULT
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedPhone:
    """The tries as far as the first number that may be rung."""

    tries: tuple[ExplainedTry, ...]
    region: ExplainedRegion
    e164: str = ""
    fault: Fault = NO_FAULT
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


def explained_phone(rule: PhoneRule, trace: Trace, context: ExplainContext) -> ExplainedPhone:
    """Return what became of each path; hints where none gave a number."""
    region = _explained_region(rule.region, trace.phone.region, context)
    numbers = zip(rule.sources, trace.phone.tries, strict=False)  # none after the first number
    tries = tuple(_tried(source, number, context) for source, number in numbers)
    fault = fault_of(trace.faults.get("phone"))
    phone = ExplainedPhone(tries=tries, region=region, e164=tries[-1].e164, fault=fault)
    return _advised(rule, phone, context, trace.agent) if fault.reason else phone


def _advised(
    rule: PhoneRule, phone: ExplainedPhone, context: ExplainContext, agent: str | None
) -> ExplainedPhone:
    """Return what became of each path, with what would give a number."""
    near = [_path_fix(rule, at, tried) for at, tried in enumerate(phone.tries) if _nearest(tried)]
    lacks_region = phone.fault.reason in _LACKS_REGION
    regions = _regions(rule, phone, context, agent) if lacks_region else []
    homeless = [_HOMELESS] if _is_homeless(phone) else []
    is_elsewhere = not near and not regions
    part, code, shown = _part(rule, context), phone.region.code, context.renderer.text
    numbers = number_places(part, _written(rule), code) if is_elsewhere else []
    return replace(
        phone,
        hints=(
            *(hint for hint, _ in regions),
            *(homeless if not regions else ()),
            *(f"a number that could be rung stands at {shown(at)}" for at in numbers),
        ),
        fixes=(
            *near[:1],
            *(fix for _, fix in regions[:1] if len(regions) == 1),
            *(_number_fix(rule, at) for at in numbers[:1] if not homeless),
        ),
    )


def _is_homeless(seen: ExplainedPhone) -> bool:
    """Whether what was found is a number at home, of a country that nobody tells."""
    text = next((tried.text for tried in seen.tries if tried.text), "")
    is_number = sum(sign.isdecimal() for sign in text) >= _LEAST_DIGITS
    is_number = is_number and not any(sign.isalpha() for sign in text)
    is_abroad = text.startswith(("+", "00", "\uff0b"))
    is_invalid = seen.fault.reason == Reason.PHONE_INVALID
    return is_invalid and is_number and not is_abroad and not seen.region.code


def _written(rule: PhoneRule) -> tuple[str, ...]:
    """Return all paths that the mapping names for the phone."""
    return tuple(part.path.text for source in rule.sources for part in _paths_of(source))


def _part(rule: PhoneRule, context: ExplainContext) -> Any:
    """Return what the first path reads, which is where another number can be named."""
    first = next(iter(_paths_of(rule.sources[0])))
    return first.part_of(context.view)


def _explained_region(
    region: Region, trace: RegionTrace, context: ExplainContext
) -> ExplainedRegion:
    code, text = trace.code, trace.text
    if region.path is None:
        told = "fixed in the mapping" if code else "none in the mapping"
        return ExplainedRegion(code=code, told=told)
    written, path = context.renderer.json(text), region.path.path.text
    if trace.is_unknown:
        named = f"{written} names no country that is understood{_suggested(text)}"
        told = named if text else f"{path} found no text that names a country"
    elif text:
        told = f"{written} by its map" if trace.is_mapped else f"read at {path}"
    else:
        told = f"{path} found nothing" + (", so its default" if code else "")
    return ExplainedRegion(code=code, told=told, look=trace_path(region.path, context))


def _suggested(text: str) -> str:
    near = suggest_country(text) if text else None
    return f"; write map: {{{yaml_text(text, in_flow=True)}: {near}}}" if near else ""


def _tried(
    source: PathSource | Template, number: NumberTrace, context: ExplainContext
) -> ExplainedTry:
    paths = _paths_of(source)
    looks = tuple(
        trace_path(path, context, may_be_number, allowed=is_for((path.path.text,)))
        for path in paths
    )
    fault, hints = fault_of(number.fault), list[str]()
    if fault.reason == Reason.NOT_A_SCALAR:
        hints, looks = _inside(paths, looks, context)
    return ExplainedTry(
        source=source.path.text if isinstance(source, PathSource) else source.text,
        looks=looks,
        text=number.text,
        e164=number.e164,
        fault=fault,
        hints=tuple(hints),
    )


def _inside(
    paths: list[PathSource], looks: tuple[PathTrace, ...], context: ExplainContext
) -> tuple[list[str], tuple[PathTrace, ...]]:
    told: list[str] = []
    seen: list[PathTrace] = []
    for source, look in zip(paths, looks, strict=True):
        found = source.first(context.view)
        if isinstance(found, list | dict):
            part = source.part_of(context.view)
            path = source.path.text
            near = inside(path, part, context.renderer, "number", _numbers_of(path, part))
            told += near.told
            seen.append(replace(look, near=near.paths))
        else:
            seen.append(look)
    return told, tuple(seen)


def _numbers_of(written: str, part: Any) -> Allowed:
    """Return whether a path leads to what may be a number of those whom the written one names."""
    names_nobody_else = is_for((written,))
    return lambda path: names_nobody_else(path) and may_be_number(first_match(path, part))


def _paths_of(source: PathSource | Template) -> list[PathSource]:
    if isinstance(source, PathSource):
        return [source]
    return [part for part in source.parts if isinstance(part, PathSource)]


def _nearest(seen: ExplainedTry) -> str:
    return next((look.near[0] for look in seen.looks if look.near), "")


def _path_fix(rule: PhoneRule, at: int, seen: ExplainedTry) -> Fix:
    near, source = _nearest(seen), rule.sources[at]
    if isinstance(source, Template):
        missed = next(look.path for look in seen.looks if look.near)
        written = yaml_text(source.text.replace(missed, near), in_flow=True)
        return Fix(under="phone", write=f"template: {written}")
    if len(rule.sources) > 1:
        return Fix(under="phone.paths", write=f"- {yaml_text(near)}")
    if _is_bare(rule):
        return Fix(under="", write=f"phone: {yaml_text(near)}")
    return Fix(under="phone", write=f"path: {yaml_text(near)}")


def _region_fix(rule: PhoneRule, region: str) -> Fix:
    source = rule.sources[0]
    if isinstance(source, PathSource) and _is_bare(rule):
        path = yaml_text(source.path.text, in_flow=True)
        return Fix(under="", write=f"phone: {{path: {path}, region: {region}}}")
    return Fix(under="phone", write=f"region: {region}")


def _number_fix(rule: PhoneRule, path: str) -> Fix:
    if _is_bare(rule):
        return Fix(under="", write=f"phone: {yaml_text(path)}")
    texts = [source.path.text for source in rule.sources if isinstance(source, PathSource)]
    paths = ", ".join(yaml_text(text, in_flow=True) for text in [*texts, path])
    return Fix(under="phone", write=f"paths: [{paths}]")


def _is_bare(rule: PhoneRule) -> bool:
    """Whether the mapping may have written no more than a path."""
    is_one = len(rule.sources) == 1 and rule.region == Region()
    only = rule.sources[0]
    return is_one and isinstance(only, PathSource) and only.origin is Origin.ITEM


def _regions(
    rule: PhoneRule, seen: ExplainedPhone, context: ExplainContext, agent: str | None
) -> list[tuple[str, Fix]]:
    """Return the regions that would mend the number, of those that document or agent suggest."""
    text = next((tried.text for tried in seen.tries if tried.text), "")
    found: dict[str, tuple[str, Fix]] = {}
    for code, why, written in (*_written_regions(context), *_agents_regions(context, agent)):
        if code in found or code == seen.region.code:
            continue
        if _is_number(text, code):
            hint = f"with region: {code} it would be a number ({why})"
            found[code] = (hint, _region_fix(rule, written))
    return list(found.values())


def _is_number(text: str, region: str) -> bool:
    try:
        read_phone(text, region)
    except MappingError:
        return False
    return True


def _written_regions(context: ExplainContext) -> Iterator[tuple[str, str, str]]:
    for place in places(context.view.document):
        if not _COUNTRY_KEY.search(place.key) or not isinstance(place.value, str):
            continue
        text = fold(place.value)
        code = suggest_country(text)
        if code:
            path = yaml_text(place.path, in_flow=True)
            word = f", map: {{{yaml_text(text, in_flow=True)}: {code}}}"
            table = "" if country_code(text) == code else word
            why = f"{context.renderer.text(place.path)} says {context.renderer.json(text)}"
            yield code, why, f"{{path: {path}{table}}}"


def _agents_regions(context: ExplainContext, agent: str | None) -> Iterator[tuple[str, str, str]]:
    for code in sorted(context.countries.get(agent or "", ())):
        yield code, f"agent {agent!r} may ring there", code
