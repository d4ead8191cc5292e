"""A process that works at a ledger and dies in the middle, without a chance to tidy up."""

import subprocess
import sys
from pathlib import Path

DEATH = 9
ROOT = Path(__file__).parents[2]


def last_words(program: str, file: Path) -> str:
    """Run a program, with a ledger's file as its argument, that ends in `os._exit(9)`.

    Return what it wrote to standard output until then.
    """
    ended = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == DEATH, ended.stderr
    return ended.stdout
