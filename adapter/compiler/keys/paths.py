"""Paths of a mapping → what mapping/ runs; None where that is impossible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import BeforeValidator, Field, Tag

from adapter.compiler.fields.patterns import PATH, one_or_many
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    PathText,
    Shape,
    as_list,
    text_or_map,
)
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.errors import CompileError
from adapter.mapping.paths import Path, compile_path
from adapter.mapping.patterns import narrower_classes
from adapter.mapping.values import Origin, PathSource

PATH_EXPECTED = "a JSONPath, such as $.phone"
OriginWord: TypeAlias = Literal["document", "query", "headers"]
FROM_DESCRIPTION = (
    "What the path reads instead: `query`, `headers`, or `document`, which is all of it where"
    " `each` made items of it."
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


T = TypeVar("T")


def attempt(findings: Findings, place: Place, expected: str, build: Callable[[], T]) -> T | None:
    """Return what a constructor of intake or mapping makes, or report what it refuses."""
    try:
        return build()
    except CompileError as error:
        findings.add_error(place, error, expected)
    except ValueError as error:
        findings.add_error(place, error, expected)
    return None


def warn_of_ascii(pattern: str, place: Place, findings: Findings) -> None:
    """Warn where a regular expression means less than its writer may think."""
    classes = narrower_classes(pattern)
    if classes:
        message = f"{classes} {'mean' if ',' in classes else 'means'} ASCII only: for letters and"
        findings.add(
            place, f"{message} digits of all languages write \\pL and \\pN", is_warning=True
        )


def whole(parts: Sequence[T | None]) -> tuple[T, ...] | None:
    """Return the parts, or None if any of them could not be made."""
    made = tuple(part for part in parts if part is not None)
    return made if len(made) == len(parts) else None


def one_path(text: str, place: Place, findings: Findings) -> Path | None:
    """Compile a path."""
    if "=~" in text:
        warn_of_ascii(text, place, findings)
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
