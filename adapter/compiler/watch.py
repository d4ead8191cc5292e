"""The files of a configuration on disk, so that a change of any of them can be seen.

By real path, inode, time and size: an editor that writes in place, one that renames over, and
Kubernetes, which swaps the symlink of a ConfigMap's folder, all change at least one of these.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapter.compiler.load import Loaded, load_config
from adapter.compiler.yaml.environment import Outside
from adapter.config.config import Config

Mark = tuple[str, str, int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigFiles:
    """The origin of a running adapter's configuration, to be looked at and loaded again."""

    settings: Path
    environ: Mapping[str, str]
    on_loaded: Callable[[Config], None] = lambda _: None

    def load(self) -> Loaded:
        """Load it, and tell `on_loaded` of what is sound before anybody uses it; raises nothing."""
        loaded = load_config(self.settings, self.environ)
        if loaded.config is not None:
            self.on_loaded(loaded.config)
        return loaded

    def look(self, files: Iterable[str]) -> frozenset[Mark]:
        """Return a value that differs once anything on disk does; see `marks`."""
        return marks(self.settings, files, self.environ)


def marks(settings: Path, files: Iterable[str], environ: Mapping[str, str]) -> frozenset[Mark]:
    """Return a value that differs once a file, a mapping folder or a secret file differs.

    `files` are the files and folders that the configuration was loaded from.
    """
    paths = {settings, *map(Path, files)}
    for folder in list(paths):
        paths |= set(_inside(folder))
    secrets = (Outside.of(path).text for name, path in environ.items() if name.endswith("_FILE"))
    paths |= set(map(Path, filter(None, secrets)))
    return frozenset(mark for path in paths if (mark := _mark(path)) is not None)


def _inside(folder: Path) -> list[Path]:
    """Return a folder's YAML files; none where it is a file, is gone or cannot be read."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [folder / name for name in names if name.endswith((".yaml", ".yml"))]


def _mark(path: Path) -> Mark | None:
    try:
        found = path.stat()
        real = os.path.realpath(path)
    except (OSError, ValueError):  # gone, not ours to see, or no path: absence is the difference
        return None
    return (str(path), real, found.st_ino, found.st_mtime_ns, found.st_size)
