"""A captured request → the draft of its mapping, checked and run. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapter.authoring.drafting.choose.auth import choose_auth
from adapter.authoring.drafting.choose.guards import choose_event, choose_guards, lowered, raised
from adapter.authoring.drafting.choose.keys import (
    DedupeChoice,
    choose_key,
    choose_moment,
    choose_record,
    choose_zone,
)
from adapter.authoring.drafting.choose.phone_guess import guessed_place, passed_over
from adapter.authoring.drafting.choose.phones import choose_phone
from adapter.authoring.drafting.choose.split_phones import Split
from adapter.authoring.drafting.choose.variables import choose_variables
from adapter.authoring.drafting.parts import ExampleParts, Order, Parts
from adapter.authoring.drafting.read.leaves import HEADERS, Leaf, Place, Reading, read_leaves
from adapter.authoring.drafting.read.vocabulary import QUERY_TOKENS
from adapter.authoring.drafting.write.example import MAX_WHOLE, Plan, example_document
from adapter.authoring.drafting.write.invented_people import Cast
from adapter.authoring.drafting.write.mapping_text import write_mapping
from adapter.authoring.drafting.write.request import request_parts
from adapter.authoring.drafting.write.stand_ins import EPOCH_S, moment_like
from adapter.authoring.key_words import words
from adapter.compiler.fields.stand_ins import stand_in_of
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.keys.mapping import MappingShape, compile_mapping
from adapter.compiler.load import lenient_variables
from adapter.compiler.yaml.environment import expand
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import read_sheet
from adapter.config.examples import run_examples
from adapter.config.source import Source
from adapter.mapping.reading import RequestReading
from adapter.model import MappedCall, State
from adapter.webhook.formats.decode import decode_document
from adapter.webhook.formats.media_type import read_media_type
from adapter.webhook.request import Request

MAX_PATH = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """The text of a mapping, what it was made of, and what is wrong with it, which is nothing."""

    text: str
    parts: Parts = field(repr=False)
    problems: tuple[str, ...] = ()
    rings: bool = False

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong, and the example rings where the sample has a phone."""
        return not self.problems and self.rings == self.parts.phone.is_found


def draft_mapping(request: Request, order: Order, around: MappingContext) -> Draft:
    """Draft a mapping for requests like this one.

    Raises IntakeError where the request cannot be read at all.
    """
    parts = choose_parts(request, order)
    asked = frozenset(request.headers)
    drafts = (_draft(parts, asked, around, is_whole=is_whole) for is_whole in _sizes(parts))
    made = next(drafts)
    return made if made.is_right else next(drafts, made)


def _sizes(parts: Parts) -> tuple[bool, ...]:
    is_small = len(parts.reading.leaves) <= MAX_WHOLE
    return (True,) if is_small else (False, True)


def choose_parts(request: Request, order: Order) -> Parts:
    """Read a request and choose what its mapping says."""
    media_type = read_media_type(request.header("content-type")).name
    is_in_body = request.has_document_in_body
    document = decode_document(request)
    if not is_in_body and isinstance(document, dict):
        document = {key: value for key, value in document.items() if words(key) not in QUERY_TOKENS}
    reading = read_leaves(document, is_xml=media_type.endswith("xml"))
    leaves = [leaf for leaf in reading.leaves if len(leaf.path) <= MAX_PATH]
    headers: dict[str, str] = {}
    for name, value in request.headers:
        headers.setdefault(name, value)
    # `auth: body` is about a body: what stands in a query is a token.
    auth = choose_auth(order.name, headers, leaves if is_in_body else (), order.public_url)
    usable = [leaf for leaf in leaves if leaf is not auth.secret]
    phone = choose_phone(usable, order.region)
    if not phone.is_found:
        place = phone.leaves or guessed_place(usable)
        phone = replace(phone, leaves=place, passed=passed_over(usable, order.region))
    context = phone.first or next((leaf for leaf in usable if leaf.each == "$[*]"), None)
    within = [leaf for leaf in usable if _is_within(leaf, context)]
    is_one = context is None or context.each is None
    beside = [leaf for leaf in usable if is_one and leaf.each is not None]
    outside = [] if is_one else [leaf for leaf in usable if leaf.each is None]
    event = choose_event(within, request.headers, outside)
    guards, key = choose_guards(within, event), choose_key(within, event)
    record = None if phone.is_found else choose_record(within, key)
    if record is not None and not key.parts:
        key = DedupeChoice(parts=(record,), of="record")
    moment, zone = choose_moment(within, event), choose_zone(within, beside)
    used = [leaf.path for leaf in (*phone.leaves, *key.parts, *(g.leaf for g in guards))]
    used += [leaf.path for leaf in (moment, zone) if leaf is not None]
    return Parts(
        order=order,
        reading=reading,
        media_type=media_type if is_in_body else "",
        method=request.method,
        auth=auth,
        phone=phone,
        variables=choose_variables(usable, context, order.needed, used),
        guards=guards,
        key=key,
        moment=moment,
        zone=zone,
        each=context.each if context is not None else None,
        record=record,
    )


def _is_within(leaf: Leaf, context: Leaf | None) -> bool:
    return leaf.joins(context) if context is not None else leaf.each is None


def _draft(
    parts: Parts, headers: frozenset[tuple[str, str]], around: MappingContext, *, is_whole: bool
) -> Draft:
    examples = _examples(parts, headers, is_whole=is_whole)
    blank = write_mapping(parts, examples)
    source, problems = compile_text(parts.order.name, blank, around)
    if source is None:
        return Draft(text=blank, parts=parts, problems=problems)
    filled = [
        replace(example, calls=_calls(source, compiled.request))
        for example, compiled in zip(examples, source.examples, strict=True)
    ]
    text = write_mapping(parts, filled)
    source, problems = compile_text(parts.order.name, text, around)
    problems += tuple(
        f"example {result.name!r}: {difference}"
        for result in (run_examples(source) if source is not None else ())
        for difference in result.differences
    )
    rings = any("phone" in call for call in filled[0].calls)
    return Draft(text=text, parts=parts, problems=problems, rings=rings)


def compile_text(
    name: str, text: str, around: MappingContext
) -> tuple[Source | None, tuple[str, ...]]:
    """Compile a mapping's text as `adapter check` would, with no variable set."""
    sheet, problems = read_sheet(f"{name}.yaml", text.encode())
    if sheet is None:
        return None, tuple(map(str, problems))
    expanded, unset = expand(sheet, lenient_variables({}), stand_in_of(MappingShape))
    findings = Findings(expanded)
    source = compile_mapping(name, findings, around)
    grave = [
        problem for problem in (*problems, *unset, *findings.problems) if not problem.is_warning
    ]
    return (None if grave else source), tuple(map(str, grave))


def _calls(source: Source, request: Request) -> list[dict[str, Any]]:
    mapped = RequestReading(source.mapping, request).mapped()
    if not mapped.calls:
        return [{"refused": str(mapped.reason)}]
    return [_call(call) for call in mapped.calls]


def _call(call: MappedCall) -> dict[str, Any]:
    if call.state is State.WAITING:
        return {"agent": call.agent, "phone": call.phone, "variables": dict(call.variables)}
    kind = "refused" if call.state is State.REFUSED else "ignored"
    return {kind: str(call.reason)}


def _examples(
    parts: Parts, headers: frozenset[tuple[str, str]], *, is_whole: bool
) -> list[ExampleParts]:
    name = "a lead like the sample" if parts.phone.is_found else "a sample without a phone"
    made = [_example(parts, headers, name, {}, is_whole=is_whole)]
    flag = next((guard for guard in parts.guards if guard.is_flag), None)
    if flag is not None and parts.phone.is_found:
        said = {flag.leaf.place: raised(flag.leaf.value)}
        shown = f"one that must not ring: {flag.reason.replace('_', ' ')}"
        made.append(_example(parts, headers, shown, said, is_whole=False))
    return made


def _example(
    parts: Parts,
    headers: frozenset[tuple[str, str]],
    name: str,
    said: Mapping[Place, Any],
    *,
    is_whole: bool,
) -> ExampleParts:
    cast = Cast(_sample_text(parts.reading))
    fixed = {**_fixed(parts, cast), **said}
    wanted = _wanted(parts)
    if said:
        wanted = _wanted(replace(parts, variables=(), key=DedupeChoice(), moment=None, zone=None))
    secrets = {parts.auth.secret.place} if parts.auth.secret is not None else set()
    plan = Plan(fixed=fixed, wanted=wanted, secrets=frozenset(secrets), region=_region(parts))
    document = example_document(parts.reading, plan, cast, is_whole=is_whole)
    request = request_parts(document, media_type=parts.media_type, method=parts.method)
    events = [guard.leaf for guard in parts.guards if guard.leaf.origin == HEADERS]
    if events:
        request = {"headers": {str(leaf.place[0]): leaf.text for leaf in events}, **request}
    return ExampleParts(name=name, request=request)


def _region(parts: Parts) -> str | None:
    """Return whose national numbers the mapping will read in an example, if anybody's."""
    country = parts.phone.country
    if country is not None and country.leaf.text:
        return country.code  # beside a country that is not understood, no national number is read
    return parts.order.region


def _wanted(parts: Parts) -> frozenset[Place]:
    return frozenset({leaf.place for leaf in parts.read} | _labels(parts))


def _labels(parts: Parts) -> set[Place]:
    return {leaf.label for leaf in parts.read if leaf.label is not None}


def _fixed(parts: Parts, cast: Cast) -> dict[Place, Any]:
    """Return the values that an example must have for the mapping to ring by it."""
    fixed: dict[Place, Any] = {}
    for guard in parts.guards:
        fixed[guard.leaf.place] = lowered(guard.leaf.value) if guard.is_flag else guard.leaf.value
    if parts.moment is not None:
        fixed[parts.moment.place] = _moment(parts.moment.value)
    if parts.zone is not None:
        fixed[parts.zone.place] = "America/New_York"
    if parts.phone.split is not None:
        fixed |= _parts_of(parts.phone.split, cast)
    elif not parts.phone.is_found:
        root = parts.phone.leaves[0].root if parts.phone.leaves else ()
        empty = {leaf.place for leaf in parts.phone.leaves if leaf.text} | {(*root, "phone")}
        fixed |= dict.fromkeys(empty, "")
    else:
        fixed |= {leaf.place: _phone(leaf, parts, cast) for leaf in parts.phone.leaves if leaf.text}
    country = parts.phone.country
    if country is not None and country.code:
        fixed[country.leaf.place] = country.leaf.value
    return {place: value for place, value in fixed.items() if value is not None}


def _phone(leaf: Leaf, parts: Parts, cast: Cast) -> Any:
    number = cast.phone(leaf.text, _region(parts))
    return [number] if isinstance(leaf.value, list) else number


def _moment(value: Any) -> Any:
    if isinstance(value, str) and not value.isdecimal():
        return moment_like(value)
    epoch = EPOCH_S if len(str(value)) == 10 else EPOCH_S * 1000
    return str(epoch) if isinstance(value, str) else epoch


def _parts_of(split: Split, cast: Cast) -> dict[Place, Any]:
    """Return an invented number in as many parts."""
    number = cast.phone("+1", None).removeprefix("+1")
    number = "".join(sign for sign in number if sign.isdecimal())[-10:]
    texts = {1: [f"1{number}"], 2: ["1", number]}.get(
        len(split.parts), ["1", number[:3], number[3:]]
    )
    sign = "+" if split.parts[0].text.startswith("+") else ""
    texts[0] = sign + texts[0]
    return {
        leaf.place: int(text) if isinstance(leaf.value, int) else text
        for leaf, text in zip(split.parts, texts, strict=True)
    }


def _sample_text(reading: Reading) -> str:
    found: Sequence[Leaf] = reading.leaves
    return "\n".join(str(leaf.value) for leaf in found if leaf.value not in (None, ""))
