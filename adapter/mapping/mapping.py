"""A compiled mapping: one view of a request → its calls (contract §4). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from adapter.errors import MappingError
from adapter.mapping.dedupe import Dedupe
from adapter.mapping.guards import Guard
from adapter.mapping.lookup import Lookup
from adapter.mapping.paths import Path
from adapter.mapping.phone import PhoneRule
from adapter.mapping.values import PathSource, Text, Value, View
from adapter.mapping.variable_names import variable_name_fault
from adapter.model import MAX_ITEMS, MappedCall, Reason, State
from adapter.values.moments import read_moment
from adapter.values.text import fold, to_text
from adapter.values.time_zones import is_time_zone

__all__ = ["Dedupe", "NamedGuard", "Route", "SourceMapping", "Variable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A variable of the agent's script, and where its text comes from."""

    name: str
    value: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """The agent that rings where `guard` holds; None always holds."""

    guard: Guard | None
    agent: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedGuard:
    """A condition of `when`, and the reason of calls that it keeps from ringing."""

    guard: Guard
    reason: str = Reason.GUARD


@dataclass(kw_only=True, slots=True)
class _Draft:
    """What is known of a call so far: a refused one still shows it."""

    occurred_at: datetime | None = None
    timezone: str = ""
    agent: str | None = None
    phone: str | None = None
    matched: dict[str, str] = field(default_factory=dict)

    def ended(self, state: State, reason: str, detail: str = "") -> MappedCall:
        return MappedCall(
            state=state,
            reason=reason,
            agent=self.agent,
            phone=self.phone,
            occurred_at=self.occurred_at,
            timezone=self.timezone,
            detail=detail,
            matched=self.matched,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceMapping:
    """One source's mapping. `passthrough` is the object that `"*"` copies.

    `agent_variables` says, for each agent, what its script references: with `"*"`, what is
    absent is sent as `""`. `lookups` are asked in order once a webhook is stored. What stands at
    `decode_json` and `decode_xml` is a document inside the document. A webhook makes at most
    `max_items` calls.
    """

    routes: tuple[Route, ...]
    phone: PhoneRule
    variables: tuple[Variable, ...] = ()
    passthrough: PathSource | None = None
    agent_variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    each: Path | None = None
    when: tuple[NamedGuard, ...] = ()
    occurred_at: PathSource | None = None
    timezone: PathSource | None = None
    dedupe: Dedupe = field(default_factory=Dedupe)
    lookups: tuple[Lookup, ...] = ()
    decode_json: tuple[Path, ...] = ()
    decode_xml: tuple[Path, ...] = ()
    max_items: int = MAX_ITEMS

    def calls(self, view: View) -> tuple[MappedCall, ...]:
        """Return a call for each item, none where there are no items; never raises."""
        try:
            items = self.items(view)
        except MappingError as error:
            return (_Draft().ended(State.REFUSED, error.reason, error.detail),)
        return tuple(map(self.call, items))

    def items(self, view: View) -> tuple[View, ...]:
        """Return a view for each item (`each`).

        MappingError where the document is too deep, or has more than `max_items` of them: a
        webhook is one transaction, for which all others wait.
        """
        if self.each is None:
            return (view,)
        whole = view.document
        items = self.each.items(whole)
        if len(items) > self.max_items:
            detail = f"expected at most {self.max_items} items (`max_items`), found {len(items)}"
            raise MappingError(Reason.TOO_MANY_ITEMS, detail)
        return tuple(replace(view, document=item, whole=whole) for item in items)

    def call(self, item: View) -> MappedCall:
        """Return the call of one item; never raises.

        Before the item's look-up that is a call waiting/`lookup`, unless what is known already
        refuses or ignores it.
        """
        draft = _Draft()
        try:
            return self._decided(item, draft)
        except MappingError as error:
            return draft.ended(State.REFUSED, error.reason, error.detail)

    def _decided(self, view: View, draft: _Draft) -> MappedCall:
        """Decide in the contract's order; the first refusal wins."""
        is_early = bool(self.lookups) and view.lookup is None
        view = replace(view, lookup={}) if is_early else view
        draft.occurred_at, draft.timezone = self._moment(view), self._timezone(view)
        for condition in self.when:
            if _is_open(condition.guard, is_early):
                continue
            if not condition.guard.holds(view):
                return draft.ended(State.IGNORED, condition.reason)
        draft.agent = self._agent(view, is_early)
        if is_early:
            return self._awaiting_lookup(view, draft)
        phone = self.phone.phone(view)
        draft.phone, draft.matched["phone"] = phone.e164, phone.matched
        variables = self._variables(view, draft)
        keys = self.dedupe.keys(view, phone.e164, variables)
        return replace(draft.ended(State.WAITING, Reason.NEW), variables=variables, keys=keys)

    def _awaiting_lookup(self, view: View, draft: _Draft) -> MappedCall:
        self.lookups[0].url.filled(view)  # a webhook that names no record is refused at once
        keys = self.dedupe.early_keys(view)
        return replace(draft.ended(State.WAITING, Reason.LOOKUP), keys=keys)

    def _moment(self, view: View) -> datetime | None:
        return read_moment(self.occurred_at.first(view)) if self.occurred_at else None

    def _timezone(self, view: View) -> str:
        """Return the name of a time zone; what is none is not there, and the phone decides."""
        found = self.timezone.first(view) if self.timezone else None
        name = fold(found) if isinstance(found, str) else ""
        return name if name and is_time_zone(name) else ""

    def _agent(self, view: View, is_early: bool) -> str | None:
        """Return the agent; None before a look-up that has to tell it."""
        for route in self.routes:
            if route.guard is not None and _is_open(route.guard, is_early):
                return None
            if route.guard is None or route.guard.holds(view):
                return route.agent
        raise MappingError(Reason.NO_ROUTE, "no route's condition holds")

    def _variables(self, view: View, draft: _Draft) -> dict[str, str]:
        texts = {variable.name: _text(variable, view) for variable in self.variables}
        if self.passthrough:
            for name, text in copied(self.passthrough, view).items():
                texts.setdefault(name, text)
            for name in self.agent_variables.get(draft.agent or "", ()):
                texts.setdefault(name, Text(text=""))
        draft.matched |= {name: text.matched for name, text in texts.items() if text.matched}
        return {name: text.text for name, text in texts.items()}


def _is_open(guard: Guard, is_early: bool) -> bool:
    return is_early and guard.reads_lookup


def _text(variable: Variable, view: View) -> Text:
    try:
        text = variable.value.text(view)
    except MappingError as error:
        detail = f"variable {variable.name!r}: {error.detail}"
        raise MappingError(error.reason, detail) from error
    if variable.value.required and not text.text:
        detail = f"variable {variable.name!r} is required, and nothing was found for it"
        raise MappingError(Reason.VARIABLE_MISSING, detail)
    return text


def copied(source: PathSource, view: View) -> dict[str, Text]:
    """Return the scalars of the object at the path by name, lists and objects left out."""
    found = source.first(view)
    if found is None or found == []:  # PHP writes an empty object as a list
        return {}
    if not isinstance(found, dict):
        detail = f'"*" expects an object at {source.path.text}'
        raise MappingError(Reason.VARIABLE_NOT_ALLOWED, detail)
    scalars = {name: value for name, value in found.items() if not isinstance(value, list | dict)}
    return {name: _copy(source.path.text, name, value) for name, value in scalars.items()}


def _copy(path: str, name: str, value: Any) -> Text:
    fault = variable_name_fault(name)
    if fault:
        raise MappingError(Reason.VARIABLE_NOT_ALLOWED, f'"*": a key of {path}: {fault}')
    try:
        return Text(text=to_text(value), matched=path)
    except MappingError as error:
        raise MappingError(error.reason, f'"*": {path}.{name}: {error.detail}') from error
