"""The agents of adapter.yaml → model.Agent."""

import hashlib
import json
import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Tag

from adapter.agent import SATELLITE_CODES, Agent, Mode, Secret
from adapter.compiler.fields import patterns
from adapter.compiler.fields.shape import (
    MAP,
    TEXT,
    Count,
    Credential,
    FilledText,
    Shape,
    as_list,
    broken_rule,
    default_of,
    expected,
    parsed,
    text_or_map,
    within,
)
from adapter.compiler.fields.stand_ins import StandIn
from adapter.compiler.keys.calling_hours import HoursSpec, calling_hours
from adapter.compiler.keys.phone import is_region_code
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Place
from adapter.errors import MappingError
from adapter.mapping.variable_names import variable_name_fault
from adapter.values.phone_numbers import read_phone
from adapter.values.units import is_bare, read_endpoint

_NOT_RUNG_EXPECTED = "a code such as ctc:007 or an HTTP status from 400 to 599, such as 429"
_TIMEOUT = within(timedelta(milliseconds=50), timedelta(minutes=5), "from 50ms to 5m")


def _endpoint(value: Any) -> str:
    url: str = parsed(read_endpoint)(value)
    if not is_bare(url):
        raise broken_rule("the address may hold no credentials and no fragment")
    return url


def _not_rung(value: Any) -> str:
    text = str(value).strip()
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise expected(_NOT_RUNG_EXPECTED)
    if text.startswith("2") and len(text) == 3:
        raise broken_rule("a 2xx answer means that the agent accepted the call: it rings")
    if not re.fullmatch(patterns.NOT_RUNG_PATTERN, text):
        raise expected(_NOT_RUNG_EXPECTED)
    return text


def _codes_first(word: str) -> tuple[bool, str]:
    return not word.startswith("ctc:"), word


def _mode(value: Any) -> str:
    if value not in ("live", "dry_run"):
        raise expected('live, dry_run or {redirect: "+…"}')
    return str(value)


def _redirect(value: Any) -> str:
    if not isinstance(value, str):
        raise expected('a phone in quotes, such as "+34600000000"')
    return value


class RedirectShape(Shape):
    """Every call rings a tester instead."""

    redirect: Annotated[
        str, BeforeValidator(_redirect, json_schema_input_type=patterns.REDIRECT)
    ] = Field(
        description='The tester\'s phone in international form and in quotes: "+34600000000".'
    )


class AgentShape(Shape):
    """A voice agent."""

    endpoint: Annotated[
        str, BeforeValidator(_endpoint, json_schema_input_type=patterns.ENDPOINT)
    ] = Field(
        description="The click-to-call address: `https://…`, or `http://` to this machine only."
    )
    api_key: Credential = Field(description="The API token, sent as the header `api-key`.")
    secret: Credential = Field(description="The API secret, with which request bodies are signed.")
    variables: Annotated[
        list[FilledText],
        BeforeValidator(as_list, json_schema_input_type=patterns.one_or_many(patterns.VARIABLE)),
    ] = Field(
        default=[],
        description="What the agent's script references. A mapping that routes here must supply"
        ' them all, which is checked at load; with `"*"`, what is absent is sent as'
        ' `""`.',
        json_schema_extra={"uniqueItems": True},
    )
    mode: Annotated[
        Annotated[
            str,
            BeforeValidator(_mode, json_schema_input_type=patterns.one_of_texts("live", "dry_run")),
            Tag(TEXT),
        ]
        | Annotated[RedirectShape, Tag(MAP)],
        text_or_map('live, dry_run or {redirect: "+…"}'),
    ] = Field(
        default=default_of(Agent, "mode").value,
        description="`live`; `dry_run`: everything but the POST, calls end `ignored` as"
        ' `dry_run`; `{redirect: "+…"}`: every call rings this tester instead.',
    )
    timeout: Annotated[timedelta, _TIMEOUT] = Field(
        default=timedelta(seconds=default_of(Agent, "timeout_s")),
        description="How long one attempt may take, from 50ms to 5m.",
    )
    max_concurrent: Annotated[Count, Field(ge=1, le=1000)] = Field(
        default=default_of(Agent, "max_concurrent"),
        description="How many attempts may be under way at once.",
    )
    max_per_minute: Annotated[Count, Field(ge=1, le=60_000)] | None = Field(
        default=None,
        description="How many calls a minute may begin, evenly paced; default no limit.",
    )
    max_per_day: Annotated[Count, Field(ge=1, le=10_000_000)] | None = Field(
        default=None,
        description="A brake: past it calls are held until the agent's next day, or until a"
        " person resumes; default no limit.",
    )
    countries: (
        Annotated[
            list[FilledText],
            BeforeValidator(as_list, json_schema_input_type=patterns.one_or_many(patterns.COUNTRY)),
            Field(min_length=1),
        ]
        | None
    ) = Field(
        default=None,
        description="Where it may ring, as ISO 3166 codes: `[ES, PT]`; default anywhere. With it"
        " a number of no country is refused too. A satellite's is rung only if its code is listed"
        ' here: `"+881"`.',
    )
    calling_hours: HoursSpec | None = Field(
        default=None,
        description='When it may ring, by the clock of who is called: `{mon-fri: "09:00-20:00"}`;'
        " default at any hour.",
    )
    not_rung: Annotated[
        list[
            Annotated[
                str,
                BeforeValidator(_not_rung, json_schema_input_type=patterns.NOT_RUNG),
                StandIn("429"),
            ]
        ],
        BeforeValidator(as_list, json_schema_input_type=patterns.one_or_many(patterns.NOT_RUNG)),
    ] = Field(
        default=sorted(default_of(Agent, "not_rung"), key=_codes_first),
        description="Answers that prove that no phone rang, so that the call may be tried again:"
        " ctc codes and HTTP statuses. A cautious user shortens it, and what was taken"
        " out then becomes `uncertain`.",
    )


def agents(shapes: dict[str, AgentShape], place: Place, findings: Findings) -> dict[str, Agent]:
    """Compile every agent; what is wrong with one is reported."""
    return {name: _agent(name, shape, (*place, name), findings) for name, shape in shapes.items()}


def _agent(name: str, shape: AgentShape, place: Place, findings: Findings) -> Agent:
    if not re.fullmatch(patterns.AGENT_NAME_PATTERN, name):
        message = "an agent's name has letters, digits, '-', '_' and '.', 64 at most"
        findings.add(place, message, at_key=True)
    return Agent(
        name=name,
        endpoint=shape.endpoint,
        api_key=Secret(shape.api_key),
        secret=Secret(shape.secret),
        variables=_variables(shape, (*place, "variables"), findings),
        mode=Mode(shape.mode) if isinstance(shape.mode, str) else Mode.REDIRECT,
        redirect_to=_redirect_to(shape, (*place, "mode", "redirect"), findings),
        timeout_s=shape.timeout.total_seconds(),
        max_concurrent=shape.max_concurrent,
        not_rung=frozenset(shape.not_rung),
        countries=_countries(shape, (*place, "countries"), findings),
        hours=calling_hours(shape.calling_hours, (*place, "calling_hours"), findings),
        max_per_minute=shape.max_per_minute,
        max_per_day=shape.max_per_day,
        fingerprint=fingerprint(shape.endpoint, shape.api_key, shape.secret),
    )


def fingerprint(endpoint: str, api_key: str, secret: str) -> str:
    """Return a digest that changes with whatever may have halted an agent."""
    return hashlib.sha256(json.dumps([endpoint, api_key, secret]).encode()).hexdigest()


def _variables(shape: AgentShape, place: Place, findings: Findings) -> tuple[str, ...]:
    """Return the sound names: mappings are asked for no others."""
    names: list[str] = []
    for n, name in enumerate(shape.variables):
        fault = variable_name_fault(name)
        if fault:
            findings.add((*place, n), fault)
        elif name in names:
            findings.add((*place, n), f"{name!r} stands here twice: keep one")
        else:
            names.append(name)
    return tuple(names)


def _countries(shape: AgentShape, place: Place, findings: Findings) -> frozenset[str]:
    codes = [code.strip() for code in shape.countries or []]
    return frozenset(
        code
        for n, code in enumerate(codes)
        if code in SATELLITE_CODES or is_region_code(code, (*place, n), findings)
    )


def _redirect_to(shape: AgentShape, place: Place, findings: Findings) -> str:
    if isinstance(shape.mode, str):
        return ""
    try:
        return read_phone(shape.mode.redirect, None)
    except MappingError as error:
        findings.add(place, f'expected a phone such as "+34600000000": {error.detail}')
        return ""
