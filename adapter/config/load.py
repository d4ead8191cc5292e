"""adapter.yaml and its folder of mappings → one frozen Config, or every problem at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapter.agent import Secret
from adapter.config.compile_mapping import compile_mapping
from adapter.config.compile_routes import Surroundings
from adapter.config.compile_settings import Settings, compile_settings
from adapter.config.config import Config, Source
from adapter.config.findings import Findings
from adapter.config.positions import Sheet, read_sheet
from adapter.config.variables import Variables, expand
from adapter.errors import ConfigError, Problem
from adapter.model import Freshness

_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_UNSET_URL = "https://unset.invalid"
# What a mapping is checked against where there is no adapter.yaml to be read.
STANDALONE = Surroundings(is_standalone=True, public_url=_UNSET_URL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """All problems, and the configuration unless one of them is more than a warning.

    `sources` has the sound ones even then, for the examples that `adapter check` runs. `sound` is
    the configuration of what is sound, wherever the settings are: enough to pause an agent by,
    never to serve.
    """

    config: Config | None = None
    sound: Config | None = None
    problems: tuple[Problem, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def load_config(
    path: str | Path, environ: Mapping[str, str], *, is_lenient: bool = False
) -> Loaded:
    """Load adapter.yaml and the mappings it names; reads files, raises nothing.

    With `is_lenient` an unset variable is a warning, and a placeholder stands in its place.
    """
    path, variables = Path(path), Variables(environ=environ, is_lenient=is_lenient)
    sheet, problems = read_file(path)
    if not path.is_file():
        return Loaded(problems=tuple(problems))
    settings: Settings | None = None
    if sheet is not None:
        settings, found = compile_settings(sheet, variables)
        problems += found
    has_sound_settings = all(problem.is_warning for problem in problems)
    around = settings.surroundings() if settings else STANDALONE
    folder = path.parent / (settings.fields["mappings"] if settings else "mappings")
    files, misnamed = mapping_files(folder)
    sources, found = load_mappings(files, around, variables)
    problems = _sorted([*problems, *misnamed, *found])
    names = (str(path), str(folder), *map(str, files))
    sound = _config(settings, sources, names) if settings and has_sound_settings else None
    config = sound if all(problem.is_warning for problem in problems) else None
    return Loaded(
        config=config, sound=sound, problems=tuple(problems), sources=sources, files=names
    )


def load_strict(path: str | Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration, or raise ConfigError with every problem."""
    loaded = load_config(path, environ)
    if loaded.config is None:
        raise ConfigError(loaded.problems)
    return loaded.config


def read_file(path: Path) -> tuple[Sheet | None, list[Problem]]:
    """Read a file's YAML; None where the file or its text cannot be read."""
    try:
        return read_sheet(str(path), path.read_bytes())
    except FileNotFoundError:
        return None, [file_problem(path, "there is no such file")]
    except OSError as error:
        return None, [file_problem(path, f"this file cannot be read: {error.strerror}")]


def file_problem(path: Path, message: str) -> Problem:
    """Return a problem with a file as a whole."""
    return Problem(file=str(path), line=1, column=1, key="", message=message)


def mapping_files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Return a folder's mapping files by name, and what is wrong with names."""
    if not folder.is_dir():
        return [], [file_problem(folder, "there is no such folder of mappings")]
    files: list[Path] = []
    problems: list[Problem] = []
    # A leading dot is an editor's or Kubernetes' own.
    visible = (each for each in folder.iterdir() if not each.name.startswith("."))
    for path in sorted(visible):
        if path.suffix not in (".yaml", ".yml") or path.name == "adapter.yaml":
            continue
        if path.suffix == ".yml":
            problems.append(file_problem(path, f"rename this file to {path.stem}.yaml"))
        elif _SOURCE_NAME.fullmatch(path.stem):
            files.append(path)
        else:
            problems.append(_misnamed(path))
    return files, problems


def _misnamed(path: Path) -> Problem:
    message = "rename this file: a source's name has lower-case letters, digits and '-'"
    return file_problem(path, message)


def load_mappings(
    files: Iterable[Path], around: Surroundings, variables: Variables
) -> tuple[dict[str, Source], list[Problem]]:
    """Compile mapping files; the sound ones by source name, and the problems of all."""
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for path in files:
        source, found = load_mapping(path, around, variables)
        problems += found
        if source is not None:
            sources[source.name] = source
    return sources, problems


def load_mapping(
    path: Path, around: Surroundings, variables: Variables
) -> tuple[Source | None, list[Problem]]:
    """Compile one mapping file; None where anything but a warning was found."""
    sheet, problems = read_file(path)
    if sheet is None:
        return None, problems
    expanded, unset = expand(sheet, variables)
    findings = Findings(expanded)
    source = compile_mapping(path.stem, findings, around)
    problems += [*unset, *findings.problems]
    return (source if all(each.is_warning for each in problems) else None), problems


def _sorted(problems: Sequence[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))


def sorted_problems(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems by file and line, each once."""
    return tuple(dict.fromkeys(_sorted(problems)))


def _config(settings: Settings, sources: Mapping[str, Source], files: tuple[str, ...]) -> Config:
    fields = settings.fields
    token = fields["admin_token"]
    return Config(
        listen=fields["listen"],
        admin_listen=fields["admin_listen"],
        admin_token=Secret(token) if token else None,
        public_url=fields["public_url"] or "",
        trusted_proxies=tuple(fields["trusted_proxies"]),
        database=fields["database"],
        max_body_bytes=fields["max_body"],
        max_pending=fields["max_pending"],
        retention=fields["retention"],
        cooldown=fields["cooldown"],
        freshness=Freshness(expires_after=fields["expires_after"], max_age=fields["max_age"]),
        agents=dict(settings.agents),
        sources=dict(sources),
        files=files,
    )
