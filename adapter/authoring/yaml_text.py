"""Values → YAML as a person would write it, which reads back as exactly these values. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapter.compiler.yaml.marks import core_value
from adapter.values.text import escaped

WIDTH = 110
# Beyond these a text stands in quotes: cautious rather than complete.
_PLAIN = re.compile(r"[A-Za-z$/(][A-Za-z0-9_ $./()@'*=?|~;%^&+\[\]\u00c0-\u024f-]*")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z$/(][A-Za-z0-9_ $./()@'*=|~;%^&+\u00c0-\u024f-]*")
_DURATION = re.compile(r"[1-9][0-9]*[smhd]")
# Words that one YAML or another takes for something else.
_TAKEN = frozenset(
    ["yes", "no", "on", "off", "y", "n", "true", "false", "null", "none", "~", ".inf", ".nan"]
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Env:
    """A text that the environment gives, as `${NAME}`; no text of a sample is ever one."""

    name: str
    default: str | None = None

    def __str__(self) -> str:
        default = "" if self.default is None else f":-{self.default}"
        return f"${{{self.name}{default}}}"


def scalar(value: Any, *, in_flow: bool = False) -> str:
    """Return a scalar as YAML."""
    if isinstance(value, Env):
        return f'"{value}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float | Decimal):
        return str(value)
    # A text of the sample is no reference to the environment.
    return yaml_text(str(value).replace("${", "$${"), in_flow=in_flow)


def yaml_text(text: str, *, in_flow: bool = False) -> str:
    """Return a text as YAML reads it, in quotes where it may need them; flow is inside `{…}`."""
    plain = _PLAIN_IN_FLOW if in_flow else _PLAIN
    if (
        (plain.fullmatch(text) or _DURATION.fullmatch(text))
        and text == text.strip()
        and text.casefold() not in _TAKEN
        and core_value(text) == text
    ):
        return text
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return _in_quotes(text)


def key(name: str) -> str:
    """Return a map's key; variables of the environment are not read there."""
    is_plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_ -]*", name) and name == name.strip()
    return name if is_plain and name.casefold() not in _TAKEN else _in_quotes(name)


def _in_quotes(text: str) -> str:
    return escaped(json.dumps(text, ensure_ascii=False))  # as YAML writes what has no shape, too


def flow(value: Any) -> str:
    """Return a value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(entry) for entry in value) + "]"
    return scalar(value, in_flow=True)


def block(name: str, value: Any, indent: int = 0) -> list[str]:
    """Return `name: value` in as few lines as fit."""
    start = f"{' ' * indent}{key(name)}:"
    if not isinstance(value, Mapping | list | tuple):
        return [f"{start} {scalar(value)}"]
    line = f"{start} {flow(value)}"
    if len(line) <= WIDTH or not value:
        return [line]
    return [start, *body(value, indent + 2)]


def body(value: Any, indent: int) -> list[str]:
    """Return the lines of a map or list that stands below its key."""
    if isinstance(value, Mapping):
        return [line for k, part in value.items() for line in block(k, part, indent)]
    return [line for entry in value for line in _entry(entry, indent)]


def _entry(value: Any, indent: int) -> Iterator[str]:
    start = f"{' ' * indent}- "
    if not isinstance(value, Mapping | list | tuple):
        yield start + scalar(value)
        return
    line = start + flow(value)
    if len(line) <= WIDTH or not value:
        yield line
        return
    lines = body(value, indent + 2)
    yield start + lines[0].lstrip()
    yield from lines[1:]
