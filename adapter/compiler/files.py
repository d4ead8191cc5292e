"""The files of a configuration on disk: reading one, and listing a folder of mappings."""

import os
import stat
from pathlib import Path

from adapter.compiler.yaml.marks import YamlDocument, read_sheet
from adapter.errors import Problem
from adapter.values.source_names import SOURCE_NAME

MAX_BYTES = 4 * 1024 * 1024  # no mapping comes near; what does is no mapping


def read_file(path: Path) -> tuple[YamlDocument | None, list[Problem]]:
    """Read a file's YAML; None where the file or its text cannot be read."""
    try:
        found = path.stat()
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            # a pipe would be waited for, a device never ends
            return None, [file_problem(path, "this is no plain file")]
        if found.st_size > MAX_BYTES:
            return None, [file_problem(path, f"this file has more than {MAX_BYTES} bytes")]
        return read_sheet(str(path), path.read_bytes())
    except FileNotFoundError:
        return None, [file_problem(path, "there is no such file")]
    except OSError as error:
        return None, [file_problem(path, f"this file cannot be read: {error.strerror}")]


def file_problem(path: Path, message: str, *, is_warning: bool = False) -> Problem:
    """Return a problem with a file as a whole."""
    return Problem(file=str(path), line=1, column=1, key="", message=message, is_warning=is_warning)


def mapping_files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Return a folder's mapping files by name, and what is wrong with names."""
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return [], [file_problem(folder, "there is no such folder of mappings")]
    except OSError as error:
        return [], [file_problem(folder, f"this folder cannot be read: {error.strerror}")]
    files: list[Path] = []
    problems: list[Problem] = []
    # A leading dot is an editor's or Kubernetes' own.
    for path in (folder / name for name in names if not name.startswith(".")):
        if path.suffix not in (".yaml", ".yml") or path.name == "adapter.yaml":
            continue
        if path.suffix == ".yml":
            problems.append(file_problem(path, f"rename this file to {path.stem}.yaml"))
        elif SOURCE_NAME.fullmatch(path.stem):
            files.append(path)
        else:
            problems.append(_misnamed(path))
    return files, problems


def _misnamed(path: Path) -> Problem:
    message = "rename this file: a source's name has lower-case letters, digits and '-'"
    return file_problem(path, message)
