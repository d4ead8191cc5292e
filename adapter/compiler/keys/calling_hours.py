"""An agent's `calling_hours` → agent.CallingHours; what is wrong is reported key by key."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from adapter.agent import CallingHours, Holidays, Span
from adapter.compiler.yaml.findings import Findings, did_you_mean
from adapter.compiler.yaml.marks import Place
from adapter.config.hours_shape import HOURS_KEYS
from adapter.config.week import DAYS, DAYS_EXPECTED, read_days, read_spans
from adapter.mapping.phone import suggest_region
from adapter.policy.hours import PHONE
from adapter.values.holidays import subdivisions
from adapter.values.time_zones import is_time_zone, suggest_time_zone

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
        near = suggest_region(country) if country else None
        hint = f" (did you mean {near}?)" if near in subdivisions() else ""
        wanted = "a country whose holidays are known, such as ES, or a part of one, such as ES-MD"
        findings.add(place, f"expected {wanted}{hint}", shows_found=True)
        return None
    if subdivision and subdivision not in known:
        hint = did_you_mean(subdivision, known)
        findings.add(place, f"expected a part of {country}{hint}", shows_found=True)
        return None
    return Holidays(country=country, subdivision=subdivision)
