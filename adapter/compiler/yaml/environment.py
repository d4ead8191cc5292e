"""`${VAR}` and `${VAR:-default}` in scalar values, with `VAR_FILE` for container secrets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adapter.compiler.yaml.marks import Mark, Place, YamlDocument, key_path
from adapter.errors import Problem

_REFERENCE = re.compile(
    r"(?P<escape>\$\$\{)"
    r"|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
    r"|(?P<malformed>\$\{)"
)
# What stands for an unset variable: a text that a secret, a token, base64 or hex may be.
STAND_IN = "00facade00facade"


@dataclass(frozen=True, kw_only=True, slots=True)
class Variables:
    """The environment; `is_lenient` makes an unset variable a warning (check, try).

    `stand_ins` says by key what stands for one then, where that is not STAND_IN.
    """

    environ: Mapping[str, str]
    is_lenient: bool = False
    stand_ins: Mapping[str, str] = field(default_factory=dict)

    def read(self, name: str) -> str | None:
        """Return NAME, or the content of the file that NAME_FILE names, or None.

        One newline at the file's end is dropped. An unreadable file is a ValueError.
        """
        if name in self.environ:
            return self.environ[name]
        path = self.environ.get(f"{name}_FILE")
        if not path:
            return None
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise ValueError(
                f"the file that {name}_FILE names cannot be read as text: check that it exists"
                " and that the adapter may read it"
            ) from error
        return text.removesuffix("\n").removesuffix("\r")


def expand(sheet: YamlDocument, variables: Variables) -> tuple[YamlDocument, list[Problem]]:
    """Return the sheet with every `${…}` in its values replaced, and what was unset."""
    expansion = _Expansion(sheet, variables)
    value = expansion.walk(sheet.value, ())
    return replace(sheet, value=value, marks=expansion.marks), expansion.problems


class _Expansion:
    """One walk over a sheet's values."""

    def __init__(self, sheet: YamlDocument, variables: Variables) -> None:
        self.sheet = sheet
        self.variables = variables
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
            return self._stand_in(place)
        # As in a shell, `:-` gives its default for an empty variable too.
        if match["default"] is not None:
            return found or match["default"]
        if found is None:
            missing.append(name)
            self._add_unset(place, name)
            return self._stand_in(place)
        return found

    def _stand_in(self, place: Place) -> str:
        names = [step for step in place if isinstance(step, str)]
        return self.variables.stand_ins.get(names[-1], STAND_IN) if names else STAND_IN

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
