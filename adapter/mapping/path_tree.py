"""The tree that jsonpath-ng makes of a path, and what is hardened in it before it reads anything.

Filters and sums then read our Decimals, `=~` our patterns, and a faulty path fails at load. Pure.
"""

import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from jsonpath_ng import DatumInContext, Index, JSONPath, Root, Slice, Wildcard
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.arithmetic import Operation
from jsonpath_ng.ext.filter import Expression, Filter
from jsonpath_ng.ext.iterable import Keys, Len, SortedThis
from jsonpath_ng.ext.iterable import Path as PathOf
from jsonpath_ng.ext.parser import ExtendedJsonPathParser
from jsonpath_ng.ext.string import DefintionInvalid, Split, Str, Sub

from adapter.errors import CompileError
from adapter.mapping.path_text import quoted_path
from adapter.mapping.patterns import Pattern, compile_pattern
from adapter.values.elements import ELEMENTS

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
# These make new values, which stand nowhere in the document.
_COMPUTING = (Operation, Len, Keys, PathOf, SortedThis, Sub, Split, Str)


def tree_of(text: str) -> Any:
    """Return the tree of a path, or raise CompileError with what to write instead."""
    try:
        tree = _parse(text)
    except _SYNTAX_FAULTS as error:
        raise CompileError(_syntax_message(text, error)) from error
    for node in list(nodes_of(tree)):
        _harden(node, text)
    return tree


class _Items(Wildcard):
    """`[*]`, which means the items of a list where `.*` means the values of an object."""


class _Parser(ExtendedJsonPathParser):
    """The library's own, but for telling `[*]` from `.*`."""

    def p_slice_any(self, p: Any) -> None:
        "slice : '*'"  # noqa: D400, D403, D415 - the grammar's rule
        p[0] = _Items()


class LoneList(list[Any]):
    """A lone XML element as the list of one that it may be read as; it stands in no document."""


def _find_in_many(find: Callable[[Any], list[Any]], data: Any) -> list[Any]:
    """Return what an index, `[*]`, a slice or a filter finds; a lone XML element is a list."""
    datum = DatumInContext.wrap(data)
    if not isinstance(datum.value, ELEMENTS):
        return find(datum)
    many = LoneList([datum.value])
    return find(DatumInContext(many, path=datum.path, context=datum.context))


def is_computing(node: Any) -> bool:
    """Whether a node makes new values, which stand nowhere in the document."""
    return isinstance(node, _COMPUTING)


def _parse(text: str) -> Any:
    with warnings.catch_warnings():
        # Old filter syntax (`&`, unquoted words) still works: it is the operator's to modernise.
        warnings.simplefilter("ignore", DeprecationWarning)
        return _Parser().parse(text)


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


def nodes_of(tree: Any) -> Iterator[Any]:
    """Yield every node of a tree."""
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
    if isinstance(node, Index | Slice | Filter | _Items):
        setattr(node, "find", partial(_find_in_many, node.find))  # noqa: B010 - of this node alone
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
