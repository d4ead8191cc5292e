"""One mapping file → a Source, or all of its problems."""

from typing import Any

from adapter.compiler.fields.validation import read_fields
from adapter.compiler.keys.auth import auth_check, handshake
from adapter.compiler.keys.examples import examples
from adapter.compiler.keys.lookup import check_unanswered, lookups
from adapter.compiler.keys.paths import all_paths, named_guards, one_path, path_source, whole
from adapter.compiler.keys.phone import phone_rule
from adapter.compiler.keys.routes import Surroundings, check_supply, routes
from adapter.compiler.keys.variables import ANY_NAME, passthrough, variables
from adapter.compiler.yaml.findings import Findings
from adapter.config.config import Source
from adapter.config.mapping_shape import (
    SALESFORCE_ACK,
    DecodeShape,
    DedupeShape,
    MappingShape,
    RespondShape,
)
from adapter.mapping.mapping import Dedupe, SourceMapping
from adapter.webhook.answers import SALESFORCE_ACK as SALESFORCE_ACK_ANSWER
from adapter.webhook.answers import Respond
from adapter.webhook.auth.checks import Check

__all__ = ["Surroundings", "compile_mapping"]


def compile_mapping(name: str, findings: Findings, around: Surroundings) -> Source | None:
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
        decode_json=json_paths,
        decode_xml=xml_paths,
        mapping=mapping,
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
    fields: dict[str, Any], findings: Findings, around: Surroundings
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
    rungs = routes(fields, findings, around)
    check_supply(fields, findings, around)
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
