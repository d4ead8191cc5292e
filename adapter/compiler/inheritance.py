"""`use`: a mapping file that inherits the top-level keys of another one beside it."""

from dataclasses import dataclass, replace
from pathlib import Path

from adapter.compiler.fields.stand_ins import stand_in_of
from adapter.compiler.files import mapping_files, read_file
from adapter.compiler.keys.mapping import MappingShape
from adapter.compiler.yaml.environment import Variables, expand
from adapter.compiler.yaml.findings import Findings, did_you_mean
from adapter.compiler.yaml.marks import YamlDocument
from adapter.errors import Problem
from adapter.values.source_names import SOURCE_NAME, SOURCE_NAME_EXPECTED

# Examples show what one file makes of requests; another one makes something else of them.
NOT_INHERITED = frozenset({"use", "examples"})
# A mapping has one of these, so that either of them overrides both.
_ALTERNATIVES = {"agent": "routes", "routes": "agent"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Inherited:
    """A mapping's own keys and those that it inherits, before variables are replaced.

    It is not whole where a file that it uses could not be found or read: what is missing then may
    stand there.
    """

    sheet: YamlDocument
    problems: tuple[Problem, ...] = ()
    is_whole: bool = True


def inherit(path: Path, sheet: YamlDocument, variables: Variables) -> Inherited:
    """Add to a mapping's sheet what it inherits, from the nearest file to the furthest."""
    trail, problems = [path.stem], []
    nearest = sheet
    while isinstance(nearest.value, dict) and nearest.value.get("use") is not None:
        name, found = _used(nearest, trail, path.parent, variables)
        problems += found
        if name is None:
            return Inherited(sheet=sheet, problems=tuple(problems), is_whole=False)
        parent, found = _read(path.with_name(f"{name}.yaml"))
        problems += found
        if parent is None:
            return Inherited(sheet=sheet, problems=tuple(problems), is_whole=False)
        trail.append(name)
        sheet, nearest = _overlaid(sheet, parent), parent
    return Inherited(sheet=sheet, problems=tuple(problems))


def _used(
    sheet: YamlDocument, trail: list[str], folder: Path, variables: Variables
) -> tuple[str | None, list[Problem]]:
    """Return the name behind `use`, or None and why it leads nowhere."""
    place = ("use",)
    alone = replace(sheet, value={"use": sheet.value["use"]})
    expanded, unset = expand(alone, variables, stand_in_of(MappingShape))
    findings = Findings(expanded)
    name = expanded.value["use"]
    others = {path.stem for path in mapping_files(folder)[0]} - {trail[-1]}
    if not isinstance(name, str) or not SOURCE_NAME.fullmatch(name):
        findings.add(place, f"expected {SOURCE_NAME_EXPECTED}", shows_found=True)
    elif name in trail:
        circle = " → ".join([*trail[trail.index(name) :], name])
        findings.add(place, f"this leads in a circle: {circle}")
    elif name not in others:
        hint = did_you_mean(name, others)
        findings.add(place, f"there is no mapping of this name{hint}", shows_found=True)
    if unset or findings.problems:
        return None, [*unset, *findings.problems]
    return name, []


def _read(path: Path) -> tuple[YamlDocument | None, list[Problem]]:
    """Read a used file; what it lacks is reported where it is compiled by itself."""
    sheet, problems = read_file(path)
    if sheet is None or isinstance(sheet.value, dict):
        return sheet, problems
    findings = Findings(sheet)
    findings.add((), "expected a map of keys", shows_found=True)
    return None, [*problems, *findings.problems]


def _overlaid(sheet: YamlDocument, parent: YamlDocument) -> YamlDocument:
    """Return a sheet with those keys of its parent that it has not got itself."""
    given = {key for key, value in sheet.value.items() if value is not None}
    replaced = {other for key, other in _ALTERNATIVES.items() if key in given}
    dropped = {*sheet.value, *replaced, *NOT_INHERITED}
    kept = {key: value for key, value in parent.value.items() if key not in dropped}
    marks = {place: mark for place, mark in parent.marks.items() if place and place[0] in kept}
    return replace(
        sheet,
        value={**kept, **sheet.value},
        marks={**marks, **sheet.marks},
        inherited={**dict.fromkeys(kept, parent.file), **sheet.inherited},
    )
