"""Stand-ins for unset variables, so that the rest of a file can still be checked.

Nobody lists keys here: the way to a value leads through the shapes to its own reader, which says
which text it takes; a key that is checked later than by its reader names a text beside its type
(`StandIn`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from adapter.compiler.fields.shape import Shape
from adapter.compiler.yaml.environment import STAND_IN
from adapter.compiler.yaml.marks import Place

# One text for each kind of reader: a word, a flag, a count, a time, an address, a network.
_CANDIDATES = (
    STAND_IN,
    "dry_run",
    "true",
    "5",
    "5m",
    "5s",
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


def stand_in_of(shape: type[Shape]) -> Callable[[Place], str]:
    """Return what gives the text for an unset variable at a place of a shape's map.

    It is STAND_IN where the key there takes no text at all, or where there is no such key.
    """

    def stand_in(place: Place) -> str:
        readers: list[Any] = [shape]
        for step in place:
            readers = [inner for reader in readers for inner in _within(reader, step)]
        return next(iter(_texts(readers)), STAND_IN)

    return stand_in


def _within(annotation: Any, step: str | int) -> Iterator[Any]:
    """Yield the types of what a key or an index leads to, in a value of this type."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        name = annotation.fields_by_key().get(str(step))
        if name is not None:
            yield _annotation(annotation.model_fields[name])
        return
    container, parts = get_origin(annotation), get_args(annotation)
    if container is list and isinstance(step, int):
        yield parts[0]
    elif container is dict and isinstance(step, str):
        yield parts[1]
    elif container is Annotated:
        yield from _within(parts[0], step)
    elif container not in (list, dict):
        for part in parts:
            yield from _within(part, step)


def _annotation(field: FieldInfo) -> Any:
    annotation: Any = field.annotation
    for mark in field.metadata:
        annotation = Annotated[annotation, mark]
    return annotation


def _texts(annotations: Sequence[Any]) -> Iterator[str]:
    """Yield the texts that a value of these types may be: the named ones first."""
    for annotation in annotations:
        yield from (mark.text for mark in _marks(annotation))
    for annotation in annotations:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)
        for text in (*_CANDIDATES, *_words(annotation)):
            if _takes(adapter, text):
                yield text


def _words(annotation: Any) -> Iterator[str]:
    """Yield the words of a type that takes a few fixed ones."""
    if get_origin(annotation) is Literal:
        yield from (word for word in get_args(annotation) if isinstance(word, str))
    else:
        for part in get_args(annotation):
            yield from _words(part)


def _takes(adapter: TypeAdapter[Any], text: str) -> bool:
    try:
        adapter.validate_python(text)
    except ValidationError:
        return False
    return True


def _marks(annotation: Any) -> Iterator[StandIn]:
    """Yield the marks of a type, and of the types that it is made of; not those of shapes."""
    if get_origin(annotation) is Annotated:
        yield from (mark for mark in annotation.__metadata__ if isinstance(mark, StandIn))
    for part in get_args(annotation):
        yield from _marks(part)
