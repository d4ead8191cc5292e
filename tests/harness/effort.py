"""How hard the tests look: `make test` draws few examples, and `make soak` every one.

`ADAPTER_TESTS=full` asks for the full effort.
"""

import os

IS_FULL = os.environ.get("ADAPTER_TESTS") == "full"
LEAST = 10  # fewer examples than this say little


def examples(full: int) -> int:
    """Return how many examples to draw, where the full effort draws `full`: a quarter, or all."""
    return full if IS_FULL else max(LEAST, full // 4)
