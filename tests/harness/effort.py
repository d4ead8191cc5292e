"""The effort of the tests: quick in `make test`, full in `make soak`.

`ADAPTER_TESTS=full` asks for the full one: every example, the long forms, ledgers on a real disk.
"""

import os
from typing import TypeVar

T = TypeVar("T")
IS_FULL = os.environ.get("ADAPTER_TESTS") == "full"
FEWEST = 10  # fewer examples than this say little


def examples(full: int) -> int:
    """Return how many examples to draw: `full`, or a quarter of them in the quick run."""
    return by_effort(quick=max(FEWEST, full // 4), full=full)


def by_effort(*, quick: T, full: T) -> T:
    """Return the value for the effort that was asked for."""
    return full if IS_FULL else quick
