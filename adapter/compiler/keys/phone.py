"""A mapping's `phone` → the rule that mapping/ runs; None where that is impossible."""

from typing import TypeAlias

from adapter.compiler.keys.paths import path_source, source_at, whole
from adapter.compiler.keys.variables import template
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.value_shape import PhoneShape, RegionShape
from adapter.mapping.phone import PhoneRule, Region, is_region, suggest_region
from adapter.mapping.values import PathSource, Template

_Source: TypeAlias = PathSource | Template


def phone_rule(spec: str | PhoneShape, place: Place, findings: Findings) -> PhoneRule | None:
    """Compile where the number stands and whose national numbers are meant."""
    shape = PhoneShape.model_validate({"path": spec}) if isinstance(spec, str) else spec
    sources: tuple[_Source, ...] | None = whole(_sources(shape, place, findings))
    region = _region(shape.region, (*place, "region"), findings)
    return None if sources is None or region is None else PhoneRule(sources=sources, region=region)


def _sources(shape: PhoneShape, place: Place, findings: Findings) -> list[_Source | None]:
    if shape.paths is not None:
        at = (*place, "paths")
        return [path_source(each, (*at, n), findings) for n, each in enumerate(shape.paths)]
    if shape.template is not None:
        return [template(shape.template, shape.from_, (*place, "template"), findings)]
    return [source_at(shape.path or "", shape.from_, (*place, "path"), findings)]


def _region(spec: str | RegionShape | None, place: Place, findings: Findings) -> Region | None:
    if spec is None or isinstance(spec, str):
        # An empty text is what ${REGION:-} leaves: no region.
        code = (spec or "").strip()
        return Region(fixed=code or None) if is_region_code(code, place, findings) else None
    source = source_at(spec.path, spec.from_, (*place, "path"), findings)
    for key, code in spec.map.items():
        is_region_code(code, (*place, "map", key), findings)
    default = (spec.default or "").strip()
    is_region_code(default, (*place, "default"), findings)
    if source is None:
        return None
    return Region(path=source, map=spec.map, default=default or None)


def is_region_code(code: str, place: Place, findings: Findings) -> bool:
    """Say whether a text is a country's code or empty, and report it if not."""
    if not code or is_region(code):
        return True
    near = suggest_region(code)
    hint = f" (did you mean {near}?)" if near else ", such as ES"
    findings.add(place, f"expected an ISO 3166 country code{hint}", shows_found=True)
    return False
