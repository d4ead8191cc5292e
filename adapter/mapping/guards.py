"""Conditions of `when` and `routes` (contract §4 "Guards"). Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Protocol

from adapter.errors import CompileError, MappingError
from adapter.mapping.patterns import Pattern, compile_pattern
from adapter.mapping.trace import PartTrace
from adapter.mapping.values import PathSource, View
from adapter.values.text import to_text

_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,3})?", re.ASCII)


class Guard(Protocol):
    """A condition on a request."""

    @property
    def reads_lookup(self) -> bool:
        """Whether the answer of a look-up decides, so that none can be given before."""
        ...

    def holds(self, view: View, trace: "GuardTrace | None" = None) -> bool:
        """Whether the condition is met."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """`prepare` checks the operand once (CompileError); `holds` compares all matches with it.

    `expected` says what an operand is. With `takes_whole_texts` another spelling of a match is
    another text, which people overlook.
    """

    prepare: Callable[[Any], Any]
    holds: Callable[[list[Any], Any], bool]
    expected: str = "text, a number, true or false"
    takes_whole_texts: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One path compared with an operand that compile_comparison prepared."""

    path: PathSource
    operator: str
    operand: Any

    @property
    def reads_lookup(self) -> bool:
        """Whether its path does."""
        return self.path.reads_lookup

    def holds(self, view: View, trace: "GuardTrace | None" = None) -> bool:
        """Whether any match meets the condition (for `not_…`: whether none is equal)."""
        matches = self.path.find(view)
        if trace is not None:
            trace.matches = matches
        return OPERATORS[self.operator].holds(matches, self.operand)


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    """`all`, or a list of conditions; an empty one holds."""

    guards: tuple[Guard, ...]

    @property
    def reads_lookup(self) -> bool:
        """Whether any condition does."""
        return any(guard.reads_lookup for guard in self.guards)

    def holds(self, view: View, trace: "GuardTrace | None" = None) -> bool:
        """Whether every condition holds."""
        guards = self.guards if trace is None else trace.ask(self.guards, view)
        return all(guard.holds(view) for guard in guards)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """`any`; an empty one does not hold."""

    guards: tuple[Guard, ...]

    @property
    def reads_lookup(self) -> bool:
        """Whether any condition does."""
        return any(guard.reads_lookup for guard in self.guards)

    def holds(self, view: View, trace: "GuardTrace | None" = None) -> bool:
        """Whether some condition holds."""
        guards = self.guards if trace is None else trace.ask(self.guards, view)
        return any(guard.holds(view) for guard in guards)


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """`not`."""

    guard: Guard

    @property
    def reads_lookup(self) -> bool:
        """Whether its condition does."""
        return self.guard.reads_lookup

    def holds(self, view: View, trace: "GuardTrace | None" = None) -> bool:
        """Whether the condition does not hold."""
        (guard,) = (self.guard,) if trace is None else trace.ask((self.guard,), view)
        return not guard.holds(view)


@dataclass(kw_only=True, slots=True)
class GuardTrace(PartTrace[bool]):
    """A condition that was asked: what a comparison matched, and the parts of a combination."""

    guard: Guard
    matches: Sequence[Any] = ()
    parts: "tuple[GuardTrace, ...]" = ()

    @property
    def reads_lookup(self) -> bool:
        """Whether its condition does."""
        return self.guard.reads_lookup

    @property
    def held(self) -> bool:
        """Whether it held; one that refused did not."""
        return self.answer is True

    def holds(self, _view: View, _trace: "GuardTrace | None" = None) -> bool:
        """Whether it held, as its condition tells it."""
        return self.told()

    def ask(self, guards: Iterable[Guard], view: View) -> "tuple[GuardTrace, ...]":
        """Ask all parts of a combination; they stand for themselves from now on."""
        self.parts = tuple(asked(guard, view) for guard in guards)
        return self.parts


def asked(guard: Guard, view: View) -> GuardTrace:
    """Return a condition with its answer."""
    trace = GuardTrace(guard=guard)
    trace.record(lambda: guard.holds(view, trace))
    return trace


ALWAYS = AllOf(guards=())


def compile_comparison(path: PathSource, operator: str, operand: Any) -> Comparison:
    """Check operator and operand once, or raise CompileError."""
    if operator not in OPERATORS:
        near = get_close_matches(operator, OPERATORS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(OPERATORS)}"
        raise CompileError(f"unknown condition {operator!r} ({hint})")
    prepared = OPERATORS[operator].prepare(operand)
    return Comparison(path=path, operator=operator, operand=prepared)


def _text_form(value: Any) -> str | None:
    """Return what a value compares as: strings only trimmed; None for what equals nothing."""
    if isinstance(value, str):
        return value.strip()
    try:
        return to_text(value)
    except MappingError:
        return None


def _text_forms(matches: list[Any]) -> list[str]:
    """Return the matches' text forms; an absent value is `""`, an object equals nothing."""
    forms = [_text_form(match) for match in matches or [""]]
    return [form for form in forms if form is not None]


def _number(form: str) -> Decimal | None:
    return Decimal(form) if _NUMBER.fullmatch(form) else None


def _numbers(matches: list[Any]) -> list[Decimal]:
    numbers = map(_number, _text_forms(matches))
    return [number for number in numbers if number is not None]


def _one_text(operand: Any) -> frozenset[str]:
    form = None if isinstance(operand, list) else _text_form(operand)
    if form is None:
        raise CompileError("expected one text, number or boolean; for several write in: [a, b]")
    return frozenset({form})


def _texts(operand: Any) -> frozenset[str]:
    if not isinstance(operand, list | tuple) or not operand:
        raise CompileError("expected a list of texts, for example [lead, customer]")
    return frozenset().union(*map(_one_text, operand))


def _pattern(operand: Any) -> Pattern:
    if not isinstance(operand, str):
        raise CompileError("expected a regular expression in quotes")
    return compile_pattern(operand)


def _presence(operand: Any) -> bool:
    if not isinstance(operand, bool):
        raise CompileError("expected true or false")
    return operand


def _limit(operand: Any) -> Decimal:
    form = _text_form(operand)
    number = None if form is None else _number(form)
    if number is None:
        raise CompileError("expected a number, for example 18")
    return number


def _has_equal(matches: list[Any], texts: frozenset[str]) -> bool:
    return any(form in texts for form in _text_forms(matches))


def _has_none_equal(matches: list[Any], texts: frozenset[str]) -> bool:
    return not _has_equal(matches, texts)


def _has_match(matches: list[Any], pattern: Pattern) -> bool:
    return any(pattern.is_in(form) for form in _text_forms(matches))


def _is_present(matches: list[Any], is_wanted: bool) -> bool:
    return bool(matches) is is_wanted


def _has_greater(matches: list[Any], limit: Decimal) -> bool:
    return any(number > limit for number in _numbers(matches))


def _has_less(matches: list[Any], limit: Decimal) -> bool:
    return any(number < limit for number in _numbers(matches))


OPERATORS: Mapping[str, Operator] = {
    "equals": Operator(prepare=_one_text, holds=_has_equal, takes_whole_texts=True),
    "not_equals": Operator(prepare=_one_text, holds=_has_none_equal),
    "in": Operator(prepare=_texts, holds=_has_equal, takes_whole_texts=True),
    "not_in": Operator(prepare=_texts, holds=_has_none_equal),
    "matches": Operator(prepare=_pattern, holds=_has_match, expected="a regular expression"),
    "exists": Operator(prepare=_presence, holds=_is_present, expected="true or false"),
    "gt": Operator(prepare=_limit, holds=_has_greater, expected="a number, such as 18"),
    "lt": Operator(prepare=_limit, holds=_has_less, expected="a number, such as 18"),
}
