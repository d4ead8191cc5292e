"""Stand-ins for unset variables, so that the rest of a file can still be checked.

Nobody lists keys here: each key's own reader says which text it takes, and a key that is checked
later than by its reader names a text beside its type (`StandIn`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from adapter.compiler.fields.shape import Shape
from adapter.compiler.yaml.environment import STAND_IN

# One text for each kind of reader: a word, a flag, a count, a time, an address, a network.
_CANDIDATES = (
    STAND_IN,
    "dry_run",
    "true",
    "5",
    "5m",
    "https://unset.invalid/",
    "https://unset.invalid",
    "127.0.0.1:0",
    "192.0.2.0/32",
    "sqlite:///unset.db",
    "$.unset",
)


@dataclass(frozen=True, slots=True)
class StandIn:
    """Beside a type: the text that stands for an unset variable there."""

    text: str


def stand_ins(shape: type[Shape]) -> dict[str, str]:
    """Return the text for each key of a shape and of the shapes within, by the key's name.

    Keys that take no text at all, such as those of maps, are left out.
    """
    named: dict[str, str] = {}
    readers: dict[str, list[Any]] = {}
    for within in _shapes(shape, set()):
        for key, name in within.fields_by_key().items():
            annotation = _annotation(within.model_fields[name])
            readers.setdefault(key, []).append(annotation)
            named.update((key, mark.text) for mark in _marks(annotation))
    found = {key: _accepted(annotations) for key, annotations in readers.items()}
    return {key: text for key, text in found.items() if text is not None} | named


def _annotation(field: FieldInfo) -> Any:
    annotation: Any = field.annotation
    for mark in field.metadata:
        annotation = Annotated[annotation, mark]
    return annotation


def _accepted(annotations: Sequence[Any]) -> str | None:
    """Return a text that most of the shapes which share a key take there; None if none does."""
    adapters: list[TypeAdapter[Any]] = [TypeAdapter(annotation) for annotation in annotations]
    words = [word for annotation in annotations for word in _words(annotation)]
    takers = {
        text: sum(_takes(adapter, text) for adapter in adapters) for text in (*_CANDIDATES, *words)
    }
    best = max(takers, key=lambda text: takers[text])
    return best if takers[best] else None


def _words(annotation: Any) -> Iterator[str]:
    """Yield the words of a type that takes a few fixed ones."""
    if get_origin(annotation) is Literal:
        yield from (word for word in get_args(annotation) if isinstance(word, str))
    else:
        for part in get_args(annotation):
            yield from _words(part)


def _takes(adapter: TypeAdapter[Any], text: str) -> bool:
    for value in (text, [text]):
        try:
            adapter.validate_python(value)
        except ValidationError:
            continue
        return True
    return False


def _marks(annotation: Any) -> Iterator[StandIn]:
    """Yield the marks of a type, and of the types that it is made of; not those of shapes."""
    if get_origin(annotation) is Annotated:
        yield from (mark for mark in annotation.__metadata__ if isinstance(mark, StandIn))
    for part in get_args(annotation):
        yield from _marks(part)


def _shapes(annotation: Any, seen: set[type[Shape]]) -> Iterator[type[Shape]]:
    """Yield a shape, and every shape that its fields hold."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        if annotation in seen:
            return
        seen.add(annotation)
        yield annotation
        for field in annotation.model_fields.values():
            yield from _shapes(field.annotation, seen)
    for part in get_args(annotation):
        yield from _shapes(part, seen)
