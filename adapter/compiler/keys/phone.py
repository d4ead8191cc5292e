"""A mapping's `phone` → the rule that mapping/ runs; None where that is impossible."""

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator, Field, Tag, model_validator

from adapter.compiler.fields.patterns import REGION
from adapter.compiler.fields.rules import Rule, never_beside
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    PathText,
    Shape,
    TemplateText,
    broken_rule,
    expected,
    text_or_map,
)
from adapter.compiler.fields.stand_ins import StandIn
from adapter.compiler.keys.paths import (
    FROM_DESCRIPTION,
    OriginWord,
    PathSpec,
    path_source,
    source_at,
    whole,
)
from adapter.compiler.keys.transforms import TransformSpecs, transforms
from adapter.compiler.keys.variables import template
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.phone import PhoneRule, Region
from adapter.mapping.values import PathSource, Template
from adapter.values.countries import suggest_country
from adapter.values.numbering_plans import is_region


def _region_text(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("text: put it in quotes")
    return value


_RegionCode: TypeAlias = Annotated[
    str, BeforeValidator(_region_text, json_schema_input_type=REGION), StandIn("")
]


class RegionShape(Shape):
    """The country of national numbers, read from the webhook."""

    path: PathText = Field(description="Where the country stands.")
    from_: OriginWord | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
    map: dict[str, _RegionCode] = Field(
        default={},
        description="Words beside the codes and names that are understood: {Iberia: ES}.",
    )
    default: _RegionCode | None = Field(
        default=None, description="The ISO code where no country stands there."
    )


def _region_spec(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("an ISO code such as ES, or a map with path")
    return value


RegionSpec: TypeAlias = Annotated[
    Annotated[
        str, BeforeValidator(_region_spec, json_schema_input_type=REGION), StandIn(""), Tag(TEXT)
    ]
    | Annotated[RegionShape, Tag(MAP)],
    text_or_map("an ISO code such as ES, or a map with path"),
]


class PhoneShape(Shape):
    """Where the number stands."""

    one_of: ClassVar[tuple[str, ...]] = ("path", "paths", "template")
    rules: ClassVar[tuple[Rule, ...]] = (never_beside("paths", "from"),)

    path: PathText | None = Field(default=None, description="The JSONPath of the number.")
    paths: Annotated[list[PathSpec], Field(min_length=1)] | None = Field(
        default=None, description="Several: the first that is a number we may ring wins."
    )
    template: TemplateText | None = Field(
        default=None, description='A number in parts: "+{$.country}{$.number}".'
    )
    from_: OriginWord | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
    transform: TransformSpecs | None = Field(
        default=None, description="One transform or a list, made before the number is read."
    )
    region: RegionSpec | None = Field(
        default=None,
        description="The country of numbers in national form: an ISO code, or where to read it.",
    )

    @model_validator(mode="after")
    def _check_from(self) -> "PhoneShape":
        if self.from_ is not None and self.paths is not None:
            raise broken_rule("write from beside each path: paths: [{path: $.…, from: query}]")
        return self


PhoneSpec: TypeAlias = Annotated[
    Annotated[PathText, Tag(TEXT)] | Annotated[PhoneShape, Tag(MAP)],
    text_or_map("a path such as $.phone, or a map with path, paths or template"),
]


_Source: TypeAlias = PathSource | Template


def phone_rule(spec: str | PhoneShape, place: Place, findings: Findings) -> PhoneRule | None:
    """Compile where the number stands and whose national numbers are meant."""
    shape = PhoneShape.model_validate({"path": spec}) if isinstance(spec, str) else spec
    sources: tuple[_Source, ...] | None = whole(_sources(shape, place, findings))
    region = _region(shape.region, (*place, "region"), findings)
    steps = transforms(shape.transform, (*place, "transform"), findings)
    if sources is None or region is None or steps is None:
        return None
    return PhoneRule(sources=sources, region=region, transforms=steps)


def _sources(shape: PhoneShape, place: Place, findings: Findings) -> list[_Source | None]:
    if shape.paths is not None:
        at = (*place, "paths")
        return [path_source(spec, (*at, n), findings) for n, spec in enumerate(shape.paths)]
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
    near = suggest_country(code)
    hint = f" (did you mean {near}?)" if near else ", such as ES"
    findings.add(place, f"expected an ISO 3166 country code{hint}", shows_found=True)
    return False
