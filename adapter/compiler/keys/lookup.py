"""A mapping's `lookup` → the requests that lookup/ makes; None where that is impossible."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag

from adapter.agent import Secret
from adapter.compiler.fields import patterns
from adapter.compiler.fields.shape import (
    Credential,
    HeaderName,
    Shape,
    as_filled,
    default_of,
    expected,
    within,
)
from adapter.compiler.keys.conditions import Conditions, all_conditions
from adapter.compiler.keys.paths import whole
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.errors import CompileError
from adapter.mapping.guards import Guard
from adapter.mapping.lookup import Lookup, LookupUrl, Verdict, compile_lookup_url
from adapter.mapping.path_text import key_of, segments
from adapter.mapping.paths import Path
from adapter.mapping.values import PathSource
from adapter.values.units import ENDPOINT_EXPECTED, is_bare, read_endpoint

LOOKUP_EXPECTED = "a map with url, or a map of such maps by name"


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
    timeout: Annotated[timedelta, _TIMEOUT] = Field(
        default=timedelta(seconds=default_of(Lookup, "timeout_s")),
        description="How long one request may take.",
    )
    again: Conditions | None = Field(
        default=None,
        description="Answers that mean: try again. Conditions read `$.status` and `$.answer`, the"
        " answer's JSON. Whatever has no other meaning is tried again too.",
    )
    denied: Conditions | None = Field(
        default=None,
        description="Answers that mean that the credentials are wrong, beside 401 and 403:"
        " `{path: $.answer.error.code, equals: 190}`. The source's calls are held.",
    )
    gone: Conditions | None = Field(
        default=None,
        description="Answers that mean that there is no such record, nor will be: the call ends"
        " `failed` as `lookup_failed`.",
    )


def _kind(value: Any) -> str | None:
    """Tell one look-up from several, which are maps by names of their own."""
    if isinstance(value, BaseModel):
        return LONE
    if not isinstance(value, dict):
        return None
    is_lone = value.keys() & LookupShape.fields_by_key().keys()
    are_maps = bool(value) and all(isinstance(entry, dict) for entry in value.values())
    return NAMED if are_maps and not is_lone else LONE


def _name(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(patterns.LOOKUP_NAME_PATTERN, value):
        raise expected("a name of letters, digits and '_', for $.lookup.<name>")
    return value


LookupSpec: TypeAlias = Annotated[
    Annotated[LookupShape, Tag(LONE)]
    | Annotated[
        dict[
            Annotated[str, BeforeValidator(_name, json_schema_input_type=patterns.LOOKUP_NAME)],
            LookupShape,
        ],
        Field(json_schema_extra={**_NO_OTHERS, "minProperties": 1}),
        Tag(NAMED),
    ],
    Discriminator(_kind, custom_error_type="expected", custom_error_message=LOOKUP_EXPECTED),
]


_Spec = LookupShape | Mapping[str, LookupShape] | None


def lookups(spec: _Spec, place: Place, findings: Findings) -> tuple[Lookup, ...] | None:
    """Compile the look-ups in file order; each may read the answers of those before it."""
    if spec is None:
        return ()
    if isinstance(spec, LookupShape):
        return whole([_lookup("", spec, place, (), findings)])
    names = tuple(spec)
    return whole(
        [
            _lookup(name, shape, (*place, name), names[:n], findings)
            for n, (name, shape) in enumerate(spec.items())
        ]
    )


def check_unanswered(
    paths: Iterable[Path | None], place: Place, spec: _Spec, findings: Findings
) -> None:
    """Report paths that are read when a webhook comes in, and name an answer that comes later."""
    for path in paths:
        if spec is not None and path is not None and PathSource(path=path).reads_lookup:
            findings.add(place, "this is decided before the look-up: it cannot read $.lookup")


def _lookup(
    name: str, shape: LookupShape, place: Place, earlier: tuple[str, ...], findings: Findings
) -> Lookup | None:
    url = _url(shape.url, (*place, "url"), findings)
    if url is None:
        return None
    for source in url.sources:
        _check_order(source, (*place, "url"), earlier, findings)
    verdicts = _verdicts(shape, place, findings)
    if verdicts is None:
        return None
    return Lookup(
        name=name,
        url=url,
        headers=tuple((header, Secret(value)) for header, value in shape.headers.items()),
        timeout_s=shape.timeout.total_seconds(),
        verdicts=verdicts,
    )


def _verdicts(
    shape: LookupShape, place: Place, findings: Findings
) -> tuple[tuple[Verdict, Guard], ...] | None:
    """Compile what answers mean, in the order in which they are asked."""
    given = [verdict for verdict in Verdict if getattr(shape, verdict) is not None]
    guards = whole(
        [all_conditions(getattr(shape, one), (*place, one.value), findings) for one in given]
    )
    return None if guards is None else tuple(zip(given, guards, strict=True))


def _url(text: str, place: Place, findings: Findings) -> LookupUrl | None:
    try:
        url = compile_lookup_url(text)
    except CompileError as error:  # its words show paths alone, never the address
        findings.add(place, str(error))
        return None
    try:
        is_sound = is_bare(read_endpoint(url.origin))
    except ValueError:
        findings.add(place, f"expected {ENDPOINT_EXPECTED}")
        return None
    if not is_sound:
        findings.add(place, "the address may hold no credentials: send them in headers")
    return url if is_sound else None


def _check_order(
    source: PathSource, place: Place, earlier: tuple[str, ...], findings: Findings
) -> None:
    named = [key_of(step) for step in segments(source.path.text)[2:3]]  # of $, .lookup, .name, …
    if source.reads_lookup and not set(named) & set(earlier):
        found = f"; those before are: {', '.join(earlier)}" if earlier else ""
        findings.add(place, f"{source.path.text} reads a look-up that is not made before{found}")
