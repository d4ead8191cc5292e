"""The keys of one agent in adapter.yaml."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Tag

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
    expected,
    parsed,
    text_or_map,
    within,
)
from adapter.config.hours_shape import HoursSpec
from adapter.values.units import is_bare, read_endpoint

_CTC_CODE = re.compile(r"ctc:\d{3}")
_ERROR_STATUS = re.compile(r"[45]\d\d")
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
    if not _CTC_CODE.fullmatch(text) and not _ERROR_STATUS.fullmatch(text):
        raise expected(_NOT_RUNG_EXPECTED)
    return text


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
    ] = Field(description="The click-to-call address: https, or http to this machine only.")
    api_key: Credential = Field(description="The agent's API token, sent as the header api-key.")
    secret: Credential = Field(
        description="The agent's API secret, with which request bodies are signed."
    )
    variables: Annotated[
        list[FilledText],
        BeforeValidator(as_list, json_schema_input_type=patterns.one_or_many(patterns.VARIABLE)),
    ] = Field(
        default=[],
        description="What the agent's script references: a mapping that routes here must supply"
        " them all.",
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
        default="live",
        description="live; dry_run: everything but the POST; {redirect: phone}: every call rings"
        " a tester instead.",
    )
    timeout: Annotated[
        timedelta, BeforeValidator(_TIMEOUT, json_schema_input_type=patterns.DURATION)
    ] = Field(
        default=timedelta(seconds=15),
        description="How long one attempt may take, such as 15s.",
    )
    max_concurrent: Annotated[Count, Field(ge=1, le=1000)] = Field(
        default=5, description="How many attempts may be under way at once."
    )
    max_per_minute: Annotated[Count, Field(ge=1, le=60_000)] | None = Field(
        default=None,
        description="How many calls a minute may begin, evenly paced; default no limit.",
    )
    max_per_day: Annotated[Count, Field(ge=1, le=10_000_000)] | None = Field(
        default=None,
        description="A brake: past this many calls hold until the agent's next day, or until a"
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
        description="Where it may ring, as ISO 3166 codes: [ES, PT]; default anywhere.",
    )
    calling_hours: HoursSpec | None = Field(
        default=None,
        description="When it may ring, by the clock of who is called:"
        ' {mon-fri: "09:00-20:00"}; default at any hour.',
    )
    not_rung: Annotated[
        list[Annotated[str, BeforeValidator(_not_rung, json_schema_input_type=patterns.NOT_RUNG)]],
        BeforeValidator(as_list, json_schema_input_type=patterns.one_or_many(patterns.NOT_RUNG)),
    ] = Field(
        default=["ctc:002", "ctc:007", "ctc:008", "429", "503"],
        description="Answers that prove that no phone rang: ctc codes and HTTP statuses.",
    )
