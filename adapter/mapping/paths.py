"""JSONPaths, compiled once: the only importer of jsonpath-ng (its extended dialect). Pure."""

import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from jsonpath_ng import Child, DatumInContext, Descendants, Fields, Index, JSONPath, Root, Wildcard
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.arithmetic import Operation
from jsonpath_ng.ext.filter import Expression
from jsonpath_ng.ext.iterable import Keys, Len, SortedThis
from jsonpath_ng.ext.iterable import Path as PathOf
from jsonpath_ng.ext.parser import parse
from jsonpath_ng.ext.string import DefintionInvalid, Split, Str, Sub

from adapter.errors import CompileError, MappingError
from adapter.mapping.path_hints import quoted_path
from adapter.mapping.patterns import Pattern, compile_pattern
from adapter.model import Reason

# What the library raises, beside its own errors, for a text that is not a path.
_SYNTAX_FAULTS = (
    JSONPathError,
    DefintionInvalid,
    re.error,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
# What it raises where a document is not of the shape that the path expects: no match.
_MISFITS = (
    JSONPathError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
# These make new values, which stand nowhere in the document.
_COMPUTING = (Operation, Len, Keys, PathOf, SortedThis, Sub, Split, Str)

Steps = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """A compiled JSONPath; `text` is what the mapping says.

    Null counts as absent everywhere. Only MappingError is ever raised, and only where the
    document is too deep for the path, or where there is no place to change.
    """

    text: str
    tree: Any = field(repr=False, compare=False)
    steps: Steps | None = field(repr=False, compare=False)
    # The key that it begins with: "a" of `$.a.b[0]`; None where it begins with no one key.
    head: str | None = field(repr=False, compare=False, default=None)
    # The path without its trailing `[*]`: a lone object is one item (contract §4 `each`).
    lone: "Path | None" = field(repr=False, compare=False, default=None)

    def find(self, document: Any) -> list[Any]:
        """Return the values of all matches, in document order."""
        if self.steps is not None:
            value = _walk(document, self.steps)
            return [] if value is None else [value]
        return [match.value for match in self._matches(document) if match.value is not None]

    def first(self, document: Any) -> Any | None:
        """Return the first match that is not null, or None."""
        if self.steps is not None:
            return _walk(document, self.steps)
        return next(iter(self.find(document)), None)

    def items(self, document: Any) -> list[Any]:
        """Return the matches for `each`: a list counts as its items, anything else as one."""
        matches = self.find(document) if self.lone is None else self.lone.items(document)
        return [item for item in _spread(matches) if item is not None]

    def take_out(self, document: Any) -> None:
        """Delete the matches in place; in a list they become null, so that indexes stay."""
        for container, key in self._places(document):
            if isinstance(container, list):
                container[key] = None
            else:
                container.pop(key, None)

    def replace(self, document: Any, fn: Callable[[Any], Any]) -> Any:
        """Put `fn(value)` in the place of each match; return the document (`$` is a new one)."""
        if self.steps == ():
            return fn(document)
        for container, key in self._places(document):
            if container[key] is not None:
                container[key] = fn(container[key])
        return document

    def _places(self, document: Any) -> list[tuple[Any, Any]]:
        # By identity: a union or `..` may name one place twice.
        places = {}
        for match in self._matches(document):
            container, key = _place_of(match, self.text)
            places[id(container), key] = (container, key)
        return list(places.values())

    def _matches(self, document: Any) -> list[Any]:
        try:
            return list(self.tree.find(document))
        except RecursionError as error:
            detail = f"the document is nested too deeply for {self.text}"
            raise MappingError(Reason.MALFORMED_BODY, detail) from error
        except _MISFITS:
            return []


def compile_path(text: str) -> Path:
    """Compile a JSONPath, or raise CompileError with what to write instead."""
    stripped = text.strip()
    if not stripped.lstrip("( ").startswith("$"):
        raise CompileError(f"{text!r} is not a path: paths begin with '$', for example $.phone")
    tree = _parsed(stripped)
    for node in list(_nodes(tree)):
        _harden(node, stripped)
    return _path(stripped, tree)


def compile_place(text: str) -> Path:
    """Compile a path to values that can be taken out or replaced: neither `$` nor computed."""
    path = compile_path(text)
    if path.steps == ():
        raise CompileError("'$' is the whole document: name one value in it, for example $.secret")
    if any(isinstance(node, _COMPUTING) for node in _nodes(path.tree)):
        raise CompileError(f"{text!r} computes a value: name a place in the document instead")
    return path


def _path(text: str, tree: Any) -> Path:
    # `.*` keeps the library's meaning (each value of an object); `[*]` is a list by intent.
    is_list = text.endswith("[*]") and isinstance(tree, Child) and isinstance(tree.right, Wildcard)
    lone = _path(text.removesuffix("[*]").rstrip(), tree.left) if is_list else None
    return Path(text=text, tree=tree, steps=_steps(tree), head=_head(tree), lone=lone)


def _parsed(text: str) -> Any:
    try:
        return _parse(text)
    except _SYNTAX_FAULTS as error:
        raise CompileError(_syntax_message(text, error)) from error


def _parse(text: str) -> Any:
    with warnings.catch_warnings():
        # Old filter syntax (`&`, unquoted words) still works: it is the operator's to modernise.
        warnings.simplefilter("ignore", DeprecationWarning)
        return parse(text)


def _syntax_message(text: str, error: Exception) -> str:
    message = f"{text!r} is not a JSONPath: {str(error).strip()}"
    if "$" in text[1:]:  # two paths and a sign between: quotes would not mend that
        return message
    suggestion = quoted_path(text)
    try:
        _parse(suggestion)
    except _SYNTAX_FAULTS:
        return message
    return f"{message}; keys with spaces, accents or signs stand in quotes: write {suggestion}"


def _nodes(tree: Any) -> Iterator[Any]:
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        children = [getattr(node, name, None) for name in ("left", "right", "target", "value")]
        for name in ("expressions", "operands"):
            children += getattr(node, name, None) or ()
        # A sort's expressions are (path, is_descending).
        bare = (child[0] if isinstance(child, tuple) else child for child in children)
        pending += [child for child in bare if isinstance(child, JSONPath)]


def _harden(node: Any, text: str) -> None:
    """Refuse at load what would fail at each match; make filters and sums read our Decimals."""
    kind = type(node).__name__
    if kind == "_Intersect":
        raise CompileError(f"{text!r}: '&' between paths does nothing; use && inside a filter")
    if kind == "_Union" and isinstance(node.right, Root):
        raise CompileError(f"{text!r}: write alternatives as $['a','b'] or $.((a)|(b))")
    if isinstance(node, Expression):
        _harden_expression(node, text)
    elif isinstance(node, Operation):
        node.op = _SUMS[node.op_symbol]
        node.left, node.right = _exact(node.left), _exact(node.right)


def _harden_expression(node: Any, text: str) -> None:
    if node.op == "=~":
        node.target, node.op, node.value = _matching(node, text), None, None
        return
    node.target = _Floats(node.target)
    if isinstance(node.value, JSONPath):
        node.value = _Floats(node.value)


def _matching(node: Any, text: str) -> "_Matching":
    if not isinstance(node.value, str):
        raise CompileError(f"{text!r}: bad regular expression: expected text in quotes")
    try:
        return _Matching(node.target, compile_pattern(node.value))
    except CompileError as error:
        raise CompileError(f"{text!r}: bad regular expression: {error}") from error


class _Matching(JSONPath):
    """Those of an operand's texts in which a pattern is: `=~` by our patterns."""

    def __init__(self, left: Any, pattern: Pattern) -> None:
        self.left = left  # by this name the library finds a `$` inside
        self.pattern = pattern

    def find(self, data: Any) -> list[Any]:
        found = self.left.find(data)
        texts = (match for match in found if isinstance(match.value, str))
        return [match for match in texts if self.pattern.is_in(match.value)]


class _Floats(JSONPath):
    """A filter's operand with Decimals as floats, the only fractions that the library orders."""

    def __init__(self, left: Any) -> None:
        self.left = left  # by this name the library finds a `$` inside

    def find(self, data: Any) -> list[Any]:
        return [_as_float(match) for match in self.left.find(data)]


def _as_float(match: Any) -> Any:
    if not isinstance(match.value, Decimal):
        return match
    return DatumInContext(float(match.value), path=match.path, context=match.context)


def _exact(operand: Any) -> Any:
    return Decimal(repr(operand)) if isinstance(operand, float) else operand


def _times(left: Any, right: Any) -> Any:
    # A text times a number from the document could fill the memory.
    if not all(isinstance(factor, int | float | Decimal) for factor in (left, right)):
        raise TypeError("only numbers multiply")
    return left * right


_SUMS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _times,
    "/": operator.truediv,
}


def _steps(tree: Any) -> Steps | None:
    """Return the keys and indexes of a plain path, which `_walk` follows; None for any other."""
    steps: list[str | int] = []
    while isinstance(tree, Child):
        named: tuple[str | int, ...] = tree.right.fields if isinstance(tree.right, Fields) else ()
        named = tree.right.indices if isinstance(tree.right, Index) else named
        if len(named) != 1:
            return None
        steps.append(named[0])
        tree = tree.left
    return tuple(reversed(steps)) if isinstance(tree, Root) else None


def _head(tree: Any) -> str | None:
    """Return the key that stands right after `$`, whatever comes then."""
    below = getattr(tree, "left", None)
    while isinstance(tree, Child | Descendants) and not isinstance(below, Root):
        tree, below = below, getattr(below, "left", None)
    named = tree.right if isinstance(tree, Child) else None
    fields = named.fields if isinstance(named, Fields) else ()
    return str(fields[0]) if len(fields) == 1 else None


def _walk(value: Any, steps: Steps) -> Any | None:
    for step in steps:
        if isinstance(step, str):
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        else:
            if not isinstance(value, list) or not -len(value) <= step < len(value):
                return None
            value = value[step]
    return value


def _spread(matches: list[Any]) -> Iterator[Any]:
    for match in matches:
        if isinstance(match, list):
            yield from match
        else:
            yield match


def _place_of(match: Any, text: str) -> tuple[Any, Any]:
    path = match.path
    if match.context is not None:
        if isinstance(path, Fields):
            return match.context.value, path.fields[0]
        if isinstance(path, Index):
            return match.context.value, path.indices[0]
    raise MappingError(Reason.MALFORMED_BODY, f"{text} names no place inside the document")
