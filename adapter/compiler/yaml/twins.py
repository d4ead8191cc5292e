"""Settings that the environment gives: ADAPTER_LISTEN is the twin of `listen`, and wins."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from adapter.compiler.yaml.environment import Variables
from adapter.compiler.yaml.findings import Findings
from adapter.compiler.yaml.marks import Mark, Place, YamlDocument
from adapter.errors import Problem

ENVIRONMENT = "environment"
PREFIX = "ADAPTER_"


def twin_name(key: str) -> str:
    """Return the variable that gives a setting."""
    return PREFIX + key.upper()


def named_as_twins(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems of settings under the names that the environment has for them."""
    return [replace(problem, key=twin_name(problem.key)) for problem in problems]


def read_twins(keys: Iterable[str], variables: Variables) -> tuple[Findings, list[Problem]]:
    """Return the twins of these settings as a document of its own; an empty one counts as unset."""
    value: dict[str, Any] = {}
    problems: list[Problem] = []
    for key in keys:
        name = twin_name(key)
        try:
            found = variables.read(name)
        except ValueError as error:
            problems.append(_problem(name, str(error)))
            continue
        if found is not None:
            value[key] = found.text
        if found is not None and found.was_padded:
            problems.append(_problem(name, found.warning(name), is_warning=True))
    mark = Mark(line=1, column=1, key_line=1, key_column=1)
    marks: dict[Place, Mark] = {(): mark}
    for key, text in value.items():
        marks[key,] = replace(mark, raw=text)
    return Findings(YamlDocument(file=ENVIRONMENT, value=value, marks=marks)), problems


def _problem(name: str, message: str, *, is_warning: bool = False) -> Problem:
    return Problem(
        file=ENVIRONMENT, line=1, column=1, key=name, message=message, is_warning=is_warning
    )
