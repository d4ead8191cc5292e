"""A mapping's examples → requests and the calls that they must make."""

import json
from typing import Annotated, Any, ClassVar, Literal, TypeAlias
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field, Tag, model_validator

from adapter.compiler.fields.rules import Rule, alone, at_most_one_of, not_empty
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    FilledText,
    Scalar,
    Shape,
    broken_rule,
    expected,
    text_or_map,
)
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.config.source import Example, ExpectedCall
from adapter.model import State
from adapter.values.text import to_text
from adapter.webhook.request import Request


def _quoted(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("text in quotes, as the agent will get it")
    return value


Quoted: TypeAlias = Annotated[str, BeforeValidator(_quoted)]
_FormField: TypeAlias = str | float | bool | None


def _form_fields(value: Any) -> Any:
    """Refuse nested maps here: a form is flat, and its brackets are part of its keys."""
    if not isinstance(value, dict):
        raise expected("a map of fields")
    for key, field in value.items():
        if isinstance(field, dict) or (
            isinstance(field, list) and any(isinstance(one, dict | list) for one in field)
        ):
            raise broken_rule("a form is flat: write keys with brackets, 'a[b]': text", key)
    return {key: "" if field is None else field for key, field in value.items()}


class RequestShape(Shape):
    """The request of an example; one of json, form, text and xml, or none of them."""

    rules: ClassVar[tuple[Rule, ...]] = (at_most_one_of("json", "form", "text", "xml"),)

    json_: Any = Field(default=None, alias="json", description="A JSON document.")
    form: (
        Annotated[
            dict[str, Any],
            BeforeValidator(
                _form_fields, json_schema_input_type=dict[str, _FormField | list[_FormField]]
            ),
        ]
        | None
    ) = Field(default=None, description="Fields of an urlencoded form; a list repeats its key.")
    text: str | None = Field(default=None, description="A body as it is, with content_type.")
    xml: FilledText | None = Field(default=None, description="An XML document as text.")
    content_type: FilledText | None = Field(default=None, description="The header Content-Type.")
    headers: dict[str, Scalar] = Field(default={}, description="More headers.")
    query: (
        Annotated[
            Annotated[str, Tag(TEXT)] | Annotated[dict[str, Scalar], Tag(MAP)],
            text_or_map('a query string such as "a=1&b=2", or a map'),
        ]
        | None
    ) = Field(default=None, description="The query: a string as it is in the URL, or a map.")
    method: Literal["POST", "GET"] = Field(default="POST", description="POST or GET.")

    @model_validator(mode="after")
    def _check_one_body(self) -> "RequestShape":
        given = sorted(self.model_fields_set & {"json_", "form", "text", "xml"})
        if len(given) > 1:
            raise broken_rule("expected at most one of json, form, text, xml")
        return self


class ExpectedCallShape(Shape):
    """What must become of one item: a call, or the reason why there is none."""

    rules: ClassVar[tuple[Rule, ...]] = (not_empty(), alone("refused"), alone("ignored"))

    agent: FilledText | None = Field(default=None, description="The agent that rings.")
    phone: Quoted | None = Field(default=None, description='The phone: "+34612345678", quoted.')
    variables: dict[str, Quoted] | None = Field(
        default=None, description="All variables of the call, as text."
    )
    refused: FilledText | None = Field(
        default=None, description="The reason why it cannot be called, such as phone_missing."
    )
    ignored: FilledText | None = Field(
        default=None, description="The reason why it should not be called: a guard's."
    )

    @model_validator(mode="after")
    def _check_kind(self) -> "ExpectedCallShape":
        given = self.given()
        if not given:
            raise broken_rule("expected a call (agent, phone, variables), or refused, or ignored")
        if given & {"refused", "ignored"} and len(given) > 1:
            raise broken_rule("refused or ignored stands alone: there is no call then")
        return self


class ExampleShape(Shape):
    """A request, and the calls that the mapping must make of it."""

    name: FilledText = Field(description="What this example shows.")
    request: RequestShape = Field(description="The request, without whatever proves its sender.")
    lookup: Any = Field(
        default=None,
        description="What the look-up is answered, as $.lookup has it (for several: by name);"
        " without it the calls are those before the look-up.",
    )
    calls: list[ExpectedCallShape] = Field(
        description="The calls in order; an empty list where the mapping finds no item."
    )


JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
XML = "application/xml"
TEXT = "text/plain"


# Documentation addresses (RFC 5737): an example comes from nowhere.
_CLIENT = "192.0.2.1"


def examples(
    shapes: list[ExampleShape | None] | None, source: str, place: Place, findings: Findings
) -> tuple[Example, ...]:
    """Compile the sound ones of a mapping's examples."""
    return tuple(
        _example(shape, source, findings.line((*place, n)))
        for n, shape in enumerate(shapes or [])
        if shape is not None
    )


def _example(shape: ExampleShape, source: str, line: int) -> Example:
    return Example(
        name=shape.name,
        line=line,
        request=example_request(shape.request, source),
        lookup=shape.lookup,
        calls=tuple(_expected_call(call) for call in shape.calls),
    )


def example_request(shape: RequestShape, source: str) -> Request:
    """Return the request as a sender's would come in, without any proof of who sent it."""
    body, content_type = _body(shape)
    headers = {name.lower(): _text(value) for name, value in shape.headers.items()}
    content_type = shape.content_type or content_type
    if content_type:
        headers["content-type"] = content_type
    query = shape.query or ""
    return Request(
        method=shape.method,
        path=f"/hooks/{source}",
        query=query if isinstance(query, str) else _urlencoded(query),
        headers=tuple(headers.items()),
        body=body,
        client=_CLIENT,
    )


def _body(shape: RequestShape) -> tuple[bytes, str]:
    if "json_" in shape.model_fields_set:
        return json.dumps(shape.json_, ensure_ascii=False).encode("utf-8", "replace"), JSON
    if shape.form is not None:
        return _urlencoded(shape.form).encode(), FORM
    if shape.xml is not None:
        return shape.xml.encode(), XML
    return (b"", "") if shape.text is None else (shape.text.encode(), TEXT)


def _urlencoded(fields: dict[str, Any]) -> str:
    pairs = [
        (name, _text(one))
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return urlencode(pairs)


def _text(value: Any) -> str:
    # Text goes out as it stands: to_text would already decode what the mapping has to.
    return value if isinstance(value, str) else to_text(value)


def _expected_call(shape: ExpectedCallShape) -> ExpectedCall:
    if shape.refused is not None:
        return ExpectedCall(state=State.REFUSED, reason=shape.refused)
    if shape.ignored is not None:
        return ExpectedCall(state=State.IGNORED, reason=shape.ignored)
    return ExpectedCall(
        state=State.WAITING, agent=shape.agent, phone=shape.phone, variables=shape.variables
    )
