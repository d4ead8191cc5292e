"""adapter.yaml and its folder of mappings → one frozen Config, or every problem at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapter.compiler.fields.stand_ins import stand_in_of
from adapter.compiler.files import mapping_files, read_file
from adapter.compiler.inheritance import inherit
from adapter.compiler.keys.adapter_yaml import AdapterYaml, compile_adapter_yaml
from adapter.compiler.keys.context import UNSET_URL, MappingContext
from adapter.compiler.keys.mapping import MappingShape, compile_mapping
from adapter.compiler.keys.settings import Settings
from adapter.compiler.yaml.environment import Variables, expand
from adapter.compiler.yaml.findings import Findings, did_you_mean, sorted_problems
from adapter.config.config import Config
from adapter.config.source import Source
from adapter.errors import ConfigError, Problem

# Keys that say who sends, and nothing of a call.
_PROOFS = ("auth", "handshake", "respond")
# What a mapping is checked against where there is no adapter.yaml to be read.
STANDALONE = MappingContext(is_standalone=True, public_url=UNSET_URL)


def lenient_variables(environ: Mapping[str, str]) -> Variables:
    """Return an environment in which an unset variable is a warning, and has a stand-in."""
    return Variables(environ=environ, is_lenient=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """All problems, and the configuration unless one of them is more than a warning.

    `sources` has the sound ones even then, for the examples that `adapter check` runs. `sound` is
    the configuration of what is sound, wherever the settings are: enough to pause an agent by,
    never to serve. `off` has the mapping files that the setting `sources` leaves out, unread;
    `context` is None where the settings cannot be read.
    """

    config: Config | None = None
    sound: Config | None = None
    problems: tuple[Problem, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    off: tuple[Path, ...] = ()
    context: MappingContext | None = None


def load_config(
    path: str | Path, environ: Mapping[str, str], *, is_lenient: bool = False
) -> Loaded:
    """Load adapter.yaml and the mappings it names; reads files, raises nothing.

    With `is_lenient` an unset variable is a warning, and a placeholder stands in its place; so
    it is with `public_url`.
    """
    path = Path(path)
    variables = lenient_variables(environ) if is_lenient else Variables(environ=environ)
    sheet, problems = read_file(path)
    if not path.is_file():
        return Loaded(problems=tuple(problems))
    adapter: AdapterYaml | None = None
    if sheet is not None:
        adapter, found = compile_adapter_yaml(sheet, variables)
        problems += found
    is_adapter_sound = all(problem.is_warning for problem in problems)
    context = adapter.mapping_context(is_lenient=is_lenient) if adapter else None
    settings = adapter.settings if adapter else None
    folder = path.parent / (settings.fields["mappings"] if settings else "mappings")
    files, misnamed = mapping_files(folder)
    on, found = _chosen(settings, files, misnamed)
    problems += found
    sources, found = load_mappings(on, context or STANDALONE, variables)
    told = sorted_problems([*problems, *found])
    off = tuple(file for file in files if file not in on)
    names = (str(path), str(folder), *map(str, on))
    sound = None
    if adapter and is_adapter_sound:
        sound = adapter.config(sources, files=names, off=tuple(file.stem for file in off))
    config = sound if all(problem.is_warning for problem in told) else None
    return Loaded(
        config=config,
        sound=sound,
        problems=told,
        sources=sources,
        files=names,
        off=off,
        context=context,
    )


def _chosen(
    settings: Settings | None, files: Sequence[Path], misnamed: Sequence[Problem]
) -> tuple[list[Path], list[Problem]]:
    """Return the files that `sources` turns on, and what is wrong with it and with files' names."""
    wanted = settings.fields["sources"] if settings else None
    if settings is None or wanted is None:
        return list(files), list(misnamed)
    names = [file.stem for file in files]
    # What is off stops nobody, whatever it is called.
    problems = [replace(problem, is_warning=True) for problem in misnamed]
    for n, name in enumerate(wanted):
        if name is not None and name not in names:
            near = did_you_mean(name, names) if names else ""
            listed = f"; there are: {', '.join(names)}" if "did you mean" in near else ""
            message = f"there is no mapping file {name}.yaml{near}{listed}"
            problems += settings.problems(("sources", n), message)
    return [file for file in files if file.stem in wanted], problems


def load_strict(path: str | Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration, or raise ConfigError with every problem."""
    loaded = load_config(path, environ)
    if loaded.config is None:
        raise ConfigError(loaded.problems)
    return loaded.config


def load_mappings(
    files: Iterable[Path], context: MappingContext, variables: Variables
) -> tuple[dict[str, Source], list[Problem]]:
    """Compile mapping files; the sound ones by source name, and the problems of all."""
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for path in files:
        source, found = load_mapping(path, context, variables)
        problems += found
        if source is not None:
            sources[source.name] = source
    return sources, problems


def load_mapping(
    path: Path, context: MappingContext, variables: Variables
) -> tuple[Source | None, list[Problem]]:
    """Compile one mapping file; None where anything but a warning was found."""
    sheet, problems = read_file(path)
    if sheet is None:
        return None, problems
    inherited = inherit(path, sheet, variables)
    expanded, unset = expand(inherited.sheet, variables, stand_in_of(MappingShape))
    findings = Findings(expanded, is_whole=inherited.is_whole)
    source = compile_mapping(path.stem, findings, context)
    problems += [*inherited.problems, *unset, *findings.problems]
    if source is None or not inherited.is_whole or not all(p.is_warning for p in problems):
        return None, problems
    return replace(source, unset=_spoken_unset(unset)), problems


def _spoken_unset(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Return the unset variables outside the proofs: what stands for those may be spoken."""
    spoken = (p.unset for p in problems if not p.key.startswith(_PROOFS))
    return tuple(dict.fromkeys(name for name in spoken if name))
