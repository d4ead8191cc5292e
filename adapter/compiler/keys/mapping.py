"""One mapping file → a Source, or all of its problems."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, Tag

from adapter.compiler.fields.patterns import DURATION, VARIABLE_NAMES, one_of_texts, one_or_many
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    Count,
    FilledText,
    Flag,
    PathText,
    Shape,
    SourceName,
    as_list,
    expected,
    text_or_map,
    within,
)
from adapter.compiler.fields.validation import read_fields
from adapter.compiler.keys.auth import AuthShapes, auth_check
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.keys.examples import ExampleShape, examples
from adapter.compiler.keys.handshake import HandshakeShape, handshake
from adapter.compiler.keys.lookup import LookupSpec, check_unanswered, lookups
from adapter.compiler.keys.paths import (
    GuardShape,
    PathSpec,
    PathSpecs,
    PathTexts,
    all_paths,
    named_guards,
    one_path,
    path_source,
    whole,
)
from adapter.compiler.keys.phone import PhoneSpec, phone_rule
from adapter.compiler.keys.routes import RouteShape, check_supply, routes
from adapter.compiler.keys.variables import ANY_NAME, ValueSpec, passthrough, variables
from adapter.compiler.yaml.findings import Findings
from adapter.config.source import Source
from adapter.mapping.mapping import Dedupe, SourceMapping
from adapter.webhook.answers import SALESFORCE_ACK as SALESFORCE_ACK_ANSWER
from adapter.webhook.answers import Respond
from adapter.webhook.auth.checks import Check

SALESFORCE_ACK = "salesforce_ack"
_Method: TypeAlias = Literal["GET", "POST"]
_WINDOW = within(timedelta(seconds=1), timedelta(days=366), "from 1s to 366d")


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


class RespondShape(Shape):
    """The answer to every stored webhook, for senders that want a certain one."""

    status: Annotated[Count, Field(ge=200, le=599)] | None = Field(
        default=None, description="The HTTP status."
    )
    body: str | None = Field(default=None, description="The body.")
    content_type: FilledText | None = Field(default=None, description="The body's content type.")


def _respond_word(value: Any) -> str:
    if value != SALESFORCE_ACK:
        raise expected(f"{SALESFORCE_ACK}, or a map with status, body, content_type")
    return SALESFORCE_ACK


RespondSpec: TypeAlias = Annotated[
    Annotated[
        str,
        BeforeValidator(_respond_word, json_schema_input_type=one_of_texts(SALESFORCE_ACK)),
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


__all__ = ["MappingContext", "compile_mapping"]


def compile_mapping(name: str, findings: Findings, around: MappingContext) -> Source | None:
    """Compile the sheet of a mapping file; None where anything but a warning was found.

    Every key is compiled, whatever was wrong with the others: all problems come in one run.
    """
    fields = read_fields(MappingShape, findings.sheet.value, (), findings)
    shapes = fields.get("auth")
    auth = auth_check(shapes, ("auth",), around, findings) if shapes else None
    mapping = _mapping(fields, findings, around)
    source = _source(name, fields, findings, auth, mapping)
    return None if findings.has_errors else source


def _source(
    name: str,
    fields: dict[str, Any],
    findings: Findings,
    auth: Check | None,
    mapping: SourceMapping | None,
) -> Source | None:
    decode = fields.get("decode") or DecodeShape()
    shape = fields.get("handshake")
    asked = handshake(shape, ("handshake",), findings) if shape else None
    json_paths = all_paths(decode.json_, ("decode", "json"), findings)
    xml_paths = all_paths(decode.xml, ("decode", "xml"), findings)
    check_unanswered((*json_paths, *xml_paths), ("decode",), fields.get("lookup"), findings)
    shown = examples(fields.get("examples"), name, ("examples",), findings)
    if auth is None or mapping is None:
        return None
    return Source(
        name=name,
        description=fields.get("description") or "",
        is_enabled=fields.get("enabled", True),
        methods=frozenset({"POST", *fields.get("methods", ())}),
        auth=auth,
        handshake=asked,
        respond=_respond(fields.get("respond")),
        mapping=replace(mapping, decode_json=json_paths, decode_xml=xml_paths),
        burst=fields.get("burst"),
        examples=shown,
        file=findings.sheet.file,
    )


def _respond(shape: str | RespondShape | None) -> Respond | None:
    if shape is None:
        return None
    if isinstance(shape, str):
        return {SALESFORCE_ACK: SALESFORCE_ACK_ANSWER}[shape]
    return Respond(status=shape.status, body=shape.body, content_type=shape.content_type)


def _mapping(
    fields: dict[str, Any], findings: Findings, around: MappingContext
) -> SourceMapping | None:
    """Compile what makes calls; each part first, so that no fault hides another."""
    each, when = fields.get("each"), fields.get("when")
    rule = phone_rule(fields["phone"], ("phone",), findings) if "phone" in fields else None
    specs = fields.get("variables") or {}
    supplied = variables(specs, ("variables",), findings)
    copied = passthrough(specs[ANY_NAME], ("variables",), findings) if ANY_NAME in specs else None
    guards = named_guards(when, ("when",), findings)
    item = one_path(each, ("each",), findings) if each else None
    moment = path_source(fields.get("occurred_at"), ("occurred_at",), findings)
    zone = path_source(fields.get("timezone"), ("timezone",), findings)
    dedupe = _dedupe(fields.get("dedupe"), findings)
    asked = lookups(fields.get("lookup"), ("lookup",), findings)
    check_unanswered([item], ("each",), fields.get("lookup"), findings)
    known = MappingShape.fields_by_key()
    rungs = routes(fields, findings, around, known)
    check_supply(fields, findings, around, known)
    if (
        rule is None
        or supplied is None
        or guards is None
        or dedupe is None
        or asked is None
        or rungs is None
    ):
        return None
    return SourceMapping(
        each=item,
        when=guards,
        routes=rungs,
        phone=rule,
        variables=supplied,
        passthrough=copied,
        agent_variables={name: needed or () for name, needed in around.agent_variables.items()},
        occurred_at=moment,
        timezone=zone,
        dedupe=dedupe,
        lookups=asked,
    )


def _dedupe(shape: DedupeShape | None, findings: Findings) -> Dedupe | None:
    if shape is None:
        return Dedupe()
    place = ("dedupe", "key")
    parts = whole(
        [path_source(each, (*place, n), findings) for n, each in enumerate(shape.key or [])]
    )
    return None if parts is None else Dedupe(key=parts, window=shape.window)
