"""`${VAR}` and `${VAR:-default}` in scalar values, with `VAR_FILE` for container secrets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapter.compiler.yaml.marks import Mark, Place, YamlDocument, key_path
from adapter.errors import Problem

_REFERENCE = re.compile(
    r"(?P<escape>\$\$\{)"
    r"|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
    r"|(?P<malformed>\$\{)"
)
# At the ends these come from editors, from `echo`, and from files that Windows wrote.
_BLANKS = " \t\r\n\v\f\u00a0\ufeff"
# What stands for an unset variable: a text that a secret, a token, base64 or hex may be.
STAND_IN = "00facade00facade"


@dataclass(frozen=True, kw_only=True, slots=True)
class Variables:
    """The environment; `is_lenient` makes an unset variable a warning (check, try)."""

    environ: Mapping[str, str]
    is_lenient: bool = False

    def read(self, name: str) -> "Outside | None":
        """Return NAME, or the content of the file that NAME_FILE names; None where neither is.

        White space at the ends is left out, and what is empty then counts as unset. ValueError: a
        file that cannot be read as text, or that holds nothing, since what an operator closed
        with a secret must not open when its file is emptied.
        """
        given = Outside.of(self.environ.get(name, ""))
        if given.text:
            return given
        path = self.environ.get(f"{name}_FILE", "").strip(_BLANKS)
        if not path:
            return None
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise ValueError(
                f"the file that {name}_FILE names cannot be read as text: check that it exists"
                " and that the adapter may read it"
            ) from error
        found = Outside.of(text.removesuffix("\n"))
        if not found.text:
            raise ValueError(f"the file that {name}_FILE names is empty: write the value into it")
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """A value of the environment or of a file; `was_padded`: its ends were blank."""

    text: str
    was_padded: bool

    @classmethod
    def of(cls, text: str) -> "Outside":
        """Return a text less the white space, line ends and byte order mark at its ends."""
        plain = text.strip(_BLANKS)
        return cls(text=plain, was_padded=plain != text)

    def warning(self, name: str) -> str:
        """Return what to tell of the ends that were left out."""
        return f"{name} has white space at its ends, which is left out: remove it"


def expand(
    sheet: YamlDocument, variables: Variables, stand_in: Callable[[Place], str]
) -> tuple[YamlDocument, list[Problem]]:
    """Return the sheet with every `${…}` in its values replaced, and what was unset.

    `stand_in` says what stands at a place for an unset variable.
    """
    expansion = _Expansion(sheet, variables, stand_in)
    value = expansion.walk(sheet.value, ())
    return replace(sheet, value=value, marks=expansion.marks), expansion.problems


class _Expansion:
    """One walk over a sheet's values."""

    def __init__(
        self, sheet: YamlDocument, variables: Variables, stand_in: Callable[[Place], str]
    ) -> None:
        self.sheet = sheet
        self.variables = variables
        self.stand_in = stand_in
        self.marks: dict[Place, Mark] = dict(sheet.marks)
        self.problems: list[Problem] = []

    def walk(self, value: Any, place: Place) -> Any:
        if isinstance(value, dict):
            return {key: self.walk(entry, (*place, key)) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.walk(entry, (*place, n)) for n, entry in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return self._text(value, place)
        return value

    def _text(self, value: str, place: Place) -> str:
        missing: list[str] = []
        text = _REFERENCE.sub(lambda match: self._replacement(match, place, missing), value)
        if text != value or missing:
            self.marks[place] = self.marks[place].expanded(is_unset=bool(missing))
        return text

    def _replacement(self, match: re.Match[str], place: Place, missing: list[str]) -> str:
        if match["escape"]:
            return "${"
        if match["malformed"]:
            missing.append("")
            self._add(place, "expected ${NAME} or ${NAME:-default}; write $${ for a plain ${")
            return ""
        name = match["name"]
        try:
            found = self.variables.read(name)
        except ValueError as error:
            missing.append(name)
            self._add(place, str(error), is_warning=self.variables.is_lenient, unset=name)
            return self.stand_in(place)
        if found is not None:
            if found.was_padded:
                self._add(place, found.warning(name), is_warning=True)
            return found.text
        # As in a shell, `:-` gives its default for an empty variable too.
        if match["default"] is not None:
            return match["default"]
        missing.append(name)
        self._add_unset(place, name)
        return self.stand_in(place)

    def _add_unset(self, place: Place, name: str) -> None:
        message = (
            f"the environment has no {name} (nor {name}_FILE): set it, or write ${{{name}:-…}}"
        )
        self._add(place, message, is_warning=self.variables.is_lenient, unset=name)

    def _add(
        self, place: Place, message: str, *, is_warning: bool = False, unset: str = ""
    ) -> None:
        mark = self.marks[place]
        problem = Problem(
            file=self.sheet.file_of(place),
            line=mark.line,
            column=mark.column,
            key=key_path(place),
            message=message,
            is_warning=is_warning,
            unset=unset,
        )
        self.problems.append(problem)
