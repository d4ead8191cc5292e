"""One mapping file → a Source, or all of its problems."""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from adapter.compiler.fields.patterns import VARIABLE_NAMES, one_or_many
from adapter.compiler.fields.shape import (
    Count,
    FilledText,
    Flag,
    PathText,
    Shape,
    SourceName,
    as_list,
    default_of,
)
from adapter.compiler.fields.validation import read_fields, with_defaults
from adapter.compiler.keys.auth import AuthShapes, auth_check
from adapter.compiler.keys.conditions import GuardShape, named_guards
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.keys.decode import CharsetName, ContentType, DecodeShape, decode
from adapter.compiler.keys.dedupe import DedupeShape, dedupe
from adapter.compiler.keys.examples import ExampleShape, examples
from adapter.compiler.keys.handshake import HandshakeShape, handshake
from adapter.compiler.keys.lookup import LookupSpec, check_unanswered, lookups
from adapter.compiler.keys.paths import (
    PathSpec,
    one_path,
    path_source,
)
from adapter.compiler.keys.phone import PhoneSpec, phone_rule
from adapter.compiler.keys.respond import RespondSpec, respond
from adapter.compiler.keys.routes import RouteShape, check_supply, routes
from adapter.compiler.keys.variables import ANY_NAME, ValueSpec, passthrough, variables
from adapter.compiler.yaml.findings import Findings
from adapter.config.source import Source
from adapter.mapping.mapping import SourceMapping
from adapter.webhook.auth.proof import Check

_Method: TypeAlias = Literal["GET", "POST"]


class MappingShape(Shape):
    """mappings/NAME.yaml: how one source proves itself, and what calls its webhooks make."""

    use: SourceName | None = Field(
        default=None,
        description="Another mapping of the folder, whose top-level keys but `examples` this one"
        " inherits; a key that stands here replaces the inherited one.",
    )
    description: str | None = Field(default=None, description="What this source is, for people.")
    enabled: Flag = Field(
        default=default_of(Source, "is_enabled"),
        description="`false` parks the source: its URL answers 503, and the sender tries again"
        " later; default `true`.",
    )
    methods: Annotated[
        list[_Method], BeforeValidator(as_list, json_schema_input_type=one_or_many(_Method))
    ] = Field(
        default=sorted(default_of(Source, "methods")),
        description="`[GET]` to take GET too; POST is always taken.",
    )
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
    content_type: ContentType | None = Field(
        default=None,
        description="What a body is, whatever its sender says: `application/json`,"
        " `application/x-www-form-urlencoded`, `multipart/form-data` or `application/xml`.",
    )
    charset: CharsetName | None = Field(
        default=None,
        description="The charset of bodies, whatever their sender says, such as `windows-1252`.",
    )
    decode: DecodeShape | None = Field(
        default=None,
        description="Texts inside the document that are documents themselves, parsed in place.",
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
        default=None, description="The agent that rings; or write `routes`."
    )
    routes: Annotated[list[RouteShape], Field(min_length=1)] | None = Field(
        default=None,
        description="Instead of `agent`: agents by condition, the first that holds rings.",
    )
    phone: PhoneSpec = Field(description="Where the number stands: a path, or a map.")
    variables: dict[str, ValueSpec] | None = Field(
        default=None,
        description='The variables of the agent\'s script; `"*"` copies every scalar of an object.',
        json_schema_extra=VARIABLE_NAMES,
    )
    occurred_at: PathSpec | None = Field(
        default=None,
        description="A path to the time when the lead happened, a day alone until it ends"
        " everywhere; default when it was received.",
    )
    timezone: PathSpec | None = Field(
        default=None,
        description="A path to the time zone of who is called, such as Europe/Madrid; default"
        " what the agent's `calling_hours` say.",
    )
    lookup: LookupSpec | None = Field(
        default=None,
        description="The GET that fetches the record which a webhook only names, for `$.lookup`;"
        " or several by name, in order, for `$.lookup.<name>`.",
    )
    burst: Annotated[Count, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description="A brake: more webhooks than this in a minute hold the source's calls for a"
        " person; default none.",
    )
    dedupe: DedupeShape | None = Field(default=None, description="What makes two calls the same.")
    examples: list[ExampleShape] | None = Field(
        default=None,
        description="Requests and the calls they must make; `adapter check` runs them.",
    )


def compile_mapping(name: str, findings: Findings, context: MappingContext) -> Source | None:
    """Compile the sheet of a mapping file; None where anything but a warning was found.

    Every key is compiled, whatever was wrong with the others: all problems come in one run.
    """
    read = read_fields(MappingShape, findings.sheet.value, (), findings)
    fields = with_defaults(MappingShape, read)
    shapes = fields.get("auth")
    auth = auth_check(shapes, ("auth",), context, findings) if shapes else None
    mapping = _mapping(fields, findings, context)
    source = _source(name, fields, findings, auth, mapping)
    return None if findings.has_errors else source


def _source(
    name: str,
    fields: dict[str, Any],
    findings: Findings,
    auth: Check | None,
    mapping: SourceMapping | None,
) -> Source | None:
    shape = fields.get("handshake")
    asked = handshake(shape, ("handshake",), findings) if shape else None
    json_paths, xml_paths = decode(fields["decode"], ("decode",), findings)
    check_unanswered((*json_paths, *xml_paths), ("decode",), fields.get("lookup"), findings)
    shown = examples(fields.get("examples"), name, ("examples",), findings)
    if auth is None or mapping is None:
        return None
    return Source(
        name=name,
        description=fields.get("description") or "",
        is_enabled=fields["enabled"],
        methods=default_of(Source, "methods") | set(fields["methods"]),
        auth=auth,
        handshake=asked,
        respond=respond(fields["respond"]),
        mapping=replace(
            mapping,
            content_type=fields["content_type"] or "",
            charset=fields["charset"] or "",
            decode_json=json_paths,
            decode_xml=xml_paths,
        ),
        burst=fields.get("burst"),
        examples=shown,
        file=findings.sheet.file,
    )


def _mapping(
    fields: dict[str, Any], findings: Findings, context: MappingContext
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
    same = dedupe(fields["dedupe"], ("dedupe",), findings)
    asked = lookups(fields.get("lookup"), ("lookup",), findings)
    check_unanswered([item], ("each",), fields.get("lookup"), findings)
    known = MappingShape.fields_by_key()
    rungs = routes(fields, findings, context, known)
    check_supply(fields, findings, context, known)
    if (
        rule is None
        or supplied is None
        or guards is None
        or same is None
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
        max_items=context.max_items,
        agent_variables={name: needed or () for name, needed in context.agent_variables.items()},
        occurred_at=moment,
        timezone=zone,
        dedupe=same,
        lookups=asked,
    )
