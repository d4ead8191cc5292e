"""Regular expressions that the operator wrote, compiled once: the one importer of RE2. Pure.

RE2 reads a text in time that grows with its length alone, whatever the pattern. Python's own
module took for ever over `^([a-z0-9]+[._-]?)+@example[.]com$` and 29 characters, in which time
no other lead was answered and no signal was heard.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import re2

from adapter.errors import CompileError

# No field that is read to somebody is longer.
MAX_INPUT = 1_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(.)", re.S)
_REFERENCE = re.compile(r"\\(?:(?P<number>[0-9]{1,2})|g<(?P<name>[^<>]*)>|(?P<sign>.?))", re.S)
_SIGNS = {"\\": "\\", "n": "\n", "t": "\t"}
# What RE2 reads of ASCII alone.
_ASCII_ONLY = frozenset("wWdDsSbB")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # it would write patterns to stderr


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled regular expression; of a text only the first 1,000 characters are read."""

    text: str
    compiled: Any = field(repr=False, compare=False)

    def is_in(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in a text."""
        return self.compiled.search(readable(text)) is not None


def compile_pattern(text: str) -> Pattern:
    """Compile a regular expression, or raise CompileError with the fault."""
    try:
        return Pattern(text, re2.compile(readable(text), _OPTIONS))
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise CompileError(f"{text!r} is not a regular expression: {shown}{_hint(text)}") from error


@dataclass(frozen=True, slots=True)
class Replacement:
    """The text in the place of each match: texts, and the numbers or names of groups."""

    pattern: Pattern
    parts: tuple[str | int, ...]

    def put(self, text: str) -> str:
        """Return the text with each match replaced."""
        return str(self.pattern.compiled.sub(self._filled, readable(text)))

    def _filled(self, match: Any) -> str:
        return "".join(
            part if isinstance(part, str) else match.group(part) or "" for part in self.parts
        )


def compile_replacement(pattern: Pattern, text: str) -> Replacement:
    r"""Compile a replacement, groups as `\\1` or `\\g<name>`, or raise CompileError."""
    parts: list[str | int] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        parts += [text[end : found.start()], _part(pattern, text, found)]
        end = found.end()
    return Replacement(pattern, (*parts, text[end:]))


def _part(pattern: Pattern, text: str, found: re.Match[str]) -> str | int:
    name = found["number"] or found["name"]
    if name is None:
        if found["sign"] in _SIGNS:
            return _SIGNS[found["sign"]]
        raise CompileError(f"replacement {text!r} does not fit: write a backslash as \\\\")
    number = int(name) if name.isdecimal() else pattern.compiled.groupindex.get(name, -1)
    if not 0 <= number <= pattern.compiled.groups:
        raise CompileError(f"replacement {text!r} does not fit: there is no group {name!r}")
    return number


def narrower_classes(text: str) -> str:
    r"""Return the classes in a pattern that mean ASCII only here, such as `\\w, \\d`, or ""."""
    found = dict.fromkeys(_ESCAPE.findall(text))
    return ", ".join(f"\\{sign}" for sign in found if sign in _ASCII_ONLY)


def _hint(text: str) -> str:
    if "(?=" in text or "(?!" in text or "(?<" in text or re.search(r"\\[1-9]", text):
        return "; patterns are RE2's, which has no look-around and no back-reference"
    return ""


def readable(text: str) -> str:
    """Return a text's beginning, half characters as U+FFFD: RE2 reads UTF-8."""
    return _SURROGATE.sub("\ufffd", text[:MAX_INPUT])
