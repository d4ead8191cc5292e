"""The problems of one file, gathered while the rest of it is still being read."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from adapter.compiler.yaml.marks import Mark, Place, YamlDocument, key_path
from adapter.errors import Problem

# What stands at or below these keys is never shown, not even where it is wrong.
SECRET_KEYS = frozenset(
    {"auth", "api_key", "secret", "admin_token", "handshake", "lookup", "database", "proxy"}
)
_NOWHERE = Mark(line=1, column=1, key_line=1, key_column=1)
# A variable's name alone; a default, or text beside it, might be the secret itself.
_REFERENCE = re.compile(r"\$\{\w+(:-)?\}", re.ASCII)
_MAX_FOUND = 60


class Findings:
    """Collects problems of a sheet by place; a place need not exist: its nearest one is used.

    Of a sheet that is not whole nobody can say that a top-level key is missing.
    """

    def __init__(self, sheet: YamlDocument, *, is_whole: bool = True) -> None:
        self.sheet = sheet
        self.is_whole = is_whole
        self.problems: list[Problem] = []

    def add(
        self,
        place: Place,
        message: str,
        *,
        at_key: bool = False,
        shows_found: bool = False,
        is_warning: bool = False,
    ) -> None:
        """Add a problem, unless its value is unset: that one mistake has been reported."""
        real, mark = self._nearest(place)
        if mark.is_unset:
            return
        text = message + (self.found(place) if shows_found else "")
        problem = Problem(
            file=self.sheet.file_of(real),
            line=mark.key_line if at_key else mark.line,
            column=mark.key_column if at_key else mark.column,
            key=key_path(real),
            message=text,
            is_warning=is_warning,
        )
        if problem not in self.problems:
            self.problems.append(problem)

    def has_unset(self, place: Place) -> bool:
        """Whether a variable of a value at this place or within is unset."""
        real, _ = self._nearest(place)
        marks = self.sheet.marks.items()
        return any(mark.is_unset and at[: len(real)] == real for at, mark in marks)

    def add_error(self, place: Place, error: Exception, expected: str) -> None:
        """Add what a constructor refused; its own words only where they can hold no secret.

        A stand-in is refused for nothing: that its variable is unset has been reported.
        """
        if self.has_unset(place):
            return
        real, mark = self._nearest(place)
        if mark.is_expanded or _is_secret(real):
            self.add(place, f"expected {expected}", shows_found=True)
        else:
            self.add(place, str(error))

    def add_missing(self, place: Place, message: str, *, is_warning: bool = False) -> None:
        """Add a problem about a key that is not there, at the key that should hold it."""
        if not self.is_whole and len(place) == 1:
            return
        real, mark = self._nearest(place[:-1])
        problem = Problem(
            file=self.sheet.file_of(real),
            line=mark.key_line,
            column=mark.key_column,
            key=key_path((*real, place[-1])),
            message=message,
            is_warning=is_warning,
        )
        self.problems.append(problem)

    def add_unset(self, place: Place, message: str, setting: str, *, is_warning: bool) -> None:
        """Add that a setting which this place needs is not set."""
        real, mark = self._nearest(place)
        problem = Problem(
            file=self.sheet.file_of(real),
            line=mark.line,
            column=mark.column,
            key=key_path(real),
            message=message,
            is_warning=is_warning,
            unset=setting,
        )
        self.problems.append(problem)

    def found(self, place: Place) -> str:
        """Return `, found …` as the file has it, or nothing where that may be a secret."""
        real, mark = self._nearest(place)
        if mark.raw is None or (_is_secret(real) and not _REFERENCE.fullmatch(mark.raw)):
            return ""
        raw = mark.raw if len(mark.raw) <= _MAX_FOUND else mark.raw[:_MAX_FOUND] + "…"
        return f", found {raw!r}" if raw else ", found nothing"

    def raw(self, place: Place) -> str | None:
        """Return how the scalar at a place is written, None where that came from a variable."""
        mark = self._nearest(place)[1]
        return None if mark.is_expanded else mark.raw

    def line(self, place: Place) -> int:
        """Return the line of a place."""
        return self._nearest(place)[1].line

    @property
    def has_errors(self) -> bool:
        """Whether anything but warnings was found."""
        return any(not problem.is_warning for problem in self.problems)

    def _nearest(self, place: Place) -> tuple[Place, Mark]:
        """Walk as much of a place as exists, skipping steps that only the shapes know of.

        A lone condition may stand where a list of them may, and `$.x` where {path: $.x} may:
        the shapes then speak of a [0] or a path that the file does not have.
        """
        real: Place = ()
        for step in place:
            if (*real, step) in self.sheet.marks:
                real = (*real, step)
        return real, self.sheet.marks.get(real, _NOWHERE)


def _is_secret(place: Place) -> bool:
    return any(step in SECRET_KEYS for step in place)


def is_misspelt(key: str, given: Iterable[str], known: Iterable[str]) -> bool:
    """Say whether an absent key is there under a name much like it, which has its own problem."""
    unknown = set(given) - set(known)
    return bool(get_close_matches(key, unknown, n=1, cutoff=0.6))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)`, or the words to choose from, or nothing."""
    words = sorted(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f" (did you mean {near[0]!r}?)"
    return f" (there are: {', '.join(words)})" if words else ""


def sorted_problems(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems by file and line, each once.

    Two mappings may inherit one mistake, and it may be no more than a warning to one of them.
    """
    grave = {replace(problem, is_warning=True) for problem in problems if not problem.is_warning}
    once = dict.fromkeys(problem for problem in problems if problem not in grave)
    return tuple(sorted(once, key=lambda problem: (problem.file, problem.line, problem.column)))
