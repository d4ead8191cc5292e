"""The parts of a draft → the text of mappings/NAME.yaml. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapter.authoring.drafting.choose.auth import env_prefix
from adapter.authoring.drafting.choose.keys import is_zoned_moment
from adapter.authoring.drafting.choose.phone_guess import is_company
from adapter.authoring.drafting.choose.phones import PhoneChoice
from adapter.authoring.drafting.choose.variables import VariableChoice
from adapter.authoring.drafting.parts import ExampleParts, Parts
from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.yaml_text import Env, block, flow, scalar

REGION = Env(name="PHONE_REGION", default="")
_REMARK_AT = 38
_MAX_LINE = 110
# What a key stands for → what comes with the same key.
_REPEATS = {
    "record": "however often it is changed",
    "person": "however often that one writes",
}
_FLAGGED = re.compile(r"\[\?\(@\.\w+==(true|false)\)\]")
_EMPTY_REGION = "Set PHONE_REGION to an ISO code, or national numbers are refused."


def write_mapping(parts: Parts, examples: Sequence[ExampleParts]) -> str:
    """Return the file, with remarks where a person may want something else."""
    sections = [
        list(_head(parts)),
        list(_auth(parts)),
        list(_shape(parts)),
        list(_guards(parts)),
        list(_phone(parts)),
        list(_variables(parts)),
        list(_keys(parts)),
        list(_examples(examples)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _remarked(line: str, remark: str) -> str:
    return f"{line:<{_REMARK_AT - 2}}  # {remark}" if remark else line


def _head(parts: Parts) -> Iterator[str]:
    if parts.order.schema:
        yield f"# yaml-language-server: $schema={parts.order.schema}"
    yield "# Drafted by `adapter new` from one captured request: read it through."
    yield "# All keys: docs/mapping.md"
    yield f"description: Webhook of {parts.order.name}"


def _auth(parts: Parts) -> Iterator[str]:
    lines = block("auth", parts.auth.spec)
    if len(lines) == 1 and len(_remarked(lines[0], parts.auth.remark)) <= _MAX_LINE:
        yield _remarked(lines[0], parts.auth.remark)
    else:
        yield f"# {parts.auth.remark}"
        yield from lines
    yield f"agent: {scalar(parts.order.agent)}"
    if parts.method == "GET":
        yield "methods: [GET]"
    if parts.each and parts.each.endswith(".notifications.Notification[*]"):
        yield "respond: salesforce_ack"


def _shape(parts: Parts) -> Iterator[str]:
    if parts.texts:
        one = parts.texts[0] if len(parts.texts) == 1 else list(parts.texts)
        yield from block("decode", {"json": one})
    if parts.each:
        yield _remarked(
            f"each: {scalar(parts.each)}",
            "Write paths from `$`, which is one of these: each rings.",
        )


def _guards(parts: Parts) -> Iterator[str]:
    if not parts.guards:
        return
    yield "when:"
    for guard in parts.guards:
        remark = "" if guard.is_flag else "  # Drop this if other events are leads too."
        yield f"  - {flow(guard.condition)}{remark}"


def phone_paths(choice: PhoneChoice) -> list[str]:
    """Return the paths of the phone; of a primary number and another both, whichever is there."""
    paths: list[str] = []
    for leaf in choice.leaves:
        path = _phone_path(leaf)
        found = _FLAGGED.search(path)
        if found is None:
            paths.append(path)
        else:
            start, end = path[: found.start(1)], path[found.end(1) :]
            paths += [f"{start}true{end}", f"{start}false{end}"]
    return list(dict.fromkeys(paths)) or ["$.phone"]


def _phone_path(leaf: Leaf) -> str:
    if not isinstance(leaf.value, list):
        return leaf.path
    return f"{leaf.path}[0]" if len(leaf.value) == 1 else f"{leaf.path}[*]"


def passed_remark(leaf: Leaf) -> str:
    """Return why a number was not taken, and what to write if it should be."""
    whose = "a company's number" if is_company(leaf) else "not the lead's by its key"
    wanted = "write it as `phone:` if it is the lead's"
    return f"{scalar(leaf.whole_path)} is {whose} and is not taken; {wanted}"


def _phone(parts: Parts) -> Iterator[str]:
    choice = parts.phone
    if not choice.is_found:
        yield "# No phone of the lead was found in the sample: write its place here. Where a"
        yield "# webhook only names a record, fetch the phone with `lookup`: see docs/mapping.md."
        yield from _lookup(parts)
        yield from (f"# {passed_remark(leaf)}." for leaf in choice.passed)
    elif choice.is_company:
        yield "# By its key this is a company's number: make sure that it is the lead who answers."
    spec: dict[str, Any]
    if choice.split is not None:
        spec = {"template": choice.split.template}
    else:
        paths = phone_paths(choice)
        spec = {"paths": paths} if len(paths) > 1 else {"path": paths[0]}
    if choice.split is not None:
        yield from block("phone", spec)
        return
    yield "phone:"
    for name, value in spec.items():
        yield from block(name, value, 2)
    yield from _region(parts)


def _lookup(parts: Parts) -> Iterator[str]:
    """Write a look-up as a remark: nobody but the vendor knows the address of its records."""
    if parts.record is None:
        return
    url = f"https://api.example.com/records/{{{parts.record.path}}}"
    token = Env(name=f"{env_prefix(parts.order.name)}_API_TOKEN")
    yield "# The sample names a record: put in the vendor's address, and the places in its answer."
    yield "# lookup:"
    yield from (f"# {line}" for line in block("url", url, 2))
    yield f'#   headers: {{Authorization: "Bearer {token}"}}'
    yield "# phone: $.lookup.phone"


def _region(parts: Parts) -> Iterator[str]:
    country = parts.phone.country
    default: Any = parts.order.region or REGION
    if country is None:
        remark = "" if parts.order.region else _EMPTY_REGION
        if parts.phone.is_national and not parts.order.region:
            remark = (
                "The sample's number has no country: set PHONE_REGION, or write the ISO code here."
            )
        yield _remarked(f"  region: {scalar(default)}", remark)
        return
    yield "  region:"
    yield from block("path", country.leaf.path, 4)
    yield _remarked(f"    default: {scalar(default)}", "" if parts.order.region else _EMPTY_REGION)


def _variables(parts: Parts) -> Iterator[str]:
    if not parts.variables:
        yield _remarked(
            "variables: {}", "Write here what the agent's script references, {name: $.…}."
        )
        return
    yield "variables:"
    for variable in parts.variables:
        lines = block(variable.name, _value(variable), 2)
        if variable.leaf is None:
            lines[0] = _remarked(
                lines[0], "The script wants it and the sample has no such key: write its path here."
            )
        yield from lines


def _value(variable: VariableChoice) -> Any:
    leaf = variable.leaf
    if leaf is None:
        return ""
    if is_zoned_moment(leaf.text):
        spoken = {"date": "%Y-%m-%d %H:%M UTC", "timezone": "UTC"}
        return {"path": leaf.path, "transform": spoken}
    if not variable.joins:
        return leaf.path
    path = f"{leaf.each}{leaf.path[1:]}"
    return {"path": path, "join": variable.joins, "transform": {"truncate": 200}}


def _keys(parts: Parts) -> Iterator[str]:
    if parts.zone is not None:
        yield _remarked(
            f"timezone: {scalar(parts.zone.path)}",
            "Drop this if it is not the lead's clock.",
        )
    if parts.moment is not None:
        yield _remarked(
            f"occurred_at: {scalar(parts.moment.path)}",
            "Drop this if it is not when the lead wrote.",
        )
    if not parts.key.parts:
        yield "# No dedupe key: nothing in the sample is surely an id that a retry repeats. So the"
        yield "# phone and the variables count, for 24 hours. Write `dedupe` if there is an id."
        return
    specs: list[Any] = [leaf.spec if leaf.origin else leaf.path for leaf in parts.key.parts]
    if parts.key.of in _REPEATS:
        of = parts.key.of
        yield f"# The id is that of a {of}, which rings once in this window, {_REPEATS[of]}."
        yield "# Name the id of an event instead if each event should ring."
    wanted = specs[0] if len(specs) == 1 else specs
    yield f"dedupe: {flow({'key': wanted, 'window': '4d'})}"


def _examples(examples: Sequence[ExampleParts]) -> Iterator[str]:
    yield "examples:"
    for example in examples:
        yield f"  - name: {scalar(example.name)}"
        yield from _request(example.request)
        calls: list[Any] = [dict(call) for call in example.calls]
        yield from block("calls", calls, 4)


def _request(request: Mapping[str, Any]) -> Iterator[str]:
    xml = request.get("xml")
    if xml is None:
        yield from block("request", request, 4)
        return
    yield "    request:"
    yield from block("content_type", "text/xml", 6)
    if not _stands_as_it_is(xml):
        yield from block("text", xml, 6)
    else:
        yield "      text: |"
        yield from (f"        {line}" for line in xml.splitlines())
    if "headers" in request:
        yield from block("headers", request["headers"], 6)


def _stands_as_it_is(text: str) -> bool:
    """Whether a text reads back as it is from a literal block."""
    is_printable = all(sign.isprintable() or sign == "\n" for sign in text)
    return is_printable and "${" not in text and text.startswith("<")
