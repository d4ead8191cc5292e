"""`make test`: the whole suite in parallel, then the coverage that it must reach.

Where memory has room, the tests' ledgers lie there: on a disk most of the time goes into syncing.
With `ADAPTER_TESTS=full`, as in `make soak`, they lie on the disk, and every example is drawn.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.harness import chromium
from tests.harness.effort import IS_FULL

# Covered branch by branch: the rooms that touch no machine, and what touches it with one finger.
PURE = [
    "adapter/agent.py",
    "adapter/authoring/*",
    "adapter/clock.py",
    "adapter/config/*",
    "adapter/errors.py",
    "adapter/lookup/answers.py",
    "adapter/mapping/*",
    "adapter/model.py",
    "adapter/policy/*",
    "adapter/ringing/signing.py",
    "adapter/values/*",
    "adapter/webhook/*",
]
OVERALL = 95
MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # bytes; the tests fill a quarter of it


def main() -> int:
    """Run the tests and hold the coverage; return the first status that is not zero."""
    chromium.install()
    coverage = [sys.executable, "-m", "coverage"]
    tests = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "worksteal"]
    steps = [
        [*tests, "--cov", "--cov-report=", *sys.argv[1:]],
        [*coverage, "report", f"--include={','.join(PURE)}", "--fail-under=100"],
        [*coverage, "report", f"--fail-under={OVERALL}"],
    ]
    with tempfile.TemporaryDirectory(prefix="adapter-tests-", dir=_place()) as folder:
        environ = os.environ | {"TMPDIR": folder}
        ended = (subprocess.run(step, check=False, env=environ).returncode for step in steps)
        return next((status for status in ended if status), 0)


def _place() -> Path | None:
    """Return where temporary files go: into memory, or None for the usual place."""
    if IS_FULL or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return MEMORY


if __name__ == "__main__":
    sys.exit(main())
