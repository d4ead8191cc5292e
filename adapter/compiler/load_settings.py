"""The settings of adapter.yaml alone: enough to reach the adapter that runs with them.

Neither mappings nor agents are read, so a command reads them at once, and `pause` works while
somebody is still mending an agent or a mapping.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from adapter.compiler.files import read_file
from adapter.compiler.keys.settings import compile_settings
from adapter.compiler.yaml.environment import Variables
from adapter.compiler.yaml.findings import sorted_problems
from adapter.config.config import Config
from adapter.errors import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedSettings:
    """All problems, and a configuration without agents and sources unless one of them is grave."""

    config: Config | None = None
    problems: tuple[Problem, ...]


def load_settings(
    path: Path, environ: Mapping[str, str], keys: Container[str] | None = None
) -> LoadedSettings:
    """Load the settings of adapter.yaml; an unset variable is a warning. Raises nothing.

    With `keys` the file's others are left unread, and what is wrong with them does not matter.
    """
    sheet, problems = read_file(path)
    if sheet is None:
        return LoadedSettings(problems=tuple(problems))
    if isinstance(sheet.value, dict):
        settings_alone = {
            key: part
            for key, part in sheet.value.items()
            if key != "agents" and (keys is None or key in keys)
        }
        sheet = replace(sheet, value=settings_alone)
    variables = Variables(environ=environ, is_lenient=True)
    settings, found = compile_settings(sheet, variables)
    told = sorted_problems([*problems, *found])
    is_sound = all(problem.is_warning for problem in told)
    config = settings.config(files=(str(path),)) if is_sound else None
    return LoadedSettings(config=config, problems=told)
