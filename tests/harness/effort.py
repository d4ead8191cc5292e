"""How hard the tests look: a glance in `make test`, everything in `make soak`.

`ADAPTER_TESTS=full` asks for everything: every example, the long forms, ledgers on a real disk.
"""

import os
from typing import TypeVar

T = TypeVar("T")
IS_FULL = os.environ.get("ADAPTER_TESTS") == "full"
FEWEST = 10  # fewer examples than this say little


def examples(full: int) -> int:
    """Return how many examples to draw: `full`, or a quarter of them at a glance."""
    return by_effort(quick=max(FEWEST, full // 4), full=full)


def by_effort(*, quick: T, full: T) -> T:
    """Return what is for a glance, or what is for the full effort."""
    return full if IS_FULL else quick
