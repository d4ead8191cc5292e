"""The keys of a mapping's values: variables, their transforms, and the phone."""

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator, Field, Tag, model_validator

from adapter.compiler.fields.patterns import REGION, one_of_texts, one_or_many
from adapter.compiler.fields.rules import Rule, beside, never_beside
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    Count,
    FilledText,
    Flag,
    PathText,
    Scalar,
    Shape,
    TemplateText,
    as_filled,
    as_list,
    broken_rule,
    expected,
    text_or_map,
)
from adapter.config.path_shape import FROM_DESCRIPTION, Origin, PathSpec

NAMED_TRANSFORMS = "lower, upper, title, first_word, last_word, digits, strip_html"
_TRANSFORM_EXPECTED = (
    f"one of {NAMED_TRANSFORMS}, or a map with one of the keys date, replace, truncate"
)
_VALUE_EXPECTED = "a path such as $.name, a constant, or a map with path, template or const"


class TransformShape(Shape):
    """A transform that takes arguments."""

    one_of: ClassVar[tuple[str, ...]] = ("date", "replace", "truncate")
    rules: ClassVar[tuple[Rule, ...]] = (beside("timezone", "date"),)

    date: FilledText | None = Field(
        default=None,
        description="Writes ISO 8601 or epoch seconds or milliseconds in this format: %d/%m/%Y.",
    )
    timezone: FilledText | None = Field(
        default=None,
        description="Beside date: the time zone to write it in, such as Europe/Madrid.",
    )
    replace: list[str] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="A regular expression, and the text to put in place of its matches.",
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
    BeforeValidator(as_filled, json_schema_input_type=one_of_texts(*NAMED_TRANSFORMS.split(", "))),
]
TransformSpec: TypeAlias = Annotated[
    Annotated[_TransformName, Tag(TEXT)] | Annotated[TransformShape, Tag(MAP)],
    text_or_map(_TRANSFORM_EXPECTED),
]
TransformSpecs: TypeAlias = Annotated[
    list[TransformSpec],
    BeforeValidator(as_list, json_schema_input_type=one_or_many(TransformSpec)),
]


class ValueShape(Shape):
    """A value: path → text → join → map → transform → default if empty → required."""

    one_of: ClassVar[tuple[str, ...]] = ("path", "template", "const")
    rules: ClassVar[tuple[Rule, ...]] = (beside("join", "path"), never_beside("const", "from"))

    path: PathText | None = Field(default=None, description="The JSONPath to read.")
    template: TemplateText | None = Field(
        default=None, description='Text with paths in braces: "{$.first} {$.last}".'
    )
    const: Scalar | None = Field(
        default=None, description="A constant, such as one that starts with a dollar sign."
    )
    from_: Origin | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
    join: str | None = Field(
        default=None, description="Joins all matches with this text; default the first match."
    )
    map: dict[str, Scalar] | None = Field(
        default=None, description="Replaces the text by this table; without an entry: empty."
    )
    transform: TransformSpecs | None = Field(
        default=None,
        description=f"One transform or a list: {NAMED_TRANSFORMS}, or date, replace, truncate.",
    )
    default: Scalar | None = Field(default=None, description="The text where there is none.")
    required: Flag = Field(default=False, description="Refuses the call where the text is empty.")
    false_is_empty: Flag = Field(default=False, description="Makes a false the empty text.")

    @model_validator(mode="after")
    def _check_origin(self) -> "ValueShape":
        if self.join is not None and self.path is None:
            raise broken_rule("join stands beside path only")
        if self.from_ is not None and self.const is not None:
            raise broken_rule("a constant is read from nowhere: drop from")
        return self


ValueSpec: TypeAlias = Annotated[
    Annotated[Scalar, Tag(TEXT)] | Annotated[ValueShape, Tag(MAP)], text_or_map(_VALUE_EXPECTED)
]


def _region_text(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("text: put it in quotes")
    return value


_RegionCode: TypeAlias = Annotated[
    str, BeforeValidator(_region_text, json_schema_input_type=REGION)
]


class RegionShape(Shape):
    """The country of national numbers, read from the webhook."""

    path: PathText = Field(description="Where the country stands.")
    from_: Origin | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
    map: dict[str, _RegionCode] = Field(
        default={}, description="What stands there → its ISO code: {Spain: ES}."
    )
    default: _RegionCode | None = Field(default=None, description="The ISO code for all else.")


def _region(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("an ISO code such as ES, or a map with path")
    return value


RegionSpec: TypeAlias = Annotated[
    Annotated[str, BeforeValidator(_region, json_schema_input_type=REGION), Tag(TEXT)]
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
    from_: Origin | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
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
