"""The key `respond`: the answer to every stored webhook."""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, Tag

from adapter.compiler.fields.patterns import one_of_texts
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    Count,
    FilledText,
    Shape,
    expected,
    text_or_map,
)
from adapter.webhook.answers import SALESFORCE_ACK, Respond

# The answers that have a name, by it.
_NAMED = {"salesforce_ack": SALESFORCE_ACK}
_EXPECTED = f"{', '.join(_NAMED)}, or a map with status, body, content_type"


class RespondShape(Shape):
    """The answer to every stored webhook, for senders that want a certain one."""

    status: Annotated[Count, Field(ge=200, le=599)] | None = Field(
        default=None, description="The HTTP status."
    )
    body: str | None = Field(default=None, description="The body.")
    content_type: FilledText | None = Field(default=None, description="The body's content type.")


def _respond_word(value: Any) -> str:
    if value not in _NAMED:
        raise expected(_EXPECTED)
    return str(value)


RespondSpec: TypeAlias = Annotated[
    Annotated[
        str,
        BeforeValidator(_respond_word, json_schema_input_type=one_of_texts(*_NAMED)),
        Tag(TEXT),
    ]
    | Annotated[RespondShape, Tag(MAP)],
    text_or_map(_EXPECTED),
]


def respond(shape: str | RespondShape | None) -> Respond | None:
    """Compile `respond`."""
    if shape is None:
        return None
    if isinstance(shape, str):
        return _NAMED[shape]
    return Respond(status=shape.status, body=shape.body, content_type=shape.content_type)
