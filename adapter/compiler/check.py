"""`adapter check`: the problems of any files and folders, and the examples of sound mappings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapter.agent import Mode
from adapter.compiler.files import file_problem, mapping_files, read_file
from adapter.compiler.keys.adapter_yaml import AdapterShape
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.keys.mapping import MappingShape
from adapter.compiler.load import (
    STANDALONE,
    Loaded,
    lenient_variables,
    load_config,
    load_mapping,
)
from adapter.compiler.yaml.environment import Variables
from adapter.compiler.yaml.findings import Findings, sorted_problems
from adapter.config.examples import ExampleResult, run_examples
from adapter.config.source import Source
from adapter.errors import Problem

SETTINGS_FILE = "adapter.yaml"
# What bounds the cost of an agent that rings people, and what its absence means.
_BRAKES = {
    "countries": "it may ring anywhere (toll fraud): list where you call, such as [ES, PT]",
    "max_per_day": "nothing bounds the cost of a day (toll fraud): set what a good day brings",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """The problems by file and line, and the results of all examples that could be run.

    `off` names the mapping files that the settings leave out, and `idle` the problems that are
    no more than a variable wanting in one of those. `unset` is what `serve` would ask for.
    """

    problems: tuple[Problem, ...] = ()
    examples: tuple[ExampleResult, ...] = ()
    off: tuple[str, ...] = ()
    idle: frozenset[Problem] = frozenset()
    unset: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether there are at most warnings, and every example passed."""
        return all(problem.is_warning for problem in self.problems) and all(
            example.has_passed for example in self.examples
        )


def check_paths(
    paths: Sequence[Path], environ: Mapping[str, str], *, beside: Path | None = None
) -> Checked:
    """Check adapter.yaml files, mapping files, and folders of either.

    An adapter.yaml brings its folder of mappings, also those that are off, and its agents are
    what the other mapping files are checked against; where the paths name none, those of the
    adapter.yaml `beside` them, of which nothing else is asked. Without any, unseen agents are
    warnings. Unset variables are warnings.
    """
    check = _Check(lenient_variables(environ))
    settings, mappings = check.sort(paths)
    seen = [check.add_settings(path) for path in settings]
    if beside is not None and mappings and not settings:
        seen = [load_config(beside, environ, is_lenient=True).context]
    context = next((found for found in seen if found is not None), STANDALONE)
    for path in mappings:
        check.problems += check.mapping_problems(path, context)
    results = [result for source in check.sources for result in run_examples(source)]
    return Checked(
        problems=sorted_problems([*check.problems, *check.problems_off]),
        examples=tuple(results),
        off=tuple(check.off),
        idle=frozenset(p for p in check.problems_off if p.unset) - frozenset(check.problems),
        unset=tuple(dict.fromkeys(check.unset)),
    )


class _Check:
    """The files that have been read so far, so that none is checked twice."""

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.problems: list[Problem] = []
        self.problems_off: list[Problem] = []
        self.off: list[str] = []
        self.unset: list[str] = []
        self.sources: list[Source] = []
        self._seen: set[Path] = set()

    def sort(self, paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
        """Return the adapter.yaml files and the mapping files that the paths name."""
        settings: list[Path] = []
        mappings: list[Path] = []
        for path in paths:
            if path.is_dir():
                self._sort_folder(path, settings, mappings)
            elif is_settings(path):
                settings.append(path)
            else:
                mappings.append(path)
        return settings, mappings

    def _sort_folder(self, folder: Path, settings: list[Path], mappings: list[Path]) -> None:
        if (folder / SETTINGS_FILE).is_file():
            settings.append(folder / SETTINGS_FILE)
            return
        files, misnamed = mapping_files(folder)
        mappings += files
        self.problems += misnamed
        if not files and not misnamed:
            message = f"there is neither {SETTINGS_FILE} nor a mapping file in this folder"
            self.problems.append(file_problem(folder, message))

    def add_settings(self, path: Path) -> MappingContext | None:
        loaded = load_config(path, self.variables.environ, is_lenient=True)
        self.problems += loaded.problems
        self.problems += _unbounded(path, loaded)
        self.unset += [problem.unset for problem in loaded.problems if problem.unset]
        self.sources += loaded.sources.values()
        self._seen |= {Path(file).resolve() for file in loaded.files}
        for file in loaded.off:
            context = (loaded.context or STANDALONE).when_off()
            self.problems_off += self.mapping_problems(file, context)
            self.off.append(str(file))
        return loaded.context

    def mapping_problems(self, path: Path, context: MappingContext) -> list[Problem]:
        """Return the problems of a mapping that was not seen before; keep it if it is sound."""
        if path.resolve() in self._seen:
            return []
        self._seen.add(path.resolve())
        source, problems = load_mapping(path, context, self.variables)
        if source is not None:
            self.sources.append(source)
        return problems


def _unbounded(path: Path, loaded: Loaded) -> list[Problem]:
    """Return a warning for each brake that an agent which rings people does not have."""
    sheet, _ = read_file(path)
    if sheet is None or loaded.sound is None:
        return []
    findings = Findings(sheet)
    for name, agent in loaded.sound.agents.items():
        for brake, message in _BRAKES.items():
            if agent.mode is Mode.LIVE and not getattr(agent, brake):
                findings.add_missing(("agents", name, brake), message, is_warning=True)
    return findings.problems


def is_settings(path: Path) -> bool:
    """Say whether a file is settings rather than a mapping, by its name or else by its keys."""
    if path.name == SETTINGS_FILE:
        return True
    sheet, _ = read_file(path)
    keys = set(sheet.value) if sheet is not None and isinstance(sheet.value, dict) else set()
    return len(keys & AdapterShape.fields_by_key().keys()) > len(
        keys & MappingShape.fields_by_key().keys()
    )
