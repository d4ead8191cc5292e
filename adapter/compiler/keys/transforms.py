"""The key `transform` of a variable → transforms that mapping/ runs; None where impossible."""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, TypeAlias

from pydantic import BeforeValidator, Field, Tag, model_validator

from adapter.compiler.fields.patterns import one_of_texts, one_or_many
from adapter.compiler.fields.rules import Rule, beside
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    Count,
    FilledText,
    Shape,
    as_filled,
    as_list,
    broken_rule,
    text_or_map,
)
from adapter.compiler.fields.stand_ins import StandIn
from adapter.compiler.keys.paths import attempt, warn_of_ascii, whole
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.transforms import (
    NAMED_TRANSFORMS,
    TRANSFORMS_WITH_SETTING,
    Transform,
    date_transform,
    named_transform,
    replace_transform,
    truncate_transform,
)

_NAMED = ", ".join(NAMED_TRANSFORMS)
_WITH_SETTING = ", ".join(TRANSFORMS_WITH_SETTING)
_TRANSFORM_EXPECTED = f"one of {_NAMED}, or a map with one of the keys {_WITH_SETTING}"
TRANSFORM_WORDS = f"{_NAMED}, or {_WITH_SETTING}"


class TransformShape(Shape):
    """A transform that takes arguments."""

    one_of: ClassVar[tuple[str, ...]] = tuple(TRANSFORMS_WITH_SETTING)
    rules: ClassVar[tuple[Rule, ...]] = (beside("timezone", "date"),)

    date: FilledText | None = Field(
        default=None,
        description="Reads ISO 8601, or seconds or milliseconds since 1970, and writes this"
        " format; what is no date becomes empty.",
    )
    timezone: Annotated[FilledText, StandIn("UTC")] | None = Field(
        default=None,
        description="Beside `date`: the time zone to write it in, such as Europe/Madrid.",
    )
    replace: list[str] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="A regular expression, and the text to put in place of its matches in the"
        " first 1,000 characters; groups are `\\1`.",
    )
    truncate: Annotated[Count, Field(ge=1, le=10_000)] | None = Field(
        default=None, description="The greatest number of characters to keep."
    )

    @model_validator(mode="after")
    def _check_timezone(self) -> "TransformShape":
        if self.timezone is not None and self.date is None:
            raise broken_rule("timezone stands beside date only")
        return self


_TransformName: TypeAlias = Annotated[
    str,
    BeforeValidator(as_filled, json_schema_input_type=one_of_texts(*NAMED_TRANSFORMS)),
]


TransformSpec: TypeAlias = Annotated[
    Annotated[_TransformName, Tag(TEXT)] | Annotated[TransformShape, Tag(MAP)],
    text_or_map(_TRANSFORM_EXPECTED),
]


TransformSpecs: TypeAlias = Annotated[
    list[TransformSpec],
    BeforeValidator(as_list, json_schema_input_type=one_or_many(TransformSpec)),
]


def transforms(
    specs: list[str | TransformShape] | None, place: Place, findings: Findings
) -> tuple[Transform, ...] | None:
    """Compile `transform`."""
    made = [_transform(spec, (*place, n), findings) for n, spec in enumerate(specs or [])]
    return whole(made)


def _transform(spec: str | TransformShape, place: Place, findings: Findings) -> Transform | None:
    if isinstance(spec, str):
        wanted = f"one of {_NAMED}"
        return attempt(findings, place, wanted, lambda: named_transform(spec))
    key = next(key for key in TRANSFORMS_WITH_SETTING if key in spec.given())
    return _COMPILED[key](spec, (*place, key), findings)


def _date(spec: TransformShape, place: Place, findings: Findings) -> Transform | None:
    text, timezone = spec.date or "", spec.timezone
    wanted = "a format such as %d/%m/%Y"
    made = attempt(findings, place, wanted, lambda: date_transform(text, None))
    if timezone is None or made is None:
        return made
    wanted = "a time zone such as Europe/Madrid"
    at = (*place[:-1], "timezone")
    return attempt(findings, at, wanted, lambda: date_transform(text, timezone))


def _replace(spec: TransformShape, place: Place, findings: Findings) -> Transform | None:
    pattern, text = spec.replace or ("", "")
    warn_of_ascii(pattern, place, findings)
    wanted = "a regular expression and the text for its matches"
    return attempt(findings, place, wanted, lambda: replace_transform(pattern, text))


def _truncate(spec: TransformShape, place: Place, findings: Findings) -> Transform | None:
    return truncate_transform(spec.truncate or 1)


_COMPILED: Mapping[str, Callable[[TransformShape, Place, Findings], Transform | None]] = {
    "date": _date,
    "replace": _replace,
    "truncate": _truncate,
}
