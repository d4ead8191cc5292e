"""Where the tests find a real Chromium.

It is `$CHROMIUM`, one on PATH, or playwright's own. `python -m tests.harness.chromium`, which
`make test` runs, installs Debian's where there is none, if it may.
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WANTED = (
    "no Chromium: set $CHROMIUM, put one on PATH, or run `.venv/bin/playwright install chromium`"
)


@cache
def chromium_path() -> str | None:
    """Return the path of a Chromium; None where there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None) or _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is no other

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install Debian's Chromium if there is none, for root alone; the tests say what is missing."""
    if chromium_path() or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for order in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(
            ["apt-get", "-q", *order], check=False, env=environ, stdout=subprocess.DEVNULL
        )


if __name__ == "__main__":
    install()
