"""A compiled mapping: one view of a request → its calls (contract §4). Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile

from adapter.errors import MappingError
from adapter.mapping.dedupe import Dedupe, DedupeTrace
from adapter.mapping.guards import ALWAYS, Guard, GuardTrace, asked
from adapter.mapping.lookup import Lookup
from adapter.mapping.paths import Path
from adapter.mapping.phone import PhoneRule, PhoneTrace
from adapter.mapping.values import PathSource, Text, Variable, VariableTrace, View, copied, traced
from adapter.model import MAX_ITEMS, MappedCall, Reason, State
from adapter.values.moments import read_last_moment
from adapter.values.text import fold
from adapter.values.time_zones import is_time_zone

__all__ = ["Dedupe", "NamedGuard", "Route", "SourceMapping", "Trace", "Variable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """The agent that rings where `guard` holds; None always holds."""

    guard: Guard | None
    agent: str

    @property
    def reads_lookup(self) -> bool:
        """Whether the answer of a look-up decides."""
        return self.guard is not None and self.guard.reads_lookup


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedGuard:
    """A condition of `when`, and the reason of calls that it keeps from ringing."""

    guard: Guard
    reason: str = Reason.GUARD


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionTrace(NamedGuard):
    """A condition of `when` with its answer."""

    guard: GuardTrace


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteTrace(Route):
    """A route with its condition's answer."""

    guard: GuardTrace


@dataclass(kw_only=True, slots=True)
class Trace:
    """Everything that one item met on all of its way, also beyond what ended it.

    `ended_by` is the key of the mapping that decided; `faults` are the refusals by such keys.
    Before a look-up `is_early`: `when` and `routes` are those that can be asked then, and `view`,
    which is what was read, has an empty answer.
    """

    view: View = field(default_factory=lambda: View(document=None))
    is_early: bool = False
    occurred_at: datetime | None = None
    timezone: str = ""
    agent: str | None = None
    when: tuple[ConditionTrace, ...] = ()
    routes: tuple[RouteTrace, ...] = ()
    phone: PhoneTrace = field(default_factory=PhoneTrace)
    variables: tuple[VariableTrace, ...] = ()
    copied: dict[str, Text] = field(default_factory=dict)
    dedupe: DedupeTrace = field(default_factory=DedupeTrace)
    faults: dict[str, MappingError] = field(default_factory=dict)
    ended_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceMapping:
    """One source's mapping. `passthrough` is the object that `"*"` copies.

    `agent_variables` says, for each agent, what its script references: with `"*"`, what is
    absent is sent as `""`. `lookups` are asked in order once a webhook is stored. What stands at
    `decode_json` and `decode_xml` is a document inside the document. `content_type` and `charset`
    overrule what senders say of bodies. A webhook makes at most `max_items` calls.
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
    content_type: str = ""
    charset: str = ""
    max_items: int = MAX_ITEMS

    def calls(self, view: View) -> tuple[MappedCall, ...]:
        """Return a call for each item, none where there are no items; never raises."""
        try:
            items = self.items(view)
        except MappingError as error:
            return (MappedCall(state=State.REFUSED, reason=error.reason, detail=error.detail),)
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

    def call(self, item: View, trace: Trace | None = None) -> MappedCall:
        """Return the call of one item; never raises. A trace changes nothing.

        Before the item's look-up that is a call waiting/`lookup`, unless what is known already
        refuses or ignores it.
        """
        is_early = bool(self.lookups) and item.lookup is None
        view = replace(item, lookup={}) if is_early else item
        return _Evaluation(mapping=self, view=view, is_early=is_early, trace=trace).call()


@dataclass(kw_only=True, slots=True)
class _Evaluation:
    """One item on its way to a call, and what is known so far: a refused one still shows it."""

    mapping: SourceMapping
    view: View
    is_early: bool
    trace: Trace | None
    occurred_at: datetime | None = None
    timezone: str = ""
    agent: str | None = None
    phone: str | None = None
    texts: dict[str, Text] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)

    def call(self) -> MappedCall:
        """Return the call of the first stage that ends it; a trace sees the stages after it too."""
        ends = self._ends()
        key, call = next(ends)
        if self.trace is not None:
            self.trace.ended_by = key
            for _ in ends:
                pass
            self._tell(self.trace)
        return replace(call, numbers=self.mapping.phone.numbers(self.view, call.phone))

    def _ends(self) -> Iterator[tuple[str, MappedCall]]:
        """Yield key and call of each stage at which the call would end; the last ends any."""
        for key, stage in _STAGES:
            try:
                call = stage(self)
            except MappingError as error:
                call = self._ended(State.REFUSED, error.reason, error.detail)
                if self.trace is not None:
                    self.trace.faults[key] = error
            if call is not None:
                yield key, call

    def _tell(self, trace: Trace) -> None:
        trace.view, trace.is_early, trace.agent = self.view, self.is_early, self.agent
        trace.occurred_at, trace.timezone = self.occurred_at, self.timezone

    def _ended(self, state: State, reason: str, detail: str = "") -> MappedCall:
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

    def read_moment(self) -> None:
        source = self.mapping.occurred_at
        if source is not None:
            self.occurred_at = read_last_moment(source.first(self.view))

    def read_timezone(self) -> None:
        """Read the name of a time zone; what is none is not there, and the phone decides."""
        source = self.mapping.timezone
        found = source.first(self.view) if source is not None else None
        name = fold(found) if isinstance(found, str) else ""
        self.timezone = name if name and is_time_zone(name) else ""

    def turn_away(self) -> MappedCall | None:
        """End at the first condition of `when` that does not hold."""
        conditions: tuple[NamedGuard, ...] = self.mapping.when
        if self.is_early:
            conditions = tuple(named for named in conditions if not named.guard.reads_lookup)
        if self.trace is not None:
            conditions = self.trace.when = tuple(
                ConditionTrace(guard=asked(named.guard, self.view), reason=named.reason)
                for named in conditions
            )
        for named in conditions:
            if not named.guard.holds(self.view):
                return self._ended(State.IGNORED, named.reason)
        return None

    def choose_agent(self) -> None:
        """Choose by the first route that holds; no agent before a look-up that has to tell it."""
        routes: tuple[Route, ...] = self.mapping.routes
        if self.is_early:
            routes = tuple(takewhile(lambda route: not route.reads_lookup, routes))
        if self.trace is not None:
            routes = self.trace.routes = tuple(
                RouteTrace(guard=asked(route.guard or ALWAYS, self.view), agent=route.agent)
                for route in routes
            )
        for route in routes:
            if route.guard is None or route.guard.holds(self.view):
                self.agent = route.agent
                return
        if len(routes) == len(self.mapping.routes):
            raise MappingError(Reason.NO_ROUTE, "no route's condition holds")

    def await_lookup(self) -> MappedCall | None:
        """End before a look-up, where the webhook names a record to ask for."""
        if not self.is_early:
            return None
        self.mapping.lookups[0].url.filled(self.view)
        keys = self.mapping.dedupe.early_keys(self.view)
        return replace(self._ended(State.WAITING, Reason.LOOKUP), keys=keys)

    def read_phone(self) -> None:
        trace = self.trace.phone if self.trace is not None else None
        phone = self.mapping.phone.phone(self.view, trace)
        self.phone, self.matched = phone.e164, {"phone": phone.matched}

    def read_variables(self) -> None:
        variables: Sequence[Variable | VariableTrace] = self.mapping.variables
        if self.trace is not None:
            variables = self.trace.variables = traced(self.mapping.variables, self.view)
        self.texts = {variable.name: variable.text(self.view) for variable in variables}

    def copy_variables(self) -> None:
        """Add what `"*"` copies, and as `""` what the agent's script references besides."""
        source = self.mapping.passthrough
        if source is None:
            return
        referenced = self.mapping.agent_variables.get(self.agent or "", ())
        absent = dict.fromkeys(referenced, Text(text=""))
        if self.trace is not None:
            self.trace.copied = absent  # also where what would be copied is refused
        found = copied(source, self.view)
        copies = found | {name: text for name, text in absent.items() if name not in found}
        if self.trace is not None:
            self.trace.copied = copies
        for name, text in copies.items():
            self.texts.setdefault(name, text)

    def identify(self) -> MappedCall:
        """End as a call that may ring, with what recognises another ring of its lead."""
        texts = self.texts
        matched = {name: text.matched for name, text in texts.items() if text.matched}
        self.matched = {**self.matched, **matched}
        variables = {name: text.text for name, text in texts.items()}
        trace = self.trace.dedupe if self.trace is not None else None
        keys = self.mapping.dedupe.keys(self.view, self.phone or "", variables, trace)
        return replace(self._ended(State.WAITING, Reason.NEW), variables=variables, keys=keys)


# The contract's order of deciding, each stage with the key of the mapping that it reads: the first
# that ends a call decides.
_STAGES: tuple[tuple[str, Callable[[_Evaluation], MappedCall | None]], ...] = (
    ("occurred_at", _Evaluation.read_moment),
    ("timezone", _Evaluation.read_timezone),
    ("when", _Evaluation.turn_away),
    ("routes", _Evaluation.choose_agent),
    ("lookup", _Evaluation.await_lookup),
    ("phone", _Evaluation.read_phone),
    ("variables", _Evaluation.read_variables),
    ('"*"', _Evaluation.copy_variables),
    ("dedupe", _Evaluation.identify),
)
