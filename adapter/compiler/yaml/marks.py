"""YAML 1.2 text → a plain value that remembers where each part of it stands."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from adapter.errors import Problem

Place: TypeAlias = tuple[str | int, ...]

# Aliases may make a small file a huge value; no honest file comes near this many parts.
MAX_NODES = 100_000

_TAG = "tag:yaml.org,2002:"
# YAML 1.2's core schema, §10.3.2. ruamel also reads 1_000 and 0b1 as numbers: here they are text.
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_TYPED_TAGS = frozenset(_TAG + name for name in ("int", "float", "bool", "null"))
_TEXT_TAGS = frozenset(_TAG + name for name in ("str", "timestamp", "merge", "value"))
# Past U+10FFFF there is no character; the library asks Python for one all the same.
_NO_CHARACTER = re.compile(rb"\\U(?!000|0010)[0-9A-Fa-f]{8}")
_RADIX = {"0o": 8, "0x": 16}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """The place of a value and its key (from 1), and the scalar as it is written there.

    `raw` is None for a map or list. `is_expanded`: the value came through `${…}`; `is_unset`:
    a variable in it had no value, so nothing more can be said of it.
    """

    line: int
    column: int
    key_line: int
    key_column: int
    raw: str | None = None
    is_expanded: bool = False
    is_unset: bool = False

    def expanded(self, *, is_unset: bool) -> "Mark":
        """Return this mark for a value that a variable gave, or should have given."""
        return replace(self, is_expanded=True, is_unset=is_unset)


@dataclass(frozen=True, kw_only=True, slots=True)
class YamlDocument:
    """A file's value (maps, lists, text, int, float, bool, None) and the marks of its places.

    `inherited` names the file that a top-level key came from, where that is another one.
    """

    file: str
    value: Any = None
    marks: Mapping[Place, Mark] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)

    def file_of(self, place: Place) -> str:
        """Return the file in which a place stands."""
        return self.inherited.get(str(place[0]), self.file) if place else self.file


def read_sheet(file: str, body: bytes) -> tuple[YamlDocument | None, list[Problem]]:
    """Read one YAML document in UTF-8; None where its text cannot be read at all."""
    try:
        nodes = list(YAML(typ="safe", pure=True).compose_all(body.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        return None, [_problem(file, line, 1, "this is not UTF-8 text: save the file as UTF-8")]
    except MarkedYAMLError as error:
        return None, [_syntax_problem(file, body, error)]
    except YAMLError:
        return None, [_problem(file, 1, 1, "a character that YAML does not allow stands here")]
    except RecursionError:
        return None, [_problem(file, 1, 1, "nested too deeply to be read")]
    except Exception as error:  # what the library lets slip: AssertionError, ValueError, …
        return None, [_unread_problem(file, body, error)]
    return _sheet_of(file, nodes)


def _sheet_of(file: str, nodes: list[Node]) -> tuple[YamlDocument | None, list[Problem]]:
    if not nodes:
        mark = Mark(line=1, column=1, key_line=1, key_column=1)
        return YamlDocument(file=file, value={}, marks={(): mark}), []
    if len(nodes) > 1:
        message = "a second document starts here: keep one document in a file, without ---"
        return None, [_problem(file, *_position(nodes[1]), message)]
    builder = _Builder(file)
    try:
        value = builder.build(nodes[0], (), nodes[0])
    except RecursionError:
        return None, [_problem(file, 1, 1, "nested too deeply to be read")]
    return YamlDocument(file=file, value=value, marks=builder.marks), builder.problems


def _position(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _problem(file: str, line: int, column: int, message: str, key: str = "") -> Problem:
    return Problem(file=file, line=line, column=column, key=key, message=message)


def _syntax_problem(file: str, body: bytes, error: MarkedYAMLError) -> Problem:
    """Say what the YAML library says, and the remedy for the two mistakes that are usual."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = body.splitlines()
    here = lines[line - 1] if line <= len(lines) else b""
    message = "this is not YAML"
    if b"\t" in here[: column + 1]:
        message += ": a tab stands here; indent with spaces"
    elif b"${" in here:
        message += ': inside { } or [ ] write a variable in quotes, "${NAME}"'
    else:
        # The library names single characters and anchors here, never a value.
        message += f": {error.problem}" if error.problem else ""
    return _problem(file, line, column, message)


def _unread_problem(file: str, body: bytes, error: Exception) -> Problem:
    """Name the line of a directive or of an escape that stands for no character, if that is it."""
    message = f"this cannot be read as YAML 1.2 ({type(error).__name__})"
    for number, line in enumerate(body.splitlines(), 1):
        if line.startswith(b"%"):
            message = "a directive stands here: leave %YAML and %TAG out"
            return _problem(file, number, 1, message)
        wrong = _NO_CHARACTER.search(line)
        if wrong is not None:
            message = "this escape stands for no character"
            return _problem(file, number, wrong.start() + 1, message)
    return _problem(file, 1, 1, message)


class _Builder:
    """Walks the nodes of one document once, and keeps what it finds."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[Place, Mark] = {}
        self.problems: list[Problem] = []
        self._open: list[Node] = []

    def build(self, node: Node, place: Place, key: Node) -> Any:
        key_line, key_column = _position(key)
        raw = node.value if isinstance(node, ScalarNode) else None
        # Nothing stands where the next line begins, by the library's count.
        line, column = _position(key if raw == "" and node.start_mark == node.end_mark else node)
        self.marks[place] = Mark(
            line=line, column=column, key_line=key_line, key_column=key_column, raw=raw
        )
        if isinstance(node, ScalarNode):
            return self._scalar(node, place)
        return self._collection(node, place)

    def _collection(self, node: Node, place: Place) -> Any:
        if node in self._open or len(self.marks) > MAX_NODES:
            self._add(node, place, "an alias (*) makes this value endless: write it out")
            return None
        self._open.append(node)
        is_map = isinstance(node, MappingNode)
        value = self._map(node, place) if is_map else self._list(node, place)
        self._open.pop()
        return value

    def _list(self, node: Node, place: Place) -> list[Any]:
        return [self.build(entry, (*place, n), entry) for n, entry in enumerate(node.value)]

    def _map(self, node: Node, place: Place) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, place)
            if key is None:
                continue
            if key in value:
                self._add(key_node, (*place, key), "this key stands here twice: keep one")
                continue
            value[key] = self.build(value_node, (*place, key), key_node)
        return value

    def _key(self, node: Node, place: Place) -> str | None:
        if not isinstance(node, ScalarNode):
            self._add(node, place, "a key must be text, not a map or a list")
            return None
        return key_text(self._scalar(node, place))

    def _scalar(self, node: ScalarNode, place: Place) -> Any:
        if node.tag in _TYPED_TAGS and node.style not in ("'", '"', "|", ">"):
            return core_value(node.value)
        if node.tag not in _TYPED_TAGS | _TEXT_TAGS:
            self._add(node, place, "YAML tags are not read: write the value without its !tag")
        return node.value

    def _add(self, node: Node, place: Place, message: str) -> None:
        self.problems.append(_problem(self.file, *_position(node), message, key_path(place)))


def core_value(text: str) -> Any:
    """Return what a plain scalar means in YAML 1.2's core schema: int, float, bool, None, text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def _integer(text: str) -> int | str:
    radix = _RADIX.get(text[:2], 10)
    try:
        return int(text[2:] if radix != 10 else text, radix)
    except ValueError:  # Python's limit of 4,300 digits: such a number is better kept as text
        return text


def key_text(value: Any) -> str:
    """Return a key as text: `true: x` and `1: x` have the keys "true" and "1"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def key_path(place: Place) -> str:
    """Return a place as it is printed: `variables.plan.transform[0]`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
