"""An agent's `calling_hours` → agent.CallingHours; what is wrong is reported key by key."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeAlias

from pydantic import WithJsonSchema

from adapter.agent import PHONE, CallingHours, Holidays, Span
from adapter.compiler.fields.patterns import SPAN, ZONE_PATTERN, Json
from adapter.compiler.yaml.findings import Findings, did_you_mean
from adapter.compiler.yaml.marks import Place
from adapter.values.countries import suggest_country
from adapter.values.holidays import subdivisions
from adapter.values.time_zones import is_time_zone, suggest_time_zone


def hours(keys: dict[str, str]) -> Json:
    """Return the schema of calling hours: these settings with their descriptions, and days."""
    day = f"({'|'.join(f'[{d[0]}{d[0].upper()}]{d[1:]}' for d in DAYS)})"
    days = rf"{day}(\s*-\s*{day})?"
    spans = {"type": "string", "pattern": rf"^{SPAN}(,{SPAN})*$"}
    span = {"type": "string", "pattern": rf"^{SPAN}$"}
    patterns = {
        "timezone": ZONE_PATTERN,
        "fallback_timezone": ZONE_PATTERN,
        "holidays": "^([A-Z]{2}(-[A-Za-z0-9]+)?)?$",
    }
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            key: {
                "description": text,
                "anyOf": [{"type": "string", "pattern": patterns[key]}, {"type": "null"}],
            }
            for key, text in keys.items()
        },
        "patternProperties": {
            rf"^\s*{days}(\s*,\s*{days})*\s*$": {
                "description": 'When it may ring on these days: "09:00-20:00"; [] for never.',
                "anyOf": [spans, {"type": "array", "items": span}],
            }
        },
        "additionalProperties": False,
    }


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


DAYS_EXPECTED = "expected days such as mon, mon-fri or tue,thu"


SPANS_EXPECTED = 'hours such as "09:00-20:00", or "09:00-13:00, 15:00-20:00"'


_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})", re.ASCII)


_END_OF_DAY = 24 * 60


def read_days(text: str) -> list[int]:
    """Return weekdays, Monday 0: `mon`, `mon-fri`, `sat-mon`, `tue, thu`."""
    return [day for part in text.split(",") for day in _days(part.strip())]


def read_spans(value: Any) -> tuple[Span, ...]:
    """Return the spans of a day in order; a text has commas between them, and an end may be 24:00.

    A list without any is a day that is closed.
    """
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise ValueError(f"expected {SPANS_EXPECTED}")  # noqa: TRY004 - the file's promise
    spans = tuple(sorted(map(_span, parts), key=lambda span: span.start))
    for n in range(1, len(spans)):
        if spans[n].start < spans[n - 1].end:
            raise ValueError("expected hours that do not overlap")
    return spans


def _days(text: str) -> list[int]:
    first, dash, last = text.lower().partition("-")
    ends = [_day(end.strip(), text) for end in ([first, last] if dash else [first])]
    count = (ends[-1] - ends[0]) % 7 + 1
    return [(ends[0] + n) % 7 for n in range(count)]


def _day(name: str, text: str) -> int:
    if name not in DAYS:
        hint = did_you_mean(name, DAYS) if name else ""
        raise ValueError(f"{DAYS_EXPECTED}, found {text!r}{hint}")
    return DAYS.index(name)


def _span(part: Any) -> Span:
    match = _SPAN.fullmatch(part.strip()) if isinstance(part, str) else None
    if match is None:
        raise ValueError(f"expected {SPANS_EXPECTED}")
    start, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    if end <= start:
        raise ValueError(
            "expected an end after the beginning: past midnight write two spans, until 24:00, and"
            " from 00:00 on the next day"
        )
    return Span(start=start, end=end)


def _minutes(hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > _END_OF_DAY:
        raise ValueError("expected times from 00:00 to 24:00")
    return minutes


# The settings that stand beside the days, and what they are.
HOURS_KEYS = {
    "timezone": "phone: every time zone that the number may be in must be inside the hours; or one"
    " IANA name for all, such as Europe/Madrid. Default phone.",
    "fallback_timezone": "The IANA name for numbers whose time zone nobody knows; default they are"
    " refused.",
    "holidays": "Whose public holidays are closed: a country, ES, or a part of one, ES-MD.",
}


# Days are keys, so no fixed shape fits: `_days` reads the map.
HoursSpec: TypeAlias = Annotated[dict[str, Any], WithJsonSchema(hours(HOURS_KEYS))]


_ZONE = "an IANA time zone such as Europe/Madrid"


def calling_hours(
    spec: Mapping[str, Any] | None, place: Place, findings: Findings
) -> CallingHours | None:
    """Compile calling hours; None is any hour."""
    if spec is None:
        return None
    return CallingHours(
        week=_week(spec, place, findings),
        timezone=_zone(spec, "timezone", place, findings) or PHONE,
        fallback=_zone(spec, "fallback_timezone", place, findings),
        holidays=_holidays(spec.get("holidays"), (*place, "holidays"), findings),
    )


def _week(spec: Mapping[str, Any], place: Place, findings: Findings) -> dict[int, tuple[Span, ...]]:
    week: dict[int, tuple[Span, ...]] = {}
    keys = [key for key in spec if key not in HOURS_KEYS]
    for key in keys:
        _add_days(week, key, spec[key], (*place, key), findings)
    if all(spec[key] == [] for key in keys):
        findings.add(place, f"{DAYS_EXPECTED}; without any the agent would never ring")
    return week


def _add_days(
    week: dict[int, tuple[Span, ...]], key: str, value: Any, place: Place, findings: Findings
) -> None:
    """Add the days of one key, each of which may be named once."""
    try:
        days = read_days(key)
    except ValueError as error:
        near = get_close_matches(key, HOURS_KEYS, n=1, cutoff=0.7)
        message = f"unknown key (did you mean {near[0]!r}?)" if near else str(error)
        findings.add(place, message, at_key=True)
        return
    try:
        spans = read_spans(value)
    except ValueError as error:
        findings.add(place, str(error), shows_found=True)
        spans = ()
    twice = [DAYS[day] for day in days if day in week or days.count(day) > 1]
    if twice:
        findings.add(place, f"{twice[0]} stands here twice: keep one", at_key=True)
    week.update(dict.fromkeys(days, spans))


def _zone(spec: Mapping[str, Any], key: str, place: Place, findings: Findings) -> str:
    """Return the zone's name, or "" where none is given."""
    value = spec.get(key)
    is_phone = key == "timezone" and value == PHONE
    if value is None or value == "" or is_phone or (isinstance(value, str) and is_time_zone(value)):
        return value or ""
    wanted = f"phone or {_ZONE}" if key == "timezone" else _ZONE
    near = suggest_time_zone(value) if isinstance(value, str) else None
    hint = f" (did you mean {near}?)" if near else ""
    findings.add((*place, key), f"expected {wanted}{hint}", shows_found=True)
    return ""


def _holidays(value: Any, place: Place, findings: Findings) -> Holidays | None:
    """Return whose holidays count: `ES`, or `ES-MD` for a part of it."""
    if value is None or value == "":
        return None
    country, _, subdivision = value.partition("-") if isinstance(value, str) else ("", "", "")
    known = subdivisions().get(country)
    if known is None:
        near = suggest_country(country) if country else None
        hint = f" (did you mean {near}?)" if near in subdivisions() else ""
        wanted = "a country whose holidays are known, such as ES, or a part of one, such as ES-MD"
        findings.add(place, f"expected {wanted}{hint}", shows_found=True)
        return None
    if subdivision and subdivision not in known:
        hint = did_you_mean(subdivision, known)
        findings.add(place, f"expected a part of {country}{hint}", shows_found=True)
        return None
    return Holidays(country=country, subdivision=subdivision)
