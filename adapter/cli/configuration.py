"""The configuration with its mappings, for the commands that need more than the settings."""

import os
import sys
from pathlib import Path

from adapter.cli.options import USAGE, check_exists, errors_reported, fail
from adapter.cli.terminal import say
from adapter.compiler.load import load_config, load_strict
from adapter.config.config import Config
from adapter.config.source import Source

_SOURCES = "ADAPTER_SOURCES"


def strict_config(path: Path) -> Config:
    """Return the configuration, or end with every problem and status 2."""
    check_exists(path)
    with errors_reported():
        return load_strict(path, os.environ)


def sound_config(path: Path, *, warns_of_settings: bool = False) -> Config:
    """Return what is sound of the configuration, even where variables are unset.

    For commands that ring nobody, and for those about the ledger of an adapter that does not run.
    A mapping with problems is left out, and they are printed. With `warns_of_settings` the unset
    variables of the settings are printed too, since a signature made without one is of no use.
    """
    check_exists(path)
    loaded = load_config(path, os.environ, is_lenient=True)
    for problem in loaded.problems:
        if not problem.is_warning or (warns_of_settings and problem.file == str(path)):
            say(str(problem), err=True)
    if loaded.sound is None:
        sys.exit(USAGE)
    return loaded.sound


def source_of(config: Config, name: str) -> Source:
    """Return a source; without it end with status 2, and say why, or which sources there are."""
    source = config.sources.get(name)
    on = [Path(file).stem for file in config.files[2:]]
    if name in config.off:
        fail(f"error: source {name!r} is off: add it to {_choosing_place(on)}")
    if source is None and name in on:
        fail(f"error: source {name!r} has problems, which are listed above: mend them first")
    if source is None:
        fail(f"error: no source {name!r}; there are: {', '.join(sorted(config.sources)) or 'none'}")
    return source


def _choosing_place(on: list[str]) -> str:
    """Return the place that says which sources are on: the environment goes before the file."""
    if os.environ.get(_SOURCES):
        return f"{_SOURCES} in the environment, which is in force and has {', '.join(on) or 'none'}"
    if os.environ.get(f"{_SOURCES}_FILE"):
        return f"the file that {_SOURCES}_FILE in the environment names, which is in force"
    return "`sources` in adapter.yaml"
