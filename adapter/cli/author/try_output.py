"""The lines that `adapter try` prints: short where all is well, and growing where it is not."""

from collections.abc import Iterable, Iterator

from adapter.authoring.explaining.explanation import (
    ExplainedDedupe,
    ExplainedLookup,
    ExplainedMoment,
    Explanation,
)
from adapter.authoring.explaining.guards import ExplainedCondition, ExplainedGuard, ExplainedRoute
from adapter.authoring.explaining.path_trace import PathTrace
from adapter.authoring.trial import Trial, TriedCall, TriedWebhook
from adapter.cli.author.try_values import (
    Row,
    fix_lines,
    indented,
    phone_rows,
    row_lines,
    variable_rows,
)
from adapter.model import State
from adapter.values.text import escaped

_HOUR_S = 3600


def trial_lines(trial: Trial, *, is_verbose: bool = False) -> Iterator[str]:
    """Yield the lines for a trial; all parts of each call with `is_verbose`."""
    webhook = trial.webhook
    yield f"webhook  {_outcome(webhook)}"
    yield from indented([*webhook.explanation.hints, *fix_lines(webhook.explanation.fixes)])
    for number, call in enumerate(trial.calls, 1):
        yield f"call {number}   {_outcome(call)}"
        if call.explanation is None:
            yield from row_lines(_unexplained_rows(call))
        else:
            yield from row_lines(_explained_rows(call, call.explanation, is_verbose))


def _explained_rows(call: TriedCall, why: Explanation, is_verbose: bool) -> Iterator[Row]:
    yield from _when_rows(why.when, is_verbose)
    if why.lookup is not None:
        yield from _agent_rows(call, why, is_verbose)
        yield from _lookup_rows(why.lookup)
    elif call.state is not State.IGNORED or is_verbose:
        yield from _agent_rows(call, why, is_verbose)
        yield from phone_rows(why.phone, call.detail, is_verbose=is_verbose)
        yield from variable_rows(why.variables, call.detail, is_verbose=is_verbose)
        yield from _moment_rows("occurred_at", why.occurred_at, "when it is received")
        yield from _moment_rows("timezone", why.timezone, "the phone's")
        yield from _dedupe_rows(why.dedupe, is_verbose)
    if call.reason in {"no_route", "country_not_allowed"}:
        yield from (Row(label="mend", value=line) for line in fix_lines(why.fixes))
    yield from _request_rows(call)


def _unexplained_rows(call: TriedCall) -> Iterator[Row]:
    """Yield one of very many calls, of which only the first are explained."""
    values = {"agent": call.agent, "phone": call.phone}
    values |= {f"{{{{{name}}}}}": text or '""' for name, text in call.variables.items()}
    yield from (Row(label=name, value=value) for name, value in values.items() if value)
    yield from _request_rows(call)


def _request_rows(call: TriedCall) -> Iterator[Row]:
    """Yield the body and the headers that the agent would be sent, if it would be."""
    if call.body is not None:
        yield Row(label="body", value=call.body)
        yield from (Row(label=name, value=value) for name, value in (call.headers or {}).items())


def _when_rows(when: Iterable[ExplainedCondition], is_verbose: bool) -> Iterator[Row]:
    """Yield the guards: all, or those that do not hold, of which the first decides."""
    is_over = False
    for number, condition in enumerate(when, 1):
        guard = condition.guard
        more = "" if guard.holds else f"  -> ignored/{condition.reason}"
        more += "; not asked, since an earlier one decided" if more and is_over else ""
        is_over = is_over or not guard.holds
        if is_verbose or not guard.holds:
            yield from _guard_rows(f"when {number}", guard, more)


def _guard_rows(label: str, guard: ExplainedGuard, more: str = "", depth: int = 0) -> Iterator[Row]:
    """Yield a condition with what it found, and the conditions inside it."""
    mark = "  " * depth + ("holds" if guard.holds else "fails")
    look = guard.look
    if look is None:
        yield Row(label=label, value=f"{mark}  {guard.wants}:{more}")
        for part in guard.parts:
            yield from _guard_rows("", part, "", depth + 1)
        return
    origin = "" if look.origin == "item" else f" (from {look.origin})"
    wants = escaped(f"{look.path}{origin} {guard.wants}")
    details = (*look.hints, *guard.hints, *fix_lines(guard.fixes))
    yield Row(
        label=label,
        value=f"{mark}  {wants}, found {look.found or 'nothing'}{more}",
        details=() if guard.holds else details,
    )


def _agent_rows(call: TriedCall, why: Explanation, is_verbose: bool) -> Iterator[Row]:
    routes = why.routes
    if why.agent is not None:
        chosen = next(number for number, route in enumerate(routes, 1) if route.is_chosen)
        of_many = f"route {chosen} of {len(routes)}" if len(routes) > 1 else ""
        yield Row(label="agent", value=why.agent, origin=of_many)
    if (len(routes) > 1 and is_verbose) or call.reason == "no_route":
        for number, route in enumerate(routes, 1):
            yield from _route_rows(number, route)


def _route_rows(number: int, route: ExplainedRoute) -> Iterator[Row]:
    more = f"  -> {route.agent}" if route.is_chosen else ""
    more += "" if route.is_asked else "  (not asked)"
    if route.guard is None:
        yield Row(label=f"route {number}", value=f"holds  always{more}")
    else:
        yield from _guard_rows(f"route {number}", route.guard, more)


def _moment_rows(name: str, moment: ExplainedMoment | None, instead: str) -> Iterator[Row]:
    """Yield what was read of a time or a time zone; `instead` stands for it where nothing was."""
    if moment is not None:
        look = moment.look
        more = "" if moment.text else f", so {instead}"
        yield Row(
            label=name,
            value=moment.text or "-",
            origin=f"{look.path}  {look.found or 'found nothing'}{more}",
            details=look.hints if look.near else (),
        )


def _lookup_rows(lookup: ExplainedLookup) -> Iterator[Row]:
    """Yield the record that would be asked for, and what is near where nothing names one."""
    hints = tuple(hint for look in lookup.looks for hint in look.hints)
    yield Row(
        label="lookup", value=lookup.asks or "-", origin=_found_at(lookup.looks), details=hints
    )
    if lookup.asks:
        yield Row(label="", value="the rest is known with its answer: --lookup FILE gives one")


def _dedupe_rows(dedupe: ExplainedDedupe, is_verbose: bool) -> Iterator[Row]:
    if not dedupe.parts and not is_verbose:
        return
    parts = _found_at(dedupe.parts)
    hours = f"{dedupe.window_s / _HOUR_S:g} h"
    if dedupe.used == "explicit":
        yield Row(label="dedupe", value=f"own key, for {hours}", origin=parts)
        return
    yield Row(
        label="dedupe",
        value=f"phone and variables, for {hours}",
        origin=f"the key is empty: {parts}" if parts else "",
        details=tuple(hint for part in dedupe.parts if part.near for hint in part.hints),
    )


def _found_at(looks: Iterable[PathTrace]) -> str:
    return ", ".join(f"{look.path}  {look.found or 'found nothing'}" for look in looks)


def _outcome(tried: TriedWebhook | TriedCall) -> str:
    """Return the state, with its reason and detail where it has any."""
    reason = f"/{tried.reason}" if tried.reason else ""
    detail = f" - {tried.detail}" if tried.detail else ""
    return escaped(f"{tried.state.value}{reason}{detail}")
