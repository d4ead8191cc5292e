"""JSONPaths of jsonpath-ng's extended dialect, compiled once. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jsonpath_ng import Child, Descendants, Fields, Index, Root, Wildcard
from jsonpath_ng.exceptions import JSONPathError

from adapter.errors import CompileError, MappingError
from adapter.mapping.path_tree import LoneList, is_computing, nodes_of, tree_of
from adapter.model import Reason
from adapter.values.elements import ELEMENTS

# What the library raises where a document is not of the shape that the path expects: no match.
_MISFITS = (
    JSONPathError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)

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
        """Return the match that counts, or None."""
        if self.steps is not None:
            return _walk(document, self.steps)
        return first_of(self.find(document))

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


def first_of(matches: list[Any]) -> Any | None:
    """Return the match that counts: the first; if that is blank, the next text or number.

    A form writes a question that was passed over as "", and asks another one too.
    """
    if not matches:
        return None
    leading, *others = matches
    filled = (other for other in others if not _is_blank(other) and not isinstance(other, dict))
    return next(filled, leading) if _is_blank(leading) else leading


def _is_blank(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return all(isinstance(text, str) and not text.strip() for text in texts)


def compile_path(text: str) -> Path:
    """Compile a JSONPath, or raise CompileError with what to write instead."""
    stripped = text.strip()
    if not stripped.lstrip("( ").startswith("$"):
        raise CompileError(f"{text!r} is not a path: paths begin with '$', for example $.phone")
    return _path(stripped, tree_of(stripped))


def compile_place(text: str) -> Path:
    """Compile a path to values that can be taken out or replaced: neither `$` nor computed."""
    path = compile_path(text)
    if path.steps == ():
        raise CompileError("'$' is the whole document: name one value in it, for example $.secret")
    if any(is_computing(node) for node in nodes_of(path.tree)):
        raise CompileError(f"{text!r} computes a value: name a place in the document instead")
    return path


def _path(text: str, tree: Any) -> Path:
    # `.*` keeps the library's meaning (each value of an object); `[*]` is a list by intent.
    is_list = text.endswith("[*]") and isinstance(tree, Child) and isinstance(tree.right, Wildcard)
    lone = _path(text.removesuffix("[*]").rstrip(), tree.left) if is_list else None
    return Path(text=text, tree=tree, steps=_steps(tree), head=_head(tree), lone=lone)


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
            value = [value] if isinstance(value, ELEMENTS) else value
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
        if isinstance(match.context.value, LoneList):
            return _place_of(match.context, text)
        if isinstance(path, Index):
            return match.context.value, path.indices[0]
    raise MappingError(Reason.MALFORMED_BODY, f"{text} names no place inside the document")
