"""The keys of a mapping file."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, Tag

from adapter.compiler.fields.patterns import DURATION, VARIABLE_NAMES, one_of_texts, one_or_many
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    Count,
    FilledText,
    Flag,
    HeaderName,
    PathText,
    Secrets,
    Shape,
    SourceName,
    as_list,
    expected,
    text_or_map,
    within,
)
from adapter.config.auth_shape import AuthShapes
from adapter.config.example_shape import ExampleShape
from adapter.config.lookup_shape import LookupSpec
from adapter.config.path_shape import Conditions, GuardShape, PathSpec, PathSpecs, PathTexts
from adapter.config.value_shape import PhoneSpec, ValueSpec

SALESFORCE_ACK = "salesforce_ack"
_Method: TypeAlias = Literal["GET", "POST"]
_WINDOW = within(timedelta(seconds=1), timedelta(days=366), "from 1s to 366d")


class RouteShape(Shape):
    """An agent, and the conditions under which it rings."""

    when: Conditions | None = Field(
        default=None, description="Conditions that must all hold; without any, this always does."
    )
    agent: FilledText = Field(description="The agent's name in adapter.yaml.")


class DedupeShape(Shape):
    """What makes two calls the same."""

    key: PathSpecs | None = Field(
        default=None, description="Paths whose texts name a lead; default phone and variables."
    )
    window: (
        Annotated[timedelta, BeforeValidator(_WINDOW, json_schema_input_type=DURATION)] | None
    ) = Field(default=None, description="For how long; default 4d with a key, 24h without one.")


class DecodeShape(Shape):
    """Strings inside the document that are documents themselves; parsed in place."""

    json_: PathTexts | None = Field(
        default=None, alias="json", description="Paths of strings that hold JSON."
    )
    xml: PathTexts | None = Field(default=None, description="Paths of strings that hold XML.")


class MetaShape(Shape):
    """Meta's challenge."""

    verify_token: Secrets = Field(description="The token that Meta was told to send.")


class LinkedInShape(Shape):
    """LinkedIn's challenge."""

    client_secret: Secrets = Field(
        description="The app's client secret; of several, the first signs."
    )


class HandshakeShape(Shape):
    """The challenge that a sender asks when it is set up; answered before auth."""

    one_of: ClassVar[tuple[str, ...]] = (
        "meta",
        "linkedin",
        "echo",
        "echo_json",
        "echo_header",
        "ping",
    )

    meta: MetaShape | None = Field(default=None, description="GET with hub.challenge, as Meta.")
    linkedin: LinkedInShape | None = Field(
        default=None, description="GET with challengeCode, as LinkedIn."
    )
    echo: PathText | None = Field(
        default=None, description="Answers a body that has this path with what stands there."
    )
    echo_json: PathText | None = Field(
        default=None, description="The same as JSON: {key: text}, as monday.com; $.key alone."
    )
    echo_header: HeaderName | None = Field(
        default=None, description="Answers a request that has this header with the same header."
    )
    ping: Conditions | None = Field(
        default=None, description="Answers 200 to a request for which these conditions hold."
    )


class RespondShape(Shape):
    """The answer to every stored webhook, for senders that want a certain one."""

    status: Annotated[Count, Field(ge=200, le=599)] | None = Field(
        default=None, description="The HTTP status."
    )
    body: str | None = Field(default=None, description="The body.")
    content_type: FilledText | None = Field(default=None, description="The body's content type.")


def _respond(value: Any) -> str:
    if value != SALESFORCE_ACK:
        raise expected(f"{SALESFORCE_ACK}, or a map with status, body, content_type")
    return SALESFORCE_ACK


RespondSpec: TypeAlias = Annotated[
    Annotated[
        str,
        BeforeValidator(_respond, json_schema_input_type=one_of_texts(SALESFORCE_ACK)),
        Tag(TEXT),
    ]
    | Annotated[RespondShape, Tag(MAP)],
    text_or_map(f"{SALESFORCE_ACK}, or a map with status, body, content_type"),
]


class MappingShape(Shape):
    """mappings/NAME.yaml: how one source proves itself, and what calls its webhooks make."""

    use: SourceName | None = Field(
        default=None,
        description="Another mapping of the folder, whose top-level keys but examples this one"
        " inherits; a key that stands here overrides the inherited one.",
    )
    description: str | None = Field(default=None, description="What this source is, for people.")
    enabled: Flag = Field(default=True, description="false parks the source: its URL answers 503.")
    methods: Annotated[
        list[_Method], BeforeValidator(as_list, json_schema_input_type=one_or_many(_Method))
    ] = Field(default=["POST"], description="GET, to accept that too; POST is always accepted.")
    auth: AuthShapes = Field(
        description="How the sender proves itself: several keys in a map must all hold, of a list"
        " of maps any may."
    )
    handshake: HandshakeShape | None = Field(
        default=None, description="The challenge that the sender asks when it is set up."
    )
    respond: RespondSpec | None = Field(
        default=None, description="The answer that the sender wants for a stored webhook."
    )
    decode: DecodeShape | None = Field(
        default=None, description="Strings inside the document to parse in place."
    )
    each: PathText | None = Field(
        default=None, description="One call for each match; the item is then `$`."
    )
    when: (
        Annotated[
            list[GuardShape],
            BeforeValidator(as_list, json_schema_input_type=GuardShape | list[GuardShape]),
        ]
        | None
    ) = Field(default=None, description="Guards: all must hold, else the call is ignored.")
    agent: FilledText | None = Field(
        default=None, description="The agent that rings; or write routes."
    )
    routes: Annotated[list[RouteShape], Field(min_length=1)] | None = Field(
        default=None, description="Agents by condition: the first that holds rings."
    )
    phone: PhoneSpec = Field(description="Where the number stands: a path, or a map.")
    variables: dict[str, ValueSpec] | None = Field(
        default=None,
        description='The call\'s variables; "*" copies every scalar of an object.',
        json_schema_extra=VARIABLE_NAMES,
    )
    occurred_at: PathSpec | None = Field(
        default=None, description="When the lead happened; default when it was received."
    )
    timezone: PathSpec | None = Field(
        default=None,
        description="Where the callee's time zone stands, such as Europe/Madrid; default what the"
        " agent's calling_hours say.",
    )
    lookup: LookupSpec | None = Field(
        default=None,
        description="The GET that fetches the record which the webhook only names, for $.lookup;"
        " or several by name, in order, for $.lookup.<name>.",
    )
    burst: Annotated[Count, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description="A brake: more webhooks than this in a minute hold the source's calls for a"
        " person; default none.",
    )
    dedupe: DedupeShape | None = Field(default=None, description="What makes two calls the same.")
    examples: list[ExampleShape] | None = Field(
        default=None, description="Requests and the calls they must make; adapter check runs them."
    )
