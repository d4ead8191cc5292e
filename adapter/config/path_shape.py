"""The keys of whatever reads something out of a webhook: paths and conditions."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, Tag, model_validator

from adapter.compiler.fields.patterns import NUMERIC, PATH, REASON, one_or_many
from adapter.compiler.fields.rules import Rule, any_of, never_beside
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    FilledText,
    Flag,
    PathText,
    Scalar,
    Shape,
    as_list,
    as_reason,
    broken_rule,
    text_or_map,
)

PATH_EXPECTED = "a JSONPath, such as $.phone"
OPERATORS = ("equals", "not_equals", "in", "not_in", "matches", "exists", "gt", "lt")
COMBINATIONS = ("any", "all", "not")

Origin: TypeAlias = Literal["document", "query", "headers"]
FROM_DESCRIPTION = (
    "What the path reads instead: query, headers, or document, which is all of it where each made"
    " items of it."
)


class PathShape(Shape):
    """A path, and what it reads."""

    path: PathText = Field(description="The JSONPath.")
    from_: Origin | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)


PathSpec: TypeAlias = Annotated[
    Annotated[PathText, Tag(TEXT)] | Annotated[PathShape, Tag(MAP)], text_or_map(PATH_EXPECTED)
]
PathSpecs: TypeAlias = Annotated[
    list[PathSpec],
    BeforeValidator(as_list, json_schema_input_type=PathSpec | list[PathSpec]),
    Field(min_length=1),
]
PathTexts: TypeAlias = Annotated[
    list[PathText],
    BeforeValidator(as_list, json_schema_input_type=one_or_many(PATH)),
    Field(min_length=1),
]


class ConditionShape(Shape):
    """One comparison of what a path finds, or a combination of conditions."""

    one_of: ClassVar[tuple[str, ...]] = (*OPERATORS, *COMBINATIONS)
    rules: ClassVar[tuple[Rule, ...]] = (
        any_of("path", *COMBINATIONS),
        *(never_beside(key, "path", "from") for key in COMBINATIONS),
    )

    path: PathText | None = Field(default=None, description="The JSONPath whose matches count.")
    from_: Origin | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
    equals: Scalar | None = Field(default=None, description="Holds if a match equals this.")
    not_equals: Scalar | None = Field(default=None, description="Holds if no match equals this.")
    in_: list[Scalar] | None = Field(
        default=None,
        alias="in",
        description="Holds if a match equals one of these.",
        json_schema_extra={"minItems": 1},
    )
    not_in: list[Scalar] | None = Field(
        default=None,
        description="Holds if no match equals any of these.",
        json_schema_extra={"minItems": 1},
    )
    matches: FilledText | None = Field(
        default=None,
        description="Holds if this regular expression is found in the first 1,000 characters of"
        " a match.",
    )
    exists: Flag | None = Field(
        default=None, description="Holds if there is a match that is not null (true) or none."
    )
    gt: Scalar | None = Field(
        default=None,
        description="Holds if a match is a greater number.",
        json_schema_extra=NUMERIC,
    )
    lt: Scalar | None = Field(
        default=None,
        description="Holds if a match is a lesser number.",
        json_schema_extra=NUMERIC,
    )
    any: Conditions | None = Field(
        default=None, description="Holds if any of these conditions holds."
    )
    all: Conditions | None = Field(
        default=None, description="Holds if all of these conditions hold."
    )
    not_: Conditions | None = Field(
        default=None, alias="not", description="Holds if not all of these conditions do."
    )

    @model_validator(mode="after")
    def _check_path(self) -> ConditionShape:
        is_comparison = not self.given() & set(COMBINATIONS)
        if is_comparison and self.path is None:
            raise broken_rule("a comparison needs a path: add path: $.…")
        if not is_comparison and self.given() & {"path", "from"}:
            raise broken_rule("path and from belong into the conditions inside")
        return self


Conditions: TypeAlias = Annotated[
    list[ConditionShape],
    BeforeValidator(as_list, json_schema_input_type=ConditionShape | list[ConditionShape]),
    Field(min_length=1),
]


class GuardShape(ConditionShape):
    """A condition of `when`, with the reason of the calls that it turns away."""

    reason: Annotated[str, BeforeValidator(as_reason, json_schema_input_type=REASON)] = Field(
        default="guard", description="The reason of calls for which this does not hold."
    )


ConditionShape.model_rebuild()
GuardShape.model_rebuild()
