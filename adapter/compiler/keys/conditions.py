"""Conditions, as `when` and `ping` have them → guards that mapping/ runs; None where impossible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from adapter.compiler.fields.patterns import NUMERIC, REASON
from adapter.compiler.fields.rules import Rule, any_of, never_beside
from adapter.compiler.fields.shape import (
    FilledText,
    Flag,
    PathText,
    Scalar,
    Shape,
    as_list,
    as_reason,
    broken_rule,
    default_of,
)
from adapter.compiler.keys.paths import (
    FROM_DESCRIPTION,
    OriginWord,
    attempt,
    source_at,
    warn_of_ascii,
    whole,
)
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.mapping.guards import (
    OPERATORS,
    AllOf,
    AnyOf,
    Comparison,
    Guard,
    Not,
    compile_comparison,
)
from adapter.mapping.mapping import NamedGuard
from adapter.mapping.paths import compile_path
from adapter.mapping.values import PathSource

COMBINATIONS = ("any", "all", "not")


class ConditionShape(Shape):
    """One comparison of what a path finds, or a combination of conditions."""

    one_of: ClassVar[tuple[str, ...]] = (*OPERATORS, *COMBINATIONS)
    rules: ClassVar[tuple[Rule, ...]] = (
        any_of("path", *COMBINATIONS),
        *(never_beside(key, "path", "from") for key in COMBINATIONS),
    )

    path: PathText | None = Field(default=None, description="The JSONPath whose matches count.")
    from_: OriginWord | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
    equals: Scalar | None = Field(
        default=None,
        description="Holds if a match has this text; numbers and booleans count by their text.",
    )
    not_equals: Scalar | None = Field(default=None, description="Holds if no match has this text.")
    in_: list[Scalar] | None = Field(
        default=None,
        alias="in",
        description="Holds if a match is one of these.",
        json_schema_extra={"minItems": 1},
    )
    not_in: list[Scalar] | None = Field(
        default=None,
        description="Holds if no match is one of these.",
        json_schema_extra={"minItems": 1},
    )
    matches: FilledText | None = Field(
        default=None,
        description="Holds if this regular expression is found in the first 1,000 characters of"
        " a match.",
    )
    exists: Flag | None = Field(
        default=None,
        description="`true`: holds if there is a match that is not null; `false`: if there is"
        " none.",
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
        default=str(default_of(NamedGuard, "reason")),
        description="The reason of calls for which this does not hold.",
    )


ConditionShape.model_rebuild()


GuardShape.model_rebuild()


def named_guards(
    shapes: list[GuardShape | None] | None, place: Place, findings: Findings
) -> tuple[NamedGuard, ...] | None:
    """Compile `when`."""
    made: list[NamedGuard | None] = []
    for n, shape in enumerate(shapes or []):
        guard = None if shape is None else condition(shape, (*place, n), findings)
        made.append(
            None if guard is None or shape is None else NamedGuard(guard=guard, reason=shape.reason)
        )
    return whole(made)


def all_conditions(
    shapes: Sequence[ConditionShape], place: Place, findings: Findings
) -> Guard | None:
    """Compile conditions that must all hold; one stands for itself."""
    guards = _guards(shapes, place, findings)
    if guards is None:
        return None
    return guards[0] if len(guards) == 1 else AllOf(guards=guards)


def condition(shape: ConditionShape, place: Place, findings: Findings) -> Guard | None:
    """Compile one condition with what stands inside it."""
    operator = next(key for key in (*OPERATORS, *COMBINATIONS) if key in shape.given())
    if operator in COMBINATIONS:
        return _combination(shape, operator, (*place, operator), findings)
    return _comparison(shape, operator, place, findings)


def _combination(
    shape: ConditionShape, operator: str, place: Place, findings: Findings
) -> Guard | None:
    guards = _guards(_operand(shape, operator), place, findings)
    if guards is None:
        return None
    if operator == "not":
        return Not(guard=AllOf(guards=guards))
    return AnyOf(guards=guards) if operator == "any" else AllOf(guards=guards)


def _comparison(
    shape: ConditionShape, operator: str, place: Place, findings: Findings
) -> Comparison | None:
    source = source_at(shape.path or "", shape.from_, (*place, "path"), findings)
    # A bad operand is reported even where the path is bad too.
    stand_in = source or PathSource(path=compile_path("$"))
    operand = _operand(shape, operator)
    if operator == "matches":
        warn_of_ascii(str(operand), (*place, operator), findings)
    made = attempt(
        findings,
        (*place, operator),
        OPERATORS[operator].expected,
        lambda: compile_comparison(stand_in, operator, operand),
    )
    return None if source is None else made


def _guards(
    shapes: Sequence[ConditionShape], place: Place, findings: Findings
) -> tuple[Guard, ...] | None:
    return whole([condition(shape, (*place, n), findings) for n, shape in enumerate(shapes)])


def _operand(shape: Shape, operator: str) -> Any:
    return getattr(shape, shape.fields_by_key()[operator])
