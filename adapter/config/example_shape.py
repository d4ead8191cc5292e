"""The keys of a mapping's examples."""

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

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
    for key, each in value.items():
        if isinstance(each, dict) or (
            isinstance(each, list) and any(isinstance(one, dict | list) for one in each)
        ):
            raise broken_rule("a form is flat: write keys with brackets, 'a[b]': text", key)
    return {key: "" if each is None else each for key, each in value.items()}


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
