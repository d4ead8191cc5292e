"""`adapter check`."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from adapter.cli.options import check_exists, config_option, fail, json_option
from adapter.cli.output import counted
from adapter.cli.terminal import print_json, say
from adapter.compiler.check import Checked, check_paths
from adapter.compiler.load import Loaded, load_config
from adapter.compiler.yaml.findings import did_you_mean

_MOST_NAMES = 10


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@json_option
@config_option
def command(paths: tuple[Path, ...], as_json: bool, config_path: Path) -> None:
    """Find every problem in settings and mappings, and run the mappings' examples.

    PATH is an adapter.yaml, a mapping file, a folder, or the name of a source, as `try` takes it;
    without any, the configuration. Mappings
    are checked against the agents of the adapter.yaml among the PATHs, or of --config.
    """
    if not paths:
        check_exists(config_path)
    beside = config_path if config_path.is_file() else None
    found = [path if path.exists() else _mapping_of(path, beside) for path in paths]
    checked = check_paths(found or [config_path], os.environ, beside=beside)
    if as_json:
        print_json(_checked_json(checked))
    else:
        _print_checked(checked)
    sys.exit(0 if checked.is_sound else 1)


def _mapping_of(name: Path, settings: Path | None) -> Path:
    """Return the mapping file of a source, on or off; without it end with status 2."""
    loaded = load_config(settings, os.environ, is_lenient=True) if settings else Loaded()
    files = {file.stem: file for file in (*map(Path, loaded.files[2:]), *loaded.off)}
    if str(name) not in files:
        hint = did_you_mean(str(name), files) if files else ""
        fail(f"error: there is no file, folder or source {str(name)!r}{hint}")
    return files[str(name)]


def _print_checked(checked: Checked) -> None:
    # Warnings first: errors stand last, where a terminal shows them.
    shown_problems = [problem for problem in checked.problems if problem not in checked.idle]
    for problem in sorted(shown_problems, key=lambda problem: not problem.is_warning):
        say(str(problem))
    failed = [example for example in checked.examples if not example.has_passed]
    for example in failed:
        say(f"{example.file}:{example.line}:1: example {example.name!r} fails:")
        for difference in example.differences:
            say(f"    {difference}")
    if checked.off:
        is_are, whose = ("is", "its") if len(checked.off) == 1 else ("are", "their")
        off = counted(len(checked.off), "mapping")
        say(f"{off} {is_are} off; {whose} variables are not asked for")
    warnings = sum(problem.is_warning for problem in shown_problems)
    sources = len({example.source for example in checked.examples})
    say(
        f"{len(checked.examples) - len(failed)} of {len(checked.examples)} examples pass"
        f" in {counted(sources, 'mapping')}; {counted(len(shown_problems) - warnings, 'problem')},"
        f" {counted(warnings, 'warning')}"
    )
    if checked.unset:
        say(f"serve would not start: {_unset_names(checked.unset)} unset")


def _unset_names(names: tuple[str, ...]) -> str:
    """Return the first of the names, and how many more there are; all stand above."""
    rest = len(names) - _MOST_NAMES
    listed = ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")
    return f"{listed} {'is' if len(names) == 1 else 'are'}"


def _checked_json(checked: Checked) -> dict[str, Any]:
    return {
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "key": problem.key,
                "message": problem.message,
                "warning": problem.is_warning,
            }
            for problem in checked.problems
        ],
        "examples": [
            {
                "source": example.source,
                "name": example.name,
                "file": example.file,
                "line": example.line,
                "passes": example.has_passed,
                "differences": list(example.differences),
            }
            for example in checked.examples
        ],
    }
