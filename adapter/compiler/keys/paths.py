"""Paths and conditions of a mapping → what mapping/ runs; None where that is impossible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar

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
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.errors import CompileError
from adapter.mapping.guards import AllOf, AnyOf, Comparison, Guard, Not, compile_comparison
from adapter.mapping.mapping import NamedGuard
from adapter.mapping.paths import Path, compile_path
from adapter.mapping.values import Origin, PathSource

PATH_EXPECTED = "a JSONPath, such as $.phone"
OPERATORS = ("equals", "not_equals", "in", "not_in", "matches", "exists", "gt", "lt")
COMBINATIONS = ("any", "all", "not")
OriginWord: TypeAlias = Literal["document", "query", "headers"]
FROM_DESCRIPTION = (
    "What the path reads instead: query, headers, or document, which is all of it where each made"
    " items of it."
)


class PathShape(Shape):
    """A path, and what it reads."""

    path: PathText = Field(description="The JSONPath.")
    from_: OriginWord | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)


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
    from_: OriginWord | None = Field(default=None, alias="from", description=FROM_DESCRIPTION)
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


T = TypeVar("T")
_OPERANDS = {
    "matches": "a regular expression",
    "exists": "true or false",
    "gt": "a number, such as 18",
    "lt": "a number, such as 18",
}


def attempt(findings: Findings, place: Place, expected: str, build: Callable[[], T]) -> T | None:
    """Return what a constructor of intake or mapping makes, or report what it refuses."""
    try:
        return build()
    except CompileError as error:
        findings.add_error(place, error, expected)
    except ValueError as error:
        findings.add_error(place, error, expected)
    return None


def whole(parts: Sequence[T | None]) -> tuple[T, ...] | None:
    """Return the parts, or None if any of them could not be made."""
    made = tuple(part for part in parts if part is not None)
    return made if len(made) == len(parts) else None


def one_path(text: str, place: Place, findings: Findings) -> Path | None:
    """Compile a path."""
    return attempt(findings, place, PATH_EXPECTED, lambda: compile_path(text))


def all_paths(texts: list[str] | None, place: Place, findings: Findings) -> tuple[Path, ...]:
    """Compile paths; those that cannot be are reported and left out."""
    made = [one_path(text, (*place, n), findings) for n, text in enumerate(texts or [])]
    return tuple(path for path in made if path is not None)


def path_source(
    spec: str | PathShape | None, place: Place, findings: Findings
) -> PathSource | None:
    """Compile a path that may say where it reads."""
    if spec is None:
        return None
    text, origin = (spec, None) if isinstance(spec, str) else (spec.path, spec.from_)
    return source_at(text, origin, (*place, "path"), findings)


def source_at(text: str, origin: str | None, place: Place, findings: Findings) -> PathSource | None:
    """Compile a path whose `from` stands beside it."""
    path = one_path(text, place, findings)
    return None if path is None else PathSource(path=path, origin=origin_of(origin))


def origin_of(origin: str | None) -> Origin:
    """Return what `from` names; the item (without `each` the document) where it is not written."""
    return Origin.ITEM if origin is None else Origin(origin)


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
    wanted = _OPERANDS.get(operator, "text, a number, true or false")
    made = attempt(
        findings,
        (*place, operator),
        wanted,
        lambda: compile_comparison(stand_in, operator, operand),
    )
    return None if source is None else made


def _guards(
    shapes: Sequence[ConditionShape], place: Place, findings: Findings
) -> tuple[Guard, ...] | None:
    return whole([condition(shape, (*place, n), findings) for n, shape in enumerate(shapes)])


def _operand(shape: Shape, operator: str) -> Any:
    return getattr(shape, shape.fields_by_key()[operator])
