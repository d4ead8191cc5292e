"""The keys of a mapping's look-ups."""

import re
from datetime import timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag

from adapter.compiler.fields import patterns
from adapter.compiler.fields.shape import (
    Credential,
    HeaderName,
    Shape,
    as_filled,
    expected,
    within,
)

LOOKUP_EXPECTED = "a map with url, or a map of such maps by name"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
LONE, NAMED = "(lone)", "(named)"
_NO_OTHERS: patterns.Json = {"additionalProperties": False}
_TIMEOUT = within(timedelta(milliseconds=50), timedelta(minutes=1), "from 50ms to 1m")


class LookupShape(Shape):
    """One GET of the record that a webhook only names."""

    url: Annotated[str, BeforeValidator(as_filled, json_schema_input_type=patterns.LOOKUP_URL)] = (
        Field(
            description="The record's address, https (or http to this machine only), with paths in"
            ' braces after the host: "https://api.example.com/leads/{$.id}".'
        )
    )
    headers: dict[HeaderName, Credential] = Field(
        default={},
        description='Headers of the request: {Authorization: "Bearer ${TOKEN}"}.',
        json_schema_extra=_NO_OTHERS,
    )
    timeout: Annotated[
        timedelta, BeforeValidator(_TIMEOUT, json_schema_input_type=patterns.DURATION)
    ] = Field(default=timedelta(seconds=10), description="How long one request may take.")


def _kind(value: Any) -> str | None:
    """Tell one look-up from several, which are maps by names of their own."""
    if isinstance(value, BaseModel):
        return LONE
    if not isinstance(value, dict):
        return None
    is_lone = value.keys() & LookupShape.fields_by_key().keys()
    are_maps = bool(value) and all(isinstance(each, dict) for each in value.values())
    return NAMED if are_maps and not is_lone else LONE


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise expected("a name of letters, digits and '_', for $.lookup.<name>")
    return value


LookupSpec: TypeAlias = Annotated[
    Annotated[LookupShape, Tag(LONE)]
    | Annotated[
        dict[
            Annotated[str, BeforeValidator(_name, json_schema_input_type=patterns.WORD)],
            LookupShape,
        ],
        Field(json_schema_extra={**_NO_OTHERS, "minProperties": 1}),
        Tag(NAMED),
    ],
    Discriminator(_kind, custom_error_type="expected", custom_error_message=LOOKUP_EXPECTED),
]
