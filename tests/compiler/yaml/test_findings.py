"""What a problem may show of a file, and what it never does."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

import pytest

from adapter.compiler.fields.shape import Credential, Hidden, Secrets, Shape
from adapter.compiler.keys.adapter_yaml import AdapterShape
from adapter.compiler.keys.agents import AgentShape
from adapter.compiler.keys.mapping import MappingShape
from adapter.compiler.yaml.findings import SECRET_KEYS


def shown_secrets(shape: type[Shape], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the places of secrets in a shape at which a problem would show what stands there."""
    for key, name in shape.fields_by_key().items():
        place = (*above, key)
        if key in SECRET_KEYS or key in above:
            continue
        field = shape.model_fields[name]
        annotation: Any = field.annotation
        for mark in field.metadata:
            annotation = Annotated[annotation, mark]
        for part in parts(annotation):
            if isinstance(part, Hidden):
                yield place
            elif isinstance(part, type) and issubclass(part, Shape):
                yield from shown_secrets(part, place)


def parts(annotation: Any) -> Iterator[Any]:
    """Yield a type, the types that it is made of, and what is told beside them."""
    yield annotation
    for part in get_args(annotation):
        yield from parts(part)


@pytest.mark.parametrize("shape", [AdapterShape, AgentShape, MappingShape])
def test_no_problem_shows_a_secret(shape: type[Shape]) -> None:
    """Whatever is read as a secret stands at or below a key that is never shown."""
    assert list(shown_secrets(shape)) == []


def test_a_secret_at_a_new_key_would_be_found() -> None:
    """The search itself is not blind."""

    class Scheme(Shape):
        password: Secrets

    class New(Shape):
        bearer: Credential
        scheme: Scheme | None = None

    assert list(shown_secrets(New)) == [("bearer",), ("scheme", "password")]
