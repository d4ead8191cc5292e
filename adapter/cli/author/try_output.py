"""What `adapter try` shows to a person: short where all is well, and growing where it is not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapter.authoring.explaining.render import escaped
from adapter.cli.author.try_values import (
    Row,
    Told,
    fix_lines,
    indented,
    phone_rows,
    variable_rows,
    written,
)

_HOUR_S = 3600


def trial_lines(shown: Mapping[str, Any], *, is_verbose: bool = False) -> Iterator[str]:
    """Yield the lines for what try_request returned; all parts of each call with `is_verbose`."""
    webhook = shown["webhook"]
    yield f"webhook  {_because(webhook)}"
    told = webhook["explanation"]
    yield from indented([*told["hints"], *fix_lines(told["fixes"])])
    for number, call in enumerate(shown["calls"], 1):
        yield f"call {number}   {_because(call)}"
        rows = _rows_alone if call["explanation"] is None else _rows
        yield from written(rows(call, is_verbose))


def _rows(call: Told, is_verbose: bool) -> Iterator[Row]:
    told = call["explanation"]
    yield from _when(told["when"], is_verbose)
    if told["lookup"] is not None:
        yield from _agent(call, is_verbose)
        yield from _lookup(told["lookup"])
    elif call["state"] != "ignored" or is_verbose:
        yield from _agent(call, is_verbose)
        yield from phone_rows(told["phone"], call["detail"], is_verbose=is_verbose)
        yield from variable_rows(told["variables"], call["detail"], is_verbose=is_verbose)
        yield from _moments(told)
        yield from _dedupe(told["dedupe"], is_verbose)
    if call["reason"] in {"no_route", "country_not_allowed"}:
        yield from (Row(label="mend", value=line) for line in fix_lines(told["fixes"]))
    yield from _sent(call)


def _rows_alone(call: Told, _is_verbose: bool) -> Iterator[Row]:
    """Yield one of very many calls, of which only the first are explained."""
    values = {"agent": call["agent"], "phone": call["phone"]}
    values |= {f"{{{{{name}}}}}": text or '""' for name, text in call["variables"].items()}
    yield from (Row(label=name, value=value) for name, value in values.items() if value)
    yield from _sent(call)


def _sent(call: Told) -> Iterator[Row]:
    if call["body"] is not None:
        yield Row(label="body", value=call["body"])
        yield from (Row(label=name, value=value) for name, value in call["headers"].items())


def _when(when: Iterable[Told], is_verbose: bool) -> Iterator[Row]:
    """Yield the guards: all, or those that do not hold, of which the first decides."""
    is_over = False
    for number, each in enumerate(when, 1):
        guard = each["guard"]
        more = "" if guard["holds"] else f"  -> ignored/{each['reason']}"
        more += ", were it asked" if more and is_over else ""
        is_over = is_over or not guard["holds"]
        if is_verbose or not guard["holds"]:
            yield from _guard(f"when {number}", guard, more)


def _guard(label: str, guard: Told, more: str = "", depth: int = 0) -> Iterator[Row]:
    """Yield a condition with what it found, and the conditions inside it."""
    mark = "  " * depth + ("holds" if guard["holds"] else "fails")
    look = guard["look"]
    if look is None:
        yield Row(label=label, value=f"{mark}  {guard['wants']}:{more}")
        for part in guard["parts"]:
            yield from _guard("", part, "", depth + 1)
        return
    part = "" if look["origin"] == "item" else f" (from {look['origin']})"
    wants = escaped(f"{look['path']}{part} {guard['wants']}")
    details = [*look["hints"], *guard["hints"], *fix_lines(guard["fixes"])]
    yield Row(
        label=label,
        value=f"{mark}  {wants}, found {look['found'] or 'nothing'}{more}",
        details=() if guard["holds"] else tuple(details),
    )


def _agent(call: Told, is_verbose: bool) -> Iterator[Row]:
    told = call["explanation"]
    routes = told["routes"]
    if told["agent"] is not None:
        chosen = next(n for n, route in enumerate(routes, 1) if route["is_chosen"])
        of_many = f"route {chosen} of {len(routes)}" if len(routes) > 1 else ""
        yield Row(label="agent", value=told["agent"], origin=of_many)
    if (len(routes) > 1 and is_verbose) or call["reason"] == "no_route":
        for number, route in enumerate(routes, 1):
            yield from _route(number, route)


def _route(number: int, route: Told) -> Iterator[Row]:
    more = f"  -> {route['agent']}" if route["is_chosen"] else ""
    more += "" if route["is_asked"] else "  (not asked)"
    if route["guard"] is None:
        yield Row(label=f"route {number}", value=f"holds  always{more}")
    else:
        yield from _guard(f"route {number}", route["guard"], more)


def _moments(told: Told) -> Iterator[Row]:
    for name, instead in (("occurred_at", "when it is received"), ("timezone", "the phone's")):
        moment = told[name]
        if moment is not None:
            look = moment["look"]
            more = "" if moment["text"] else f", so {instead}"
            origin = f"{look['path']}  {look['found'] or 'found nothing'}{more}"
            near = look["hints"] if look["near"] else ()
            yield Row(label=name, value=moment["text"] or "-", origin=origin, details=tuple(near))


def _lookup(lookup: Told) -> Iterator[Row]:
    """Yield what would be asked for, and what is near where that names no record."""
    parts = ", ".join(f"{p['path']}  {p['found'] or 'found nothing'}" for p in lookup["looks"])
    hints = tuple(hint for part in lookup["looks"] for hint in part["hints"])
    yield Row(label="lookup", value=lookup["asks"] or "-", origin=parts, details=hints)
    if lookup["asks"]:
        yield Row(label="", value="the rest is known with its answer: --lookup FILE gives one")


def _dedupe(dedupe: Told, is_verbose: bool) -> Iterator[Row]:
    if not dedupe["parts"] and not is_verbose:
        return
    parts = ", ".join(f"{p['path']}  {p['found'] or 'found nothing'}" for p in dedupe["parts"])
    hours = f"{dedupe['window_s'] / _HOUR_S:g} h"
    if dedupe["used"] == "explicit":
        yield Row(label="dedupe", value=f"own key, for {hours}", origin=parts)
        return
    hints = (hint for part in dedupe["parts"] if part["near"] for hint in part["hints"])
    yield Row(
        label="dedupe",
        value=f"phone and variables, for {hours}",
        origin=f"the key is empty: {parts}" if parts else "",
        details=tuple(hints),
    )


def _because(row: Told) -> str:
    reason = f"/{row['reason']}" if row["reason"] else ""
    detail = f" - {row['detail']}" if row["detail"] else ""
    return escaped(f"{row['state']}{reason}{detail}")
